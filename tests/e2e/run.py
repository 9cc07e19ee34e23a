"""A journey that was played, with what the tests ask of it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from deploy.demo.bus_observer import Told
from deploy.demo.context import Context
from deploy.demo.timeline import Line, Post, Report
from deploy.demo.users import Mail

Shape = Counter[tuple[str, ...]]


class Run(NamedTuple):
    stage: Context
    report: Report

    def told(self, name: str, **data: Any) -> list[Told]:
        """All messages of this name (`matching.tandem-formed`) with these data, in the order seen."""
        return [
            it
            for it in self.stage.observer.seen
            if it.kind == f"tandem.{name}.v1" and all(it.data.get(field) == value for field, value in data.items())
        ]

    def led_to(self, act: str) -> list[Line]:
        """The messages that came directly of one of the partner's events."""
        return [line for line in self.report.messages if line.cause and line.cause.id == self.stage.receipts[act].cause]

    def mails(self, template: str, role: str | None = None) -> list[Mail]:
        files = [post.file for post in self.posts(template, role)]
        return [self.stage.mailbox.read[file] for file in files]

    def posts(self, template: str, role: str | None = None) -> list[Post]:
        return [post for post in self.report.mails if post.template == template and role in (None, post.role)]

    def messages(self) -> Shape:
        """How often each (kind, service, subject, kind of cause) was said, with names of the cast instead of ids."""
        names = self._names()
        return Counter(
            (line.kind, line.service, named(line.subject, names), line.cause.kind if line.cause else "")
            for line in self.report.messages
        )

    def letters(self) -> Shape:
        """How often each letter was sent: (template, role, about, kind of cause). A second copy of a mail counts once."""
        names = self._names()
        once = {post.message_id: post for post in self.report.mails}.values()
        return Counter((post.template, post.role, named(post.about, names), post.cause.kind) for post in once)

    def copies(self) -> Sequence[int]:
        """Of each mail that was caught more than once, how often."""
        caught = Counter(post.message_id for post in self.report.mails)
        return [times for times in caught.values() if times > 1]

    def _names(self) -> Mapping[str, str]:
        given = {it.data["tandem_id"]: act for act, it in self.stage.receipts.items() if "tandem_id" in it.data}
        formed = {
            it.data[kind]: f"{kind} {nth}"
            for nth, it in enumerate(self.told("matching.tandem-formed"))
            for kind in ("tandem", "match")
        }
        return given | formed


def named(subject: str, names: Mapping[str, str]) -> str:
    """`organisation/6f…` by its name in the cast; of what has none only the sort."""
    kind, _, id = subject.partition("/")
    return f"{kind} {names.get(id, '')}".strip()
