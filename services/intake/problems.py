"""The problems that a receipt may report (`contract.md` explains them). Pure. No text quotes the event."""

from typing import Literal

from shared.messages.intake import FieldError, Problem

Name = Literal[
    "unreadable-record",
    "too-large",
    "too-complex",
    "no-value",
    "wrong-content-type",
    "batch-mode",
    "not-utf8",
    "not-json",
    "no-cloudevent",
    "invalid-attributes",
    "unknown-type",
    "unknown-version",
    "wrong-source",
    "not-granted",
    "invalid-data",
    "conflict",
    "unknown-reference",
    "not-yours",
    "not-ready",
    "already-open",
]

TYPE_PREFIX = "urn:tandem:problem:"
SEE_ERRORS = "See errors: each has a JSON pointer into the event."

CATALOGUE: dict[Name, tuple[int, bool, str]] = {  # status, retryable, title
    "unreadable-record": (400, False, "The record cannot be read"),
    "too-large": (413, False, "The record is too large"),
    "too-complex": (413, False, "The record has too many parts"),
    "no-value": (400, False, "The record has no value"),
    "wrong-content-type": (415, False, "The content type is not supported"),
    "batch-mode": (415, False, "Batch mode is not supported"),
    "not-utf8": (400, False, "The bytes are not UTF-8"),
    "not-json": (400, False, "The value is not JSON"),
    "no-cloudevent": (400, False, "The value is not a CloudEvent"),
    "invalid-attributes": (400, False, "The event's attributes are not valid"),
    "unknown-type": (422, False, "The type is not known"),
    "unknown-version": (422, False, "The major version of the type is not known"),
    "wrong-source": (403, False, "The source does not belong to the partner that owns this topic"),
    "not-granted": (403, False, "This partner may not publish this kind"),
    "invalid-data": (422, False, "The data do not match the contract"),
    "conflict": (409, False, "This id was used before with another body"),
    "unknown-reference": (404, True, "The event refers to something that is not registered (yet)"),
    "not-yours": (403, False, "The event refers to something that another partner owns"),
    "not-ready": (409, True, "The organisation is not ready for a vacancy"),
    "already-open": (409, False, "The vacancy is already open"),
}


def problem(name: Name, detail: str, *errors: FieldError, missing: tuple[str, ...] = ()) -> Problem:
    """Return an RFC 9457 problem of the catalogue. `retryable` means that the same event may be accepted later."""
    status, retryable, title = CATALOGUE[name]
    return Problem(f"{TYPE_PREFIX}{name}", title, detail, status, retryable, errors, missing)
