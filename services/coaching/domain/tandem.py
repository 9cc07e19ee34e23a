"""A tandem and its evaluation. Pure."""

from datetime import date, time
from uuid import UUID

import msgspec
from msgspec.structs import replace

from shared.messages.coaching import EvaluationCompleted, EvaluationDue, EvaluationScheduled, ExplorationStarted, StartWaiting
from shared.messages.envelope import Message
from shared.messages.matching import TandemFormed
from shared.programme.policy import Policy


class Evaluation(msgspec.Struct, frozen=True):
    """The fixed evaluation: a local date, a local time if people chose one, and their zone.

    `sequence` counts its moves; `held_on` is the local date on which it was held."""

    on: date
    at: time | None
    zone: str
    sequence: int
    held_on: date | None = None


class Tandem(msgspec.Struct, frozen=True):
    """A tandem; `formed` and `evaluation` are set together, when matching forms it.

    `policy_version`: the version in force when the evaluation was scheduled last. `start_blocked`: `StartWaiting` has been
    published. `invited`: the invitation to the evaluation was sent."""

    tandem: UUID
    policy_version: int = 0
    formed: TandemFormed | None = None
    evaluation: Evaluation | None = None
    start_blocked: bool = False
    exploring_since: date | None = None
    invited: bool = False


def evolve(policy: Policy, tandem: Tandem, event: Message) -> Tandem:
    """Return the tandem after an event; events of readiness leave it unchanged. It does not compare ids: see `keys`."""
    match event:
        case TandemFormed():
            return replace(tandem, formed=tandem.formed or event)
        case EvaluationScheduled():
            evaluation = Evaluation(event.on, event.at, event.zone, event.sequence)
            return replace(tandem, policy_version=policy.version, evaluation=evaluation)
        case EvaluationDue(stage="invitation"):
            return replace(tandem, invited=True)
        case EvaluationCompleted() if tandem.evaluation:
            return replace(tandem, evaluation=replace(tandem.evaluation, held_on=event.held_on))
        case StartWaiting():
            return replace(tandem, start_blocked=True)
        case ExplorationStarted():
            return replace(tandem, exploring_since=event.started_on)
        case _:
            return tandem
