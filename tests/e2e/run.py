"""A finished journey, with the queries that tests make on it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from deploy.demo.bus_observer import ObservedMessage
from deploy.demo.context import Context
from deploy.demo.timeline import EmailEntry, MessageEntry, Report
from deploy.mail_catcher.mail import Mail

Summary = Counter[tuple[str, ...]]


class Run(NamedTuple):
    context: Context
    report: Report

    def messages(self, name: str, **data: Any) -> list[ObservedMessage]:
        """Return the messages with this name (`matching.tandem-formed`) and these data, in the order observed."""
        return [
            message
            for message in self.context.observer.received
            if message.kind == f"tandem.{name}.v1" and all(message.data.get(field) == value for field, value in data.items())
        ]

    def caused_by(self, submission: str) -> list[MessageEntry]:
        """Return the messages that one of the partner's events caused directly."""
        cause = self.context.receipts[submission].cause
        return [entry for entry in self.report.messages if entry.cause and entry.cause.id == cause]

    def kinds_caused_by(self, submission: str) -> list[str]:
        return [entry.kind for entry in self.caused_by(submission)]

    def mails(self, template: str, role: str | None = None) -> list[Mail]:
        names = [entry.file.removesuffix(".html") for entry in self.mail_entries(template, role)]
        return [self.context.mailbox.mails[name] for name in names]

    def mail_entries(self, template: str, role: str | None = None) -> list[EmailEntry]:
        return [entry for entry in self.report.mails if entry.template == template and role in (None, entry.role)]

    def message_counts(self) -> Summary:
        """Count messages by kind, service, subject and kind of cause, with the actors' names instead of ids."""
        names = self._names()
        return Counter(
            (entry.kind, entry.service, with_name(entry.subject, names), entry.cause.kind if entry.cause else "")
            for entry in self.report.messages
        )

    def email_counts(self) -> Summary:
        """Count emails by template, role, entity and kind of cause. Another copy of an email does not count."""
        names = self._names()
        unique = {entry.message_id: entry for entry in self.report.mails}.values()
        return Counter((entry.template, entry.role, with_name(entry.about, names), entry.cause.kind) for entry in unique)

    def copies(self) -> Sequence[int]:
        """Return, for each email that was received more than once, how often."""
        counts = Counter(entry.message_id for entry in self.report.mails)
        return [count for count in counts.values() if count > 1]

    def _names(self) -> Mapping[str, str]:
        submitted = {
            receipt.data["tandem_id"]: step for step, receipt in self.context.receipts.items() if "tandem_id" in receipt.data
        }
        formed = {
            message.data[kind]: f"{kind} {nth}"
            for nth, message in enumerate(self.messages("matching.tandem-formed"))
            for kind in ("tandem", "match")
        }
        return submitted | formed


def with_name(entity_key: str, names: Mapping[str, str]) -> str:
    """Replace the id in `organisation/6f…` with its name; an id without a name is left out."""
    kind, _, id = entity_key.partition("/")
    return f"{kind} {names.get(id, '')}".strip()
