"""The report of a run, as JSON for programs and as a timeline for people: each message and email below its cause."""

import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from uuid import UUID

from rich.console import Console
from rich.tree import Tree

EMAIL_MESSAGES = "tandem.notify.email-"
LEGEND = "Day, message, codes, “for” which day; below it: what it caused; ✉: its emails."


@dataclass(frozen=True)
class Cause:
    """The cause of a message or email. One that was not published (a timer) has no subject."""

    id: UUID | None
    kind: str
    subject: str | None = None


@dataclass(frozen=True)
class MessageEntry:
    """A message. `section` is the part of the demo in which its first cause was observed; `detail` holds its main codes."""

    section: str
    id: UUID
    kind: str
    detail: str
    service: str
    subject: str
    time: str
    cause: Cause | None


@dataclass(frozen=True)
class EmailEntry:
    """A received email; another copy with the same Message-ID is another entry."""

    template: str
    role: str
    about: str
    cause: Cause
    time: str
    file: str
    message_id: str


@dataclass(frozen=True)
class Report:
    """All messages and emails of one run, in the order in which they were observed."""

    tag: str
    messages: Sequence[MessageEntry]
    mails: Sequence[EmailEntry]

    def write(self, path: Path, seconds: Mapping[str, float]) -> None:
        """Write JSON, with the durations of set-up, start and journey."""
        content = asdict(self) | {"seconds": dict(seconds)}
        path.write_text(json.dumps(content, indent=2, default=str, ensure_ascii=False) + "\n")

    def print(self, console: Console) -> None:
        """Print the timeline: for each section, the consequences of each event, with the file of each email."""
        console.print(LEGEND, style="dim", highlight=False)
        for tree in Timeline(self).sections():
            console.print(tree, highlight=False)


class Timeline:
    """A report as trees. An email stands for the message that it was sent; equal leaves are shown once, with their number."""

    def __init__(self, report: Report) -> None:
        self._report = report
        ids = {entry.id for entry in report.messages}
        self._messages: dict[UUID | None, list[MessageEntry]] = {}
        self._mails: dict[UUID | None, list[EmailEntry]] = {}
        for entry in report.messages:
            if entry.kind.startswith(EMAIL_MESSAGES):
                continue
            parent = entry.cause.id if entry.cause and entry.cause.id in ids else None
            self._messages.setdefault(parent, []).append(entry)
        for mail in report.mails:
            self._mails.setdefault(mail.cause.id, []).append(mail)

    def sections(self) -> Sequence[Tree]:
        return [self._section(title) for title in dict.fromkeys(entry.section for entry in self._report.messages)]

    def _section(self, title: str) -> Tree:
        tree = Tree(f"[bold]{title}[/bold]")
        self._add(tree, [entry for entry in self._messages.get(None, []) if entry.section == title])
        return tree

    def _add(self, tree: Tree, entries: Sequence[MessageEntry]) -> None:
        leaves = Counter(label(entry) for entry in entries if self._is_leaf(entry))
        for entry in entries:
            if self._is_leaf(entry):
                if count := leaves.pop(label(entry), 0):
                    tree.add(label(entry) + (f" × {count}" if count > 1 else ""))
                continue
            branch = tree.add(label(entry))
            self._add(branch, self._messages.get(entry.id, []))
            for mail in self._mails.get(entry.id, []):
                branch.add(f"[green]✉ {mail.template} → {mail.role}[/green]\n[dim]{mail.file}[/dim]")

    def _is_leaf(self, entry: MessageEntry) -> bool:
        return entry.id not in self._messages and entry.id not in self._mails


def label(entry: MessageEntry) -> str:
    """Return the day, the short kind and the detail: `2027-04-12 coaching.evaluation-due invitation for 2027-05-03`."""
    name = re.sub(r"^tandem\.|\.v\d+$", "", entry.kind)
    return f"[dim]{entry.time[:10]}[/dim] {name}" + (f" [cyan]{entry.detail}[/cyan]" if entry.detail else "")
