"""Lenient reading of a received email: whatever its content, it can be shown."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import tzinfo
from email import message_from_bytes, policy
from email.message import EmailMessage, Message
from email.utils import parsedate_to_datetime


@dataclass(frozen=True)
class Mail:
    """A received email; `name` is the name of its file without the suffix."""

    name: str
    message: EmailMessage

    def header(self, name: str) -> str:
        """Return a header as text; empty if it is absent or cannot be parsed."""
        try:
            return str(self.message.get(name, "")).strip()
        except Exception:  # the standard parser raises many kinds of errors on hostile headers
            return ""

    @property
    def message_id(self) -> str:
        return self.header("Message-ID")

    @property
    def email_id(self) -> str:
        """Notify's id of the email: the local part of the Message-ID."""
        return self.message_id.strip("<>").partition("@")[0]

    def parts(self, content_type: str) -> Iterator[str]:
        """Yield the text of every part of this type."""
        for part in self.message.walk():
            if part.get_content_type() == content_type:
                yield part_text(part)

    def part(self, content_type: str) -> str:
        """Return the text of the first part of this type; empty if there is none."""
        return next(self.parts(content_type), "")

    def summary(self) -> dict[str, str]:
        """Return the fields that a list shows; `time` is the Date header."""
        headers = {"time": "Date", "to": "To", "subject": "Subject", "message_id": "Message-ID"}
        return {"name": self.name} | {key: self.header(header) for key, header in headers.items()}


def local_time(date: str, zone: tzinfo) -> str:
    """Return a Date header as local time in `zone`, or unchanged if it cannot be parsed."""
    try:
        return f"{parsedate_to_datetime(date).astimezone(zone):%Y-%m-%d %H:%M:%S}"
    except (ValueError, OverflowError):
        return date


def parse_mail(name: str, content: bytes) -> Mail:
    message = message_from_bytes(content, policy=policy.default)
    assert isinstance(message, EmailMessage)
    return Mail(name, message)


def part_text(part: Message) -> str:
    """Return the decoded text of a part, with undecodable bytes replaced."""
    payload = part.get_payload(decode=True)
    content = payload if isinstance(payload, bytes) else str(payload).encode()
    try:
        return content.decode(part.get_content_charset() or "utf-8", errors="replace")
    except LookupError:
        return content.decode(errors="replace")
