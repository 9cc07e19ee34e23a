"""Signed links: personal, for one purpose and one thing; they age, and die with the address that they were sent to."""

import hmac
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import NamedTuple, get_args
from uuid import UUID

from itsdangerous import BadSignature, Signer

from services.notify.domain.emails import PROGRAMME, Person
from services.notify.page_routes import PURPOSES, Purpose
from shared.messages.code_lists import Role, Side

ROLES: tuple[Role, ...] = get_args(Role)
KINDS = ("organisation", "expert", "vacancy", "match", "tandem", PROGRAMME)
SECONDS_A_DAY = 86_400
ABOUT, MARK, SINCE, SUBJECT = slice(5, 21), slice(21, 27), slice(27, 31), slice(31, None)


class Link(NamedTuple):
    """What one person may see and do on one page. `about` is the key of the thing; `mark` stands for the person's address, and
    `since` is the second at which the link was first written."""

    purpose: Purpose
    about: str
    person: Person
    mark: bytes
    since: int

    @property
    def side(self) -> Side:
        return "expert" if self.person.role == "expert" else "organisation"


class ExpiredLink(Exception):
    """The link was ours, and is too old, or was for somebody who had this role before."""


class InvalidLink(Exception):
    """No link of ours."""


class Links:
    """Writes and reads links. Their age is measured by the machine's clock, which guards the system; the secret signs them."""

    def __init__(self, secret: str, url: str, days: int) -> None:
        self.signer, self.url, self.seconds = Signer(secret, salt="link"), url.rstrip("/"), days * SECONDS_A_DAY

    def link(self, purpose: Purpose, about: str, person: Person, email: str) -> Link:
        """A new link for whoever is reached at this address."""
        return Link(purpose, about, person, self.mark(email), int(time.time()))

    def mark(self, email: str) -> bytes:
        """Stands for an address in a link, and tells a stranger nothing of it."""
        return hmac.digest(self.signer.derive_key(), email.strip().lower().encode(), "sha256")[:6]

    def written(self, link: Link) -> str:
        """The address of the page. A link made out of another keeps its age."""
        return f"{self.url}/{link.purpose}/{self.signer.sign(urlsafe_b64encode(_packed(link)).rstrip(b'=')).decode()}"

    def read(self, purpose: str, token: str) -> Link:
        """The link behind a token of this purpose. Raises `Expired` or `Unknown`."""
        try:
            link = _unpacked(self.signer.unsign(token))
        except (BadSignature, ValueError, IndexError) as error:
            raise InvalidLink from error
        if link.purpose != purpose:
            raise InvalidLink
        if time.time() - link.since > self.seconds:
            raise ExpiredLink
        return link


def _packed(link: Link) -> bytes:
    """Short, so that a mail's text stays readable: what it is for, who, since when, and the two ids."""
    role, nth = ROLES.index(link.person.role), link.person.nth
    head = bytes([PURPOSES.index(link.purpose), role, nth, _kind(link.about), _kind(link.person.subject)])
    return head + _id(link.about) + link.mark + link.since.to_bytes(4) + _id(link.person.subject)


def _unpacked(token: bytes) -> Link:
    raw = urlsafe_b64decode(token + b"=" * (-len(token) % 4))
    purpose, role, nth, about, subject = raw[:5]
    person = Person(_key(subject, raw[SUBJECT]), ROLES[role], nth)
    return Link(PURPOSES[purpose], _key(about, raw[ABOUT]), person, raw[MARK], int.from_bytes(raw[SINCE]))


def _kind(key: str) -> int:
    return KINDS.index(key.partition("/")[0])


def _id(key: str) -> bytes:
    return b"" if key == PROGRAMME else UUID(key.partition("/")[2]).bytes


def _key(kind: int, id: bytes) -> str:
    return KINDS[kind] if KINDS[kind] == PROGRAMME else f"{KINDS[kind]}/{UUID(bytes=id)}"
