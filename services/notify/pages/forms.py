"""From a form's POST to a message: reads a small body strictly, and derives the message's id from its content."""

from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import sha256
from urllib.parse import parse_qsl
from uuid import UUID

from starlette.exceptions import HTTPException
from starlette.requests import Request

from services.notify.domain.inputs import LinkRequested, PageAnswered
from services.notify.links import Link
from services.notify.pages.views import Submission
from shared.messages.envelope import Envelope
from shared.messages.ids import deterministic_uuid

MAX_BODY_BYTES, MAX_FIELDS, MAX_NONCE_LENGTH = 32_768, 40, 64
NAMESPACE = UUID("0b6b7f5e-3f0a-5c2c-8f6d-1f1f4a1f9a02")


async def read_fields(request: Request) -> Mapping[str, str]:
    """Return the fields of a URL-encoded form.

    Raises `HTTPException`: 415 for another content type, 413 for a body that is too large, 400 for one that is malformed.
    """
    if request.headers.get("content-type", "").split(";")[0].strip().lower() != "application/x-www-form-urlencoded":
        raise HTTPException(415)
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY_BYTES:
            raise HTTPException(413)
    try:
        pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=MAX_FIELDS)
    except ValueError:
        raise HTTPException(400) from None
    return {_clean(name): _clean(value) for name, value in pairs}


def _clean(text: str) -> str:
    """Return the text as a browser counts it: it sends each line break as two characters. PostgreSQL stores no NUL."""
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "")


def has_valid_nonce(fields: Mapping[str, str]) -> bool:
    return 0 < len(fields.get("nonce", "")) <= MAX_NONCE_LENGTH


def reply_id(link: Link, fields: Mapping[str, str]) -> UUID:
    """Return the id of an answer: equal if a button is pressed twice, different for a new rendering or corrected fields."""
    content = "\0".join(f"{name}={value}" for name, value in sorted(fields.items()))
    return deterministic_uuid(NAMESPACE, f"{sender(link)}/{sha256(content.encode()).hexdigest()}")


def sender(link: Link) -> str:
    """Return the page and the person of a link, however often it was issued."""
    person = link.person
    return f"{link.purpose}/{link.about}/{person.subject}/{person.role}/{person.nth}"


def link_request(link: Link, now: datetime) -> Envelope[LinkRequested]:
    """Return the request for a new link; `now` is aware. Repeated on the same day, it has the same id."""
    message = LinkRequested(link.about, link.purpose, link.person)
    sender = f"{link.purpose}/{link.about}/{link.person.subject}/{link.person.role}/{link.person.nth}"
    id = deterministic_uuid(NAMESPACE, f"new-link/{sender}/{now.astimezone(UTC):%Y-%m-%d}")
    return Envelope(id=id, source="/tandem/notify", subject=message.subject, time=now, data=message)


def to_envelope(id: UUID, link: Link, submission: Submission, now: datetime) -> Envelope[PageAnswered]:
    """Return the message that a form becomes; `now` is aware."""
    message = PageAnswered(link.person.role, submission.reply, submission.words, link.person.nth)
    return Envelope(id=id, source="/tandem/notify", subject=message.subject, time=now, data=message)
