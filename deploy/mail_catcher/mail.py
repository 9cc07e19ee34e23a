"""One caught mail, read leniently: whatever came in can be shown."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import tzinfo
from email import message_from_bytes, policy
from email.message import EmailMessage, Message
from email.utils import parsedate_to_datetime


@dataclass(frozen=True)
class Mail:
    """`name` is that of its file, without the ending."""

    name: str
    message: EmailMessage

    def header(self, name: str) -> str:
        """A header as text; empty when there is none or nobody can read it."""
        try:
            return str(self.message.get(name, "")).strip()
        except Exception:  # the standard parser raises all sorts of errors on hostile headers
            return ""

    def parts(self, content_type: str) -> Iterator[str]:
        """The text of every part of this type."""
        for part in self.message.walk():
            if part.get_content_type() == content_type:
                yield text_of(part)

    def time(self, zone: tzinfo) -> str:
        """Its own Date on the clocks of a zone; as it came where nobody can read it."""
        try:
            return f"{parsedate_to_datetime(self.header('Date')).astimezone(zone):%Y-%m-%d %H:%M:%S}"
        except (ValueError, OverflowError):
            return self.header("Date")

    def summary(self) -> dict[str, str]:
        """What a list shows of it; `time` is the mail's own Date."""
        headers = {"time": "Date", "to": "To", "subject": "Subject", "message_id": "Message-ID"}
        return {"name": self.name} | {key: self.header(header) for key, header in headers.items()}


def read(name: str, content: bytes) -> Mail:
    message = message_from_bytes(content, policy=policy.default)
    assert isinstance(message, EmailMessage)
    return Mail(name, message)


def text_of(part: Message) -> str:
    """What cannot be decoded is replaced."""
    payload = part.get_payload(decode=True)
    content = payload if isinstance(payload, bytes) else str(payload).encode()
    try:
        return content.decode(part.get_content_charset() or "utf-8", errors="replace")
    except LookupError:
        return content.decode(errors="replace")
