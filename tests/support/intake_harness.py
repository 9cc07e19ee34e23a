"""Intake's ingress and decider without Kafka or PostgreSQL: records in, messages out, states in a dictionary."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

from services.intake.contract import KINDS, STRUCTURED, example
from services.intake.domain.decider import decider
from services.intake.domain.inputs import Input
from services.intake.domain.states import KeyedState
from services.intake.identity import identify_with
from services.intake.ingress import decoder
from shared.kafka.record import StoredRecord
from shared.messages.envelope import Envelope, Message
from shared.messages.intake import Receipt
from shared.pipeline.decider import step
from shared.programme.policy import Partner, Policy, load_policy

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
POLICY_FILE = Path("deploy/config/policy.toml")


@cache
def policy() -> Policy:
    """The programme's policy with two more partners: one with all kinds, one that may only submit experts."""
    ours = load_policy(POLICY_FILE)
    more = (Partner(id="other", grants=tuple(KINDS)), Partner(id="school", grants=("expert-submitted",)))
    return ours.model_copy(update={"partners": (*ours.partners, *more)})


class IntakeHarness:
    """Processes one record at a time; each gets the next offset of its topic's only partition."""

    def __init__(self, chosen: Policy | None = None) -> None:
        chosen = chosen or policy()
        grants = {partner.id: frozenset[str](partner.grants) for partner in chosen.partners}
        self.decode = decoder(lambda partner: grants.get(partner, frozenset()))
        self.decider = decider(chosen, identify_with("a secret for tests"))
        self.states: dict[str, KeyedState] = {}
        self.offset = -1

    def process(
        self,
        value: Mapping[str, Any] | bytes | None,
        partner: str = "demo",
        headers: Sequence[tuple[str, bytes]] = STRUCTURED,
        at: datetime = NOON,
    ) -> list[Message]:
        """Return what intake publishes for a record that arrives at `at`, the receipt first."""
        self.offset += 1
        body = json.dumps(value).encode() if isinstance(value, Mapping) else value
        sent = StoredRecord(f"tandem.partner.{partner}.submissions", 0, self.offset, self.offset, None, body, headers)
        return self.decide(self.decode(sent, at))

    def decide(self, incoming: Envelope[Input]) -> list[Message]:
        keys = self.decider.keys(incoming.data)
        states = {key: self.states.get(key) or self.decider.initial_state(key) for key in keys}
        before = dict(states)
        messages, _ = step(self.decider, states, incoming)
        self.states |= {key: state for key, state in states.items() if state != before[key]}
        return messages

    def receipt(self, *record: Any, **more: Any) -> Receipt:
        """Process a record and return its receipt alone."""
        receipt = self.process(*record, **more)[0]
        assert isinstance(receipt, Receipt)
        return receipt


def event(kind: str, id: str = "event-1", partner: str = "demo", without: Sequence[str] = (), **data: Any) -> dict[str, Any]:
    """The contract's example of this kind, with `data` merged in and the fields `without` left out."""
    made = example(kind, partner, id, NOON)
    made["data"] = {name: value for name, value in {**made["data"], **data}.items() if name not in without}
    return made


def of_kind(messages: Sequence[Message], kind: type[Message]) -> list[Any]:
    """The messages of one kind."""
    return [message for message in messages if isinstance(message, kind)]


def tandem_id(receipt: Receipt) -> UUID:
    assert receipt.tandem_id
    return receipt.tandem_id
