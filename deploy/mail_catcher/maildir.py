"""The folder of received emails: a numbered `.eml` for each, unchanged, with an HTML page beside it."""

import re
from pathlib import Path

from deploy.mail_catcher.mail import Mail, parse_mail
from deploy.mail_catcher.pages import mail_page

MAX_SLUG_LENGTH = 36


class MailDir:
    """Stores emails as files; another copy with the same Message-ID is another file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.mkdir(parents=True, exist_ok=True)
        self._last_number = max(map(number, self.names()), default=0)

    def add(self, content: bytes) -> None:
        """Store an email. Its `.eml` is written last and atomically."""
        self._last_number += 1
        name = f"{self._last_number:04}-{slug(parse_mail('', content).header('Subject'))}"
        self._write(f"{name}.html", mail_page(parse_mail(name, content)).encode(errors="replace"))
        self._write(f"{name}.eml", content)

    def names(self) -> list[str]:
        """Return the names of all emails, oldest first."""
        return sorted((file.stem for file in self.path.glob("[0-9]*-*.eml")), key=number)

    def mails(self, after: int = 0) -> list[Mail]:
        """Return the emails with a number above `after`, oldest first."""
        return [parse_mail(name, self.read(f"{name}.eml")) for name in self.names() if number(name) > after]

    def read(self, file: str) -> bytes:
        return (self.path / file).read_bytes()

    def _write(self, file: str, content: bytes) -> None:
        temporary = self.path / f".{file}"
        temporary.write_bytes(content)
        temporary.replace(self.path / file)


def number(name: str) -> int:
    return int(name.partition("-")[0])


def slug(text: str) -> str:
    """Return text that is safe in a file name: a-z, 0-9 and hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower())[:MAX_SLUG_LENGTH].strip("-") or "mail"
