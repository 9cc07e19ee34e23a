"""Signed page links: one person, one purpose, one entity. A link expires with age, or when the role passes to another address."""

import hmac
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import NamedTuple, get_args
from uuid import UUID

from itsdangerous import BadSignature, Signer

from services.notify.domain.people import PROGRAMME, Person
from services.notify.page_routes import PURPOSES, Purpose
from shared.messages.code_lists import Role, Side

ROLES: tuple[Role, ...] = get_args(Role)
KINDS = ("organisation", "expert", "vacancy", "match", "tandem", PROGRAMME)
SECONDS_PER_DAY = 86_400
ABOUT, RECIPIENT_TAG, ISSUED_AT, SUBJECT = slice(5, 21), slice(21, 27), slice(27, 31), slice(31, None)


class Link(NamedTuple):
    """A person's access to one page.

    `about` is the entity key that the page concerns, `recipient_tag` a keyed hash of the person's email address, and `issued_at`
    the Unix time in seconds at which the link was issued.
    """

    purpose: Purpose
    about: str
    person: Person
    recipient_tag: bytes
    issued_at: int

    @property
    def side(self) -> Side:
        return "expert" if self.person.role == "expert" else "organisation"


class ExpiredLink(Exception):
    """A genuine link that is too old, or whose role has since passed to another address."""

    def __init__(self, link: Link) -> None:
        super().__init__(link.purpose)
        self.link = link


class InvalidLink(Exception):
    """A token that was not signed with our secret, or was signed for another purpose."""


class Links:
    """Issuer, signer and verifier of links. Ages follow the system clock, not the programme's clock: they guard access."""

    def __init__(self, secret: str, base_url: str, max_age_days: int) -> None:
        self.signer, self.base_url = Signer(secret, salt="link"), base_url.rstrip("/")
        self.max_age_seconds = max_age_days * SECONDS_PER_DAY

    def issue(self, purpose: Purpose, about: str, person: Person, email: str) -> Link:
        """Return a link issued now for the person who is reached at this address."""
        return Link(purpose, about, person, self.recipient_tag(email), int(time.time()))

    def recipient_tag(self, email: str) -> bytes:
        """Return six bytes that identify an address without revealing it; case and surrounding spaces do not count."""
        return hmac.digest(self.signer.derive_key(), email.strip().lower().encode(), "sha256")[:6]

    def url_for(self, link: Link) -> str:
        """Return the page's signed address. A link derived from another one with `_replace` keeps its age."""
        return f"{self.base_url}/{link.purpose}/{self.signer.sign(urlsafe_b64encode(_pack(link)).rstrip(b'=')).decode()}"

    def verify(self, purpose: str, token: str) -> Link:
        """Return the link that a token of this purpose was signed for. Raises `ExpiredLink` or `InvalidLink`."""
        try:
            link = _unpack(self.signer.unsign(token))
        except (BadSignature, ValueError, IndexError) as error:
            raise InvalidLink from error
        if link.purpose != purpose:
            raise InvalidLink
        if time.time() - link.issued_at > self.max_age_seconds:
            raise ExpiredLink(link)
        return link


def _pack(link: Link) -> bytes:
    """Encode a link in few bytes, because plain-text emails show the whole address. Links in mailboxes rely on this layout."""
    role, nth = ROLES.index(link.person.role), link.person.nth
    head = bytes([PURPOSES.index(link.purpose), role, nth, _kind_index(link.about), _kind_index(link.person.subject)])
    return head + _id_bytes(link.about) + link.recipient_tag + link.issued_at.to_bytes(4) + _id_bytes(link.person.subject)


def _unpack(token: bytes) -> Link:
    raw = urlsafe_b64decode(token + b"=" * (-len(token) % 4))
    purpose, role, nth, about, subject = raw[:5]
    person = Person(_entity_key(subject, raw[SUBJECT]), ROLES[role], nth)
    return Link(PURPOSES[purpose], _entity_key(about, raw[ABOUT]), person, raw[RECIPIENT_TAG], int.from_bytes(raw[ISSUED_AT]))


def _kind_index(key: str) -> int:
    return KINDS.index(key.partition("/")[0])


def _id_bytes(key: str) -> bytes:
    return b"" if key == PROGRAMME else UUID(key.partition("/")[2]).bytes


def _entity_key(kind: int, id: bytes) -> str:
    return KINDS[kind] if KINDS[kind] == PROGRAMME else f"{KINDS[kind]}/{UUID(bytes=id)}"
