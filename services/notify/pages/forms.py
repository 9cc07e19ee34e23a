"""A form as it arrives: a small body, read strictly, and the message that follows from it."""

from collections.abc import Mapping
from datetime import datetime
from urllib.parse import parse_qsl
from uuid import UUID

from starlette.exceptions import HTTPException
from starlette.requests import Request

from services.notify.domain.heard import PageAnswered
from services.notify.links import Link
from shared.messages.envelope import Envelope, derived
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


def answered(link: Link, nonce: str, reply: Reply, words: str, now: datetime) -> Envelope[PageAnswered]:
    """The message that a form becomes. The same button twice has the same id; another rendering of the form has another."""
    person = link.person
    name = f"{link.purpose}/{link.about}/{person.subject}/{person.role}/{person.nth}/{nonce}"
    message = PageAnswered(person.role, reply, words)
    return Envelope(id=derived(ROOT, name), source="/tandem/notify", subject=message.subject, time=now, data=message)
