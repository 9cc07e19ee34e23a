"""Published messages: complete (I1), once (I2), in order (I3), and only those that were committed (I4)."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any
from uuid import UUID

from deploy.partner_client.record import RecordPosition
from shared.messages import coaching, intake, matching
from shared.messages.ids import deterministic_uuid_text
from tests.fault_injection.history.model import CONSUMED_KINDS, History, Invariant, PublishedMessage, Violation

MAX_OUTPUTS = 60
"""Upper bound of the messages that one cause leads to."""
_FILED = {intake.ContactChanged.kind: 1, intake.TextFiled.kind: 5}
OUTPUTS: Mapping[str, Mapping[str, int]] = {
    "organisation-submitted": {intake.OrganisationRegistered.kind: 1, **_FILED},
    "readiness-reported": {intake.ReadinessProgressed.kind: 1},
    "expert-submitted": {intake.ContactChanged.kind: 1},
    "vacancy-submitted": {intake.VacancyOpened.kind: 1, intake.ReadinessProgressed.kind: 1, **_FILED, intake.TextFiled.kind: 8},
}
"""How many messages of each kind intake publishes for an accepted event, besides those that depend on its state."""
POOL = (intake.ExpertRegistered.kind, intake.ExpertNotYetEligible.kind)
UNORDERED = {matching.ShortlistDrawn.kind, "tandem.notify.email-sent.v1", "tandem.notify.email-failed.v1"}
"""Kinds whose cause is older than the work that publishes them, so that they follow no order of causes."""


def check(history: History) -> Iterator[Violation]:
    """Return all violations that concern messages."""
    yield from _receipts(history)
    yield from _consumers(history)
    yield from _outputs(history)
    yield from _gates(history)
    yield from _repeats(history)
    yield from _revisions(history)
    yield from _ordered(history)
    yield from _committed(history)


def _receipts(history: History) -> Iterator[Violation]:
    """Each record of a partner has one receipt, with the expected outcome."""
    dead_lettered = {dead.position for dead in history.rows.dead_letters if dead.service == "intake"}
    for position, receipts in history.receipts.items():
        if not receipts and position not in dead_lettered:
            yield Violation("I1", f"no receipt for the record at {position}")
        if len(receipts) > 1:
            yield Violation("I2", f"{len(receipts)} receipts for the record at {position}")
        expected = history.expected_outcomes.get(position)
        if position not in history.expected_outcomes:
            yield Violation("I4", f"a receipt for a record that does not exist, at {position}")
        elif receipts and expected and receipts[0].data["outcome"] != expected:
            yield Violation("I2", f"{receipts[0].data['outcome']} instead of {expected} for the record at {position}")


def _consumers(history: History) -> Iterator[Violation]:
    """Each message is in the inbox of each service that consumes it, or in its dead letters."""
    dead_lettered = {(dead.service, dead.position) for dead in history.rows.dead_letters}
    for service, kinds in CONSUMED_KINDS.items():
        inbox = history.rows.inbox[service]
        for message in history.first_occurrences.values():
            if message.kind in kinds and message.id not in inbox and (service, message.position) not in dead_lettered:
                yield Violation("I1", f"{message.kind} {message.id} was not processed by {service}")


def _outputs(history: History) -> Iterator[Violation]:
    """The messages of one cause are numbered without gaps, and an accepted event has all its outputs."""
    by_cause: dict[tuple[str, str], list[PublishedMessage]] = defaultdict(list)
    for message in history.first_occurrences.values():
        by_cause[message.service, message.cause].append(message)
    for (service, cause), outputs in by_cause.items():
        numbers = sorted(n for message in outputs if (n := output_number(message)) is not None)
        if len(numbers) == len(outputs) and numbers != list(range(len(numbers))):
            yield Violation("I1", f"of the outputs of {service} for {cause} only the numbers {numbers} exist")
    for position, receipts in history.receipts.items():
        if receipts and history.expected_outcomes.get(position) == "accepted":
            yield from _outputs_of_event(receipts[0], by_cause["intake", receipts[0].cause])


def _outputs_of_event(receipt: PublishedMessage, outputs: Sequence[PublishedMessage]) -> Iterator[Violation]:
    """An accepted event has exactly its outputs."""
    event = str(receipt.data["event_type"]).removeprefix("tandem.partner.").partition(".")[0]
    counts = Counter(message.kind for message in outputs)
    wrong = {kind: counts[kind] for kind, expected in OUTPUTS[event].items() if counts[kind] != expected}
    if event == "expert-submitted" and sum(counts[kind] for kind in POOL) != 1:
        wrong |= {kind: counts[kind] for kind in POOL}
    for kind, count in wrong.items():
        yield Violation("I1" if count < OUTPUTS[event].get(kind, 1) else "I2", f"{count} times {kind} for {receipt.cause}")


def _gates(history: History) -> Iterator[Violation]:
    """Each time that a gate is met, one `readiness-completed` is published."""
    met: Counter[tuple[str, str]] = Counter()
    before: dict[str, tuple[bool, bool]] = {}
    for message in _in_order(history):
        if message.kind in (intake.OrganisationRegistered.kind, intake.ReadinessProgressed.kind):
            now = not message.data["missing_b"], not (message.data["missing_b"] or message.data["missing_s"])
            previous = before.get(message.subject, now)
            gates = zip("BS", now, previous, strict=True)
            met.update((message.subject, gate) for gate, is_met, was_met in gates if is_met and not was_met)
            before[message.subject] = now
    published = Counter((message.subject, message.data["gate"]) for message in history.of(intake.ReadinessCompleted))
    for subject, gate in met.keys() | published.keys():
        if (actual := published[subject, gate]) != (expected := met[subject, gate]):
            description = f"gate {gate} of {subject} was met {expected} times and published {actual} times"
            yield Violation("I1" if actual < expected else "I2", description)


def output_number(message: PublishedMessage) -> int | None:
    """The number of the message among the outputs of its cause, found by its id; None if its id derives from another cause."""
    return _output_number(message.cause, message.kind, message.id)


@lru_cache(None)
def _output_number(cause: str, kind: str, id: str) -> int | None:
    root = UUID(cause).bytes
    return next((n for n in range(MAX_OUTPUTS) if deterministic_uuid_text(root, f"{kind}/{n}") == id), None)


def _repeats(history: History) -> Iterator[Violation]:
    """A repeated message has the same bytes, in the same partition."""
    for message in history.published:
        first = history.first_occurrences.get(message.id, message)
        if (first.digest, first.position[:2]) != (message.digest, message.position[:2]):
            yield Violation("I2", f"{message.kind} {message.id} was published twice with different bytes or partitions")


def _revisions(history: History) -> Iterator[Violation]:
    """Revisions of one subject are numbered without gaps, in order."""
    numbered: Mapping[type[Any], tuple[str, int]] = {
        matching.ShortlistDrawn: ("revision", 1),
        coaching.EvaluationScheduled: ("sequence", 0),
    }
    for kind, (field, start) in numbered.items():
        by_subject = defaultdict[str, list[int]](list)
        for message in history.of(kind):
            by_subject[message.subject].append(message.data[field])
        for subject, numbers in by_subject.items():
            expected = list(range(start, start + len(numbers)))
            if numbers != expected:
                invariant: Invariant = "I3" if sorted(numbers) == expected else "I2"
                yield Violation(invariant, f"{kind.kind} about {subject} has {field}s {numbers}")


def _ordered(history: History) -> Iterator[Violation]:
    """For one subject, the outputs of causes in one partition follow the order of these causes, then their output numbers."""
    causes = _cause_positions(history)
    reached: dict[tuple[Any, ...], tuple[int, int]] = {}
    for message in _in_order(history):
        cause = causes.get(message.cause)
        if cause and message.kind not in UNORDERED:
            sequence = message.position[:2], message.subject, cause[:2]
            at = cause.offset, output_number(message) or 0
            if at < reached.get(sequence, at):
                yield Violation("I3", f"{message.kind} {message.id} about {message.subject} was overtaken by a later message")
            reached[sequence] = max(at, reached.get(sequence, at))


def _in_order(history: History) -> list[PublishedMessage]:
    return sorted(history.first_occurrences.values(), key=lambda message: message.position)


def _cause_positions(history: History) -> dict[str, RecordPosition]:
    """The position of each cause: of a partner's record by its receipt, of our messages at their first occurrence."""
    positions = {message.id: message.position for message in history.first_occurrences.values()}
    return positions | {receipts[0].cause: position for position, receipts in history.receipts.items() if receipts}


def _committed(history: History) -> Iterator[Violation]:
    """The cause of each message is in the inbox of its publisher."""
    for message in history.first_occurrences.values():
        inbox = history.rows.inbox.get(message.service)
        if inbox is None or message.cause not in inbox:
            not_processed = f"{message.service} never processed its cause {message.cause}"
            yield Violation("I4", f"{message.kind} {message.id} was published, but {not_processed}")
        elif output_number(message) is None and message.kind != matching.ShortlistDrawn.kind:
            yield Violation("I4", f"{message.kind} {message.id} does not derive from its cause {message.cause}")
