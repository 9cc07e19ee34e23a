"""Resolution of the references in a submission to states of the same partner. Pure."""

from collections.abc import Mapping, Sequence
from typing import TypeVar

from services.intake.domain import receipts
from services.intake.domain.states import KeyedState, OwnedState
from services.intake.domain.submission import Submission
from shared.messages.intake import Receipt

S = TypeVar("S", bound=OwnedState)


def resolve_reference(
    state_type: type[S], states: Mapping[str, KeyedState], candidates: Sequence[str], submission: Submission, pointer: str
) -> S | Receipt:
    """Return the first state of this type among the candidate keys, or a receipt that rejects the submission.

    The rejection is retryable if the state may still be submitted, and final if it belongs to another partner.
    """
    for key in candidates:
        state = states[key]
        if isinstance(state, state_type):
            if state.owner == submission.record.partner:
                return state
            return receipts.rejected_field(submission, "not-yours", pointer, "belongs to another partner")
    why = "is not registered (yet): submit it first, then resend this event"
    return receipts.rejected_field(submission, "unknown-reference", pointer, why)
