"""What stands between an organisation and its vacancy (gate B) or the first working day (gate S): R069-R072, R081-R085. Pure."""

from collections.abc import Iterator, Mapping
from typing import Literal, NamedTuple

from services.intake.domain.states import Organisation, Vacancy
from shared.catalogue import Item, readiness
from shared.messages.codes import Answer, Gate
from shared.messages.intake import ReadinessCompleted, ReadinessProgressed

Scope = Literal["organisation", "vacancy"]


class Missing(NamedTuple):
    """The codes of the items still open, for each gate."""

    b: tuple[str, ...]
    s: tuple[str, ...]

    def met(self, gate: Gate) -> bool:
        """Ready to seek: all of B. Ready to start: all of B and S."""
        return not self.b if gate == "B" else not (self.b or self.s)


def by_data(scope: Scope, answers: frozenset[str]) -> tuple[str, ...]:
    """The items that a submission's own data answer."""
    items = (item for item in readiness().values() if item.scope == scope and item.answered_by)
    return tuple(item.code for item in items if answers.issuperset(item.answered_by))


def missing(state: Organisation | Vacancy) -> Missing:
    """What is open of an organisation's own items, or of a vacancy's."""
    scope: Scope = "organisation" if isinstance(state, Organisation) else "vacancy"
    condition = _condition(state)
    asked = [item for item in readiness().values() if item.scope == scope and item.condition in ("always", condition)]
    still = [item for item in asked if item.code not in state.by_data and not _counts(item, state.answers)]
    return Missing(tuple(i.code for i in still if i.gate == "B"), tuple(i.code for i in still if i.gate == "S"))


def _condition(state: Organisation | Vacancy) -> str | None:
    """The condition that holds: step 1 for the listed sectors (R099), step 4 with a tandem."""
    if isinstance(state, Organisation):
        return "municipality" if state.municipality else None
    return "tandem" if state.tandem else None


def _counts(item: Item, answers: Mapping[str, Answer]) -> bool:
    answer = answers.get(item.code)
    return answer == "yes" or (answer == "not_applicable" and item.may_not_apply)


def progressed(state: Organisation | Vacancy, open: Missing) -> ReadinessProgressed:
    """What is open now, as everybody may know it."""
    if isinstance(state, Organisation):
        return ReadinessProgressed(state.id, None, open.b, open.s)
    return ReadinessProgressed(state.organisation, state.id, open.b, open.s)


def completed(state: Organisation | Vacancy, before: Missing, now: Missing) -> Iterator[ReadinessCompleted]:
    """The gates that were met just now."""
    gates: tuple[Gate, ...] = ("B", "S")
    for gate in gates:
        if now.met(gate) and not before.met(gate):
            if isinstance(state, Organisation):
                yield ReadinessCompleted(state.id, None, gate)
            else:
                yield ReadinessCompleted(state.organisation, state.id, gate)
