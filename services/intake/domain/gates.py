"""The missing items of gate B (before a vacancy opens) and gate S (before the first working day); R069-R072, R081-R085. Pure."""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import ClassVar, Literal, NamedTuple
from uuid import UUID

from services.intake.domain.states import OwnedState
from shared.messages.code_lists import Gate, ReadinessAnswer
from shared.messages.intake import ReadinessCompleted, ReadinessProgressed
from shared.programme.readiness_catalogue import Item, readiness_items

Scope = Literal["organisation", "vacancy"]
GATES: tuple[Gate, ...] = ("B", "S")


class ReadinessState(OwnedState, frozen=True):
    """An entity that answers items of the readiness catalogue: in its submission (`answered_by_data`) or in reports (`answers`).

    `optional_texts`: the fields of texts on the private topic that a later submission or report may leave out.
    """

    scope: ClassVar[Scope]
    answered_by_data: tuple[str, ...]
    answers: Mapping[str, ReadinessAnswer]
    optional_texts: tuple[str, ...]

    @property
    def condition(self) -> str | None:
        """The condition of the catalogue that holds for this entity; items under another condition are not asked."""
        raise NotImplementedError

    @property
    def organisation_and_vacancy(self) -> tuple[UUID, UUID | None]:
        """The ids that messages about its readiness carry."""
        raise NotImplementedError


class RequiredItem(NamedTuple):
    """The code of an item, and the answers that meet it."""

    code: str
    answers: tuple[ReadinessAnswer, ...]


class Missing(NamedTuple):
    """The codes of the missing items, for each gate."""

    b: tuple[str, ...]
    s: tuple[str, ...]

    def meets(self, gate: Gate) -> bool:
        """Return True if the gate is met. Gate S includes the items of gate B."""
        return not self.b if gate == "B" else not (self.b or self.s)


@cache
def items_answered_by(scope: Scope, data: frozenset[str]) -> tuple[str, ...]:
    """The codes of the items that the submitted data answer (`answered_by` in the catalogue)."""
    items = (item for item in readiness_items().values() if item.scope == scope and item.answered_by)
    return tuple(item.code for item in items if data.issuperset(item.answered_by))


def missing_items(state: ReadinessState) -> Missing:
    """The items of an organisation itself, or of one vacancy, that are not met."""
    b, s = (_missing(items, state) for items in _required(state.scope, state.condition))
    return Missing(b, s)


def _missing(items: tuple[RequiredItem, ...], state: ReadinessState) -> tuple[str, ...]:
    answer, answered_by_data = state.answers.get, state.answered_by_data
    return tuple([code for code, answers in items if answer(code) not in answers and code not in answered_by_data])


@cache
def _required(scope: Scope, condition: str | None) -> tuple[tuple[RequiredItem, ...], tuple[RequiredItem, ...]]:
    """The items of gate B and of gate S under one condition."""
    items = [item for item in readiness_items().values() if item.scope == scope and item.condition in ("always", condition)]
    b, s = (tuple(RequiredItem(item.code, _meeting_answers(item)) for item in items if item.gate == gate) for gate in GATES)
    return b, s


def _meeting_answers(item: Item) -> tuple[ReadinessAnswer, ...]:
    return ("yes", "not_applicable") if item.may_not_apply else ("yes",)


def progressed(state: ReadinessState, missing: Missing) -> ReadinessProgressed:
    """The message that publishes the missing items."""
    return ReadinessProgressed(*state.organisation_and_vacancy, missing.b, missing.s)


def completed(before: ReadinessState, after: ReadinessState, missing: Missing) -> Iterator[ReadinessCompleted]:
    """Yield a message for each gate that is met now and was not met before. `missing` is of the state `after`."""
    for gate in GATES:
        if missing.meets(gate) and not missing_items(before).meets(gate):
            yield ReadinessCompleted(*after.organisation_and_vacancy, gate)
