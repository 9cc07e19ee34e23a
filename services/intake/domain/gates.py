"""What stands between an organisation and its vacancy (gate B) or the first working day (gate S): R069-R072, R081-R085. Pure."""

from collections.abc import Iterator
from functools import cache
from typing import Literal, NamedTuple

from services.intake.domain.states import Organisation, Vacancy
from shared.messages.code_lists import Answer, Gate
from shared.messages.intake import ReadinessCompleted, ReadinessProgressed
from shared.programme.readiness_catalogue import Item, readiness

Scope = Literal["organisation", "vacancy"]


class Asked(NamedTuple):
    """An item with the answers that count."""

    code: str
    counts: tuple[Answer, ...]


class Missing(NamedTuple):
    """The codes of the items still open, for each gate."""

    b: tuple[str, ...]
    s: tuple[str, ...]

    def met(self, gate: Gate) -> bool:
        """Ready to seek: all of B. Ready to start: all of B and S."""
        return not self.b if gate == "B" else not (self.b or self.s)


@cache
def by_data(scope: Scope, answers: frozenset[str]) -> tuple[str, ...]:
    """The items that a submission's own data answer."""
    items = (item for item in readiness().values() if item.scope == scope and item.answered_by)
    return tuple(item.code for item in items if answers.issuperset(item.answered_by))


def missing(state: Organisation | Vacancy) -> Missing:
    """What is open of an organisation's own items, or of a vacancy's."""
    scope: Scope = "organisation" if isinstance(state, Organisation) else "vacancy"
    b, s = (_still(items, state) for items in _asked(scope, _condition(state)))
    return Missing(b, s)


def _still(items: tuple[Asked, ...], state: Organisation | Vacancy) -> tuple[str, ...]:
    answer, by_data = state.answers.get, state.by_data
    return tuple([code for code, counts in items if answer(code) not in counts and code not in by_data])


@cache
def _asked(scope: Scope, condition: str | None) -> tuple[tuple[Asked, ...], tuple[Asked, ...]]:
    """The items of gate B and of gate S, under the condition that holds."""
    items = [item for item in readiness().values() if item.scope == scope and item.condition in ("always", condition)]
    b, s = (tuple(Asked(item.code, _counting(item)) for item in items if item.gate == gate) for gate in ("B", "S"))
    return b, s


def _counting(item: Item) -> tuple[Answer, ...]:
    return ("yes", "not_applicable") if item.may_not_apply else ("yes",)


def _condition(state: Organisation | Vacancy) -> str | None:
    """The condition that holds: step 1 for the listed sectors (R099), step 4 with a tandem."""
    if isinstance(state, Organisation):
        return "municipality" if state.municipality else None
    return "tandem" if state.tandem else None


def progressed(state: Organisation | Vacancy, open: Missing) -> ReadinessProgressed:
    """What is open now, as everybody may know it."""
    if isinstance(state, Organisation):
        return ReadinessProgressed(state.id, None, open.b, open.s)
    return ReadinessProgressed(state.organisation, state.id, open.b, open.s)


def completed(was: Organisation | Vacancy, state: Organisation | Vacancy, open: Missing) -> Iterator[ReadinessCompleted]:
    """The gates that were met just now."""
    gates: tuple[Gate, ...] = ("B", "S")
    for gate in gates:
        if open.met(gate) and not missing(was).met(gate):
            if isinstance(state, Organisation):
                yield ReadinessCompleted(state.id, None, gate)
            else:
                yield ReadinessCompleted(state.organisation, state.id, gate)
