"""The folder of received emails: a numbered `.eml` for each, unchanged, with an HTML page beside it, and `index.html`."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from deploy.mail_catcher.mail import Mail, parse_mail
from deploy.mail_catcher.pages import INDEX, Neighbours, gallery_page, mail_page

MAX_SLUG_LENGTH = 36


class MailDir:
    """A folder of emails; another copy with the same Message-ID is another file. One process writes to a folder."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.mkdir(parents=True, exist_ok=True)
        self._names = sorted((file.stem for file in path.glob("[0-9]*-*.eml")), key=number)
        self._summaries: dict[str, Mapping[str, str]] = {}
        self._indexed = -1

    def add(self, content: bytes) -> None:
        """Store an email, and link to it from the page of the one before. Its `.eml` is written last and atomically."""
        name = f"{self._last_number() + 1:04}-{slug(parse_mail('', content).header('Subject'))}"
        self._write_page(parse_mail(name, content), Neighbours(previous=self._names[-1] if self._names else None))
        self._write(f"{name}.eml", content)
        self._names.append(name)
        for previous in self._names[-2:-1]:
            self._write_page(self.mail(previous), neighbours(self._names, previous))

    def names(self) -> list[str]:
        """Return the names of all emails, oldest first."""
        return list(self._names)

    def mail(self, name: str) -> Mail:
        return parse_mail(name, self.read(f"{name}.eml"))

    def summaries(self, after: int = 0) -> list[Mapping[str, str]]:
        """Return what lists show of the emails with a number above `after`, oldest first. Each email is parsed once."""
        names = [name for name in self.names() if number(name) > after]
        self._summaries.update({name: self.mail(name).summary() for name in names if name not in self._summaries})
        return [self._summaries[name] for name in names]

    def read(self, file: str) -> bytes:
        return (self.path / file).read_bytes()

    def write_index(self) -> None:
        """Write the list of all emails for a browser; does nothing if none has arrived since the last time."""
        if self._indexed != (last := self._last_number()):
            self._write(INDEX, gallery_page(self.summaries(), folder="").encode(errors="replace"))
            self._indexed = last

    def _last_number(self) -> int:
        return number(self._names[-1]) if self._names else 0

    def _write_page(self, mail: Mail, neighbours: Neighbours) -> None:
        self._write(f"{mail.name}.html", mail_page(mail, neighbours).encode(errors="replace"))

    def _write(self, file: str, content: bytes) -> None:
        temporary = self.path / f".{file}"
        temporary.write_bytes(content)
        temporary.replace(self.path / file)


def neighbours(names: Sequence[str], name: str) -> Neighbours:
    """Return the emails before and after this one."""
    at = names.index(name)
    return Neighbours(names[at - 1] if at else None, names[at + 1] if at + 1 < len(names) else None)


def number(name: str) -> int:
    return int(name.partition("-")[0])


def slug(text: str) -> str:
    """Return text that is safe in a file name: a-z, 0-9 and hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower())[:MAX_SLUG_LENGTH].strip("-") or "mail"
