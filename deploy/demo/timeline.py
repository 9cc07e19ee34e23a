"""What happened, as JSON for programs and as a timeline for people: each message and mail under what it came from."""

import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from uuid import UUID

from rich.console import Console
from rich.tree import Tree

LETTERS = "tandem.notify.email-"


@dataclass(frozen=True)
class Cause:
    """What something came from. Where that is no message on the bus (a timer), it has only a name."""

    id: UUID | None
    kind: str
    subject: str | None = None


@dataclass(frozen=True)
class Line:
    """One message. `chapter` is the part of the story in which it, or what it came from, was seen; `detail` its own few codes."""

    chapter: str
    id: UUID
    kind: str
    detail: str
    service: str
    subject: str
    time: str
    cause: Cause | None


@dataclass(frozen=True)
class Post:
    """One caught mail; a second copy with the same Message-ID is a second one."""

    template: str
    role: str
    about: str
    cause: Cause
    time: str
    file: str
    message_id: str


@dataclass(frozen=True)
class Report:
    """Everything of one journey, in the order it was seen."""

    tag: str
    messages: Sequence[Line]
    mails: Sequence[Post]

    def write(self, path: Path, seconds: Mapping[str, float]) -> None:
        """JSON, with how long set-up, start and journey took."""
        whole = asdict(self) | {"seconds": dict(seconds)}
        path.write_text(json.dumps(whole, indent=2, default=str, ensure_ascii=False) + "\n")

    def print(self, console: Console) -> None:
        """The timeline: chapter by chapter, what each event led to, with the file of each mail."""
        for tree in Timeline(self).chapters():
            console.print(tree, highlight=False)


class Timeline:
    """A report as trees. A mail stands for the message that says it was sent; what was said alike several times is one line."""

    def __init__(self, report: Report) -> None:
        self._report = report
        known = {line.id for line in report.messages}
        self._lines: dict[UUID | None, list[Line]] = {}
        self._mails: dict[UUID | None, list[Post]] = {}
        for line in report.messages:
            if line.kind.startswith(LETTERS):
                continue
            self._lines.setdefault(line.cause.id if line.cause and line.cause.id in known else None, []).append(line)
        for mail in report.mails:
            self._mails.setdefault(mail.cause.id, []).append(mail)

    def chapters(self) -> Sequence[Tree]:
        return [self._chapter(name) for name in dict.fromkeys(line.chapter for line in self._report.messages)]

    def _chapter(self, name: str) -> Tree:
        tree = Tree(f"[bold]{name}[/bold]")
        self._grow(tree, [line for line in self._lines.get(None, []) if line.chapter == name])
        return tree

    def _grow(self, tree: Tree, lines: Sequence[Line]) -> None:
        ends = Counter(spoken(line) for line in lines if self._leads_nowhere(line))
        for line in lines:
            if self._leads_nowhere(line):
                if times := ends.pop(spoken(line), 0):
                    tree.add(spoken(line) + (f" × {times}" if times > 1 else ""))
                continue
            branch = tree.add(spoken(line))
            self._grow(branch, self._lines.get(line.id, []))
            for mail in self._mails.get(line.id, []):
                branch.add(f"[green]✉ {mail.template} → {mail.role}[/green]\n[dim]{mail.file}[/dim]")

    def _leads_nowhere(self, line: Line) -> bool:
        return line.id not in self._lines and line.id not in self._mails


def spoken(line: Line) -> str:
    """`coaching.evaluation-due invitation`, and its day."""
    name = re.sub(r"^tandem\.|\.v\d+$", "", line.kind)
    return f"{name} [cyan]{line.detail}[/cyan] [dim]{line.time[:10]}[/dim]"
