"""What an event refers to: there, and the partner's own, or a receipt that says why not. Pure."""

from collections.abc import Mapping, Sequence
from typing import TypeVar

from services.intake.domain import receipts
from services.intake.domain.inputs import Submitted
from services.intake.domain.states import Organisation, State, Vacancy
from shared.messages.intake import Receipt

K = TypeVar("K", Organisation, Vacancy)


def resolve_reference(
    kind: type[K], states: Mapping[str, State], meant: Sequence[str], heard: Submitted, pointer: str
) -> K | Receipt:
    """The state that a reference means, the partner's own id first; else the refusal, retryable when it may still come."""
    for key in meant:
        state = states[key]
        if isinstance(state, kind):
            if state.owner == heard.arrival.partner:
                return state
            return receipts.refused(heard, "not-yours", pointer, "belongs to another partner")
    return receipts.refused(heard, "unknown-reference", pointer, "is not known, or not yet: send it first, and then this again")
