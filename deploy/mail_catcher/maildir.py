"""The folder of caught mails: each a numbered `.eml` as it came, and beside it a page to look at."""

import re
from pathlib import Path

from deploy.mail_catcher.mail import Mail, read
from deploy.mail_catcher.pages import mail_page

LONGEST = 36


class MailDir:
    """Every mail counts: a second copy with the same Message-ID is a second file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.mkdir(parents=True, exist_ok=True)
        self.last = max(map(number, self.names()), default=0)

    def add(self, content: bytes) -> None:
        """Keeps one mail; its `.eml` appears last and whole."""
        self.last += 1
        name = f"{self.last:04}-{slug(read('', content).header('Subject'))}"
        self.write(f"{name}.html", mail_page(read(name, content)).encode(errors="replace"))
        self.write(f"{name}.eml", content)

    def names(self) -> list[str]:
        """Oldest first."""
        return sorted((file.stem for file in self.path.glob("[0-9]*-*.eml")), key=number)

    def mails(self, after: int = 0) -> list[Mail]:
        """Oldest first; only those numbered above `after`."""
        return [read(name, (self.path / f"{name}.eml").read_bytes()) for name in self.names() if number(name) > after]

    def write(self, name: str, content: bytes) -> None:
        beside = self.path / f".{name}"
        beside.write_bytes(content)
        beside.replace(self.path / name)


def number(name: str) -> int:
    return int(name.partition("-")[0])


def slug(text: str) -> str:
    """Safe in a file name: small letters, digits, hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower())[:LONGEST].strip("-") or "mail"
