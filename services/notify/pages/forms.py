"""A form as it arrives: a small body, read strictly, and the message that follows from it."""

from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from urllib.parse import parse_qsl
from uuid import UUID

from starlette.exceptions import HTTPException
from starlette.requests import Request

from services.notify.domain.inputs import PageAnswered
from services.notify.links import Link
from shared.messages.envelope import Envelope, deterministic_uuid
from shared.messages.notify import Reply

MOST_BYTES, MOST_FIELDS, LONGEST_NONCE = 32_768, 40, 64
ROOT = UUID("0b6b7f5e-3f0a-5c2c-8f6d-1f1f4a1f9a02")


async def fields(request: Request) -> Mapping[str, str]:
    """The fields of an ordinary form. Raises `HTTPException` for another kind of body, or too large a one."""
    if request.headers.get("content-type", "").split(";")[0].strip().lower() != "application/x-www-form-urlencoded":
        raise HTTPException(415)
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > MOST_BYTES:
            raise HTTPException(413)
    try:
        pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS)
    except ValueError:
        raise HTTPException(400) from None
    return {name: value.replace("\x00", "") for name, value in pairs}


def id_of(link: Link, sent: Mapping[str, str]) -> UUID:
    """An answer's id: the same button twice is one; another rendering, another form or a corrected answer is another."""
    person, fields = link.person, "\0".join(f"{name}={value}" for name, value in sorted(sent.items()))
    who = f"{link.purpose}/{link.about}/{person.subject}/{person.role}/{person.nth}"
    return deterministic_uuid(ROOT, f"{who}/{sha256(fields.encode()).hexdigest()}")


def answered(id: UUID, link: Link, reply: Reply, words: str, now: datetime) -> Envelope[PageAnswered]:
    """The message that a form becomes."""
    message = PageAnswered(link.person.role, reply, words)
    return Envelope(id=id, source="/tandem/notify", subject=message.subject, time=now, data=message)
