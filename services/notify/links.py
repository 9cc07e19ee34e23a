"""Signed links: personal, for one purpose and one thing, and they age."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Literal, NamedTuple, get_args
from uuid import UUID

from itsdangerous import BadSignature, SignatureExpired, TimestampSigner

from services.notify.domain.letters import PROGRAMME, Person
from shared.messages.codes import Role, Side

Purpose = Literal["stappen", "volgende-stap", "lijst", "voorstel", "start", "gesprek", "hulp"]
PURPOSES: tuple[Purpose, ...] = get_args(Purpose)
ROLES: tuple[Role, ...] = get_args(Role)
KINDS = ("organisation", "expert", "vacancy", "match", "tandem", PROGRAMME)
SECONDS_A_DAY = 86_400


class Link(NamedTuple):
    """What one person may see and do on one page. `about` is the key of the thing."""

    purpose: Purpose
    about: str
    person: Person

    @property
    def side(self) -> Side:
        return "expert" if self.person.role == "expert" else "organisation"


class Expired(Exception):
    """The link was ours, and is too old."""


class Unknown(Exception):
    """No link of ours."""


class Links:
    """Writes and reads links. Their age is measured by the machine's clock, which guards the system; the secret signs them."""

    def __init__(self, secret: str, url: str, days: int) -> None:
        self.signer, self.url, self.seconds = TimestampSigner(secret, salt="link"), url.rstrip("/"), days * SECONDS_A_DAY

    def written(self, link: Link) -> str:
        """The address of the page."""
        return f"{self.url}/{link.purpose}/{self.signer.sign(urlsafe_b64encode(_packed(link)).rstrip(b'=')).decode()}"

    def read(self, purpose: str, token: str) -> Link:
        """The link behind a token of this purpose. Raises `Expired` or `Unknown`."""
        try:
            link = _unpacked(self.signer.unsign(token, max_age=self.seconds))
        except SignatureExpired as error:
            raise Expired from error
        except (BadSignature, ValueError, IndexError) as error:
            raise Unknown from error
        if link.purpose != purpose:
            raise Unknown
        return link


def _packed(link: Link) -> bytes:
    """Short, so that a mail's text stays readable: what it is for, who, and the two ids."""
    role, nth = ROLES.index(link.person.role), link.person.nth
    head = bytes([PURPOSES.index(link.purpose), role, nth, _kind(link.about), _kind(link.person.subject)])
    return head + _id(link.about) + _id(link.person.subject)


def _unpacked(token: bytes) -> Link:
    raw = urlsafe_b64decode(token + b"=" * (-len(token) % 4))
    purpose, role, nth, about, subject = raw[:5]
    person = Person(_key(subject, raw[21:]), ROLES[role], nth)
    return Link(PURPOSES[purpose], _key(about, raw[5:21]), person)


def _kind(key: str) -> int:
    return KINDS.index(key.partition("/")[0])


def _id(key: str) -> bytes:
    return b"" if key == PROGRAMME else UUID(key.partition("/")[2]).bytes


def _key(kind: int, id: bytes) -> str:
    return KINDS[kind] if KINDS[kind] == PROGRAMME else f"{KINDS[kind]}/{UUID(bytes=id)}"
