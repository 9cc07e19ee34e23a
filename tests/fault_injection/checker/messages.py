"""What is said on the bus: complete (I1), once (I2), in order (I3), and only what was committed (I4)."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any
from uuid import UUID

from deploy.partner_client.topic_tail import RecordPosition
from shared.messages import coaching, intake, matching
from shared.messages.ids import deterministic_uuid_text
from tests.fault_injection.history.model import HEARD, History, Said, Violation

MOST = 60
"""As many messages as one cause may lead to."""
_FILED = {intake.ContactChanged.kind: 1, intake.TextFiled.kind: 5}
LED_TO: Mapping[str, Mapping[str, int]] = {
    "organisation-submitted": {intake.OrganisationRegistered.kind: 1, **_FILED},
    "readiness-reported": {intake.ReadinessProgressed.kind: 1},
    "expert-submitted": {intake.ContactChanged.kind: 1},
    "vacancy-submitted": {intake.VacancyOpened.kind: 1, intake.ReadinessProgressed.kind: 1, **_FILED, intake.TextFiled.kind: 8},
}
"""What each event of the simulated partner leads to when it is accepted, besides what depends on others."""
POOL = (intake.ExpertRegistered.kind, intake.ExpertNotYetEligible.kind)
LATE = {matching.ShortlistDrawn.kind, "tandem.notify.email-sent.v1", "tandem.notify.email-failed.v1"}
"""They name what once led to them, and come whenever they come."""


def audit(evidence: History) -> Iterator[Violation]:
    """Everything about messages."""
    yield from _receipts(evidence)
    yield from _consumers(evidence)
    yield from _families(evidence)
    yield from _gates(evidence)
    yield from _repeats(evidence)
    yield from _counted(evidence)
    yield from _ordered(evidence)
    yield from _committed(evidence)


def _receipts(evidence: History) -> Iterator[Violation]:
    """Each record of a partner gets one receipt, with the outcome that was foretold."""
    parked = {parked.place for parked in evidence.rows.parked if parked.service == "intake"}
    for place, receipts in evidence.receipts.items():
        if not receipts and place not in parked:
            yield Violation("I1", f"no receipt of the record at {place}")
        if len(receipts) > 1:
            yield Violation("I2", f"{len(receipts)} receipts of the record at {place}")
        expected = evidence.submitted.get(place)
        if place not in evidence.submitted:
            yield Violation("I4", f"a receipt of a record that nobody sent, at {place}")
        elif receipts and expected and receipts[0].data["outcome"] != expected:
            yield Violation("I2", f"{receipts[0].data['outcome']} instead of {expected} for the record at {place}")


def _consumers(evidence: History) -> Iterator[Violation]:
    """Each message is in the inbox of each service that hears it, or parked there."""
    parked = {(parked.service, parked.place) for parked in evidence.rows.parked}
    for service, kinds in HEARD.items():
        inbox = evidence.rows.inbox[service]
        for said in evidence.first.values():
            if said.kind in kinds and said.id not in inbox and (service, said.place) not in parked:
                yield Violation("I1", f"{said.kind} {said.id} never reached {service}")


def _families(evidence: History) -> Iterator[Violation]:
    """What one cause led to: numbered without a gap, each number once, and what an accepted event must lead to."""
    families: dict[tuple[str, str], list[Said]] = defaultdict(list)
    for said in evidence.first.values():
        families[said.service, said.cause].append(said)
    for (service, cause), family in families.items():
        numbers = sorted(nth for said in family if (nth := number(said)) is not None)
        if len(numbers) == len(family) and numbers != list(range(len(numbers))):
            yield Violation("I1", f"of what {service} said because of {cause} only the numbers {numbers} are there")
    for place, receipts in evidence.receipts.items():
        if receipts and evidence.submitted.get(place) == "accepted":
            yield from _complete(receipts[0], families["intake", receipts[0].cause])


def _complete(receipt: Said, family: Sequence[Said]) -> Iterator[Violation]:
    """What an accepted event must lead to is there, and not more of it."""
    event = str(receipt.data["event_type"]).removeprefix("tandem.partner.").partition(".")[0]
    found = Counter(said.kind for said in family)
    wrong = {kind: found[kind] for kind, count in LED_TO[event].items() if found[kind] != count}
    if event == "expert-submitted" and sum(found[kind] for kind in POOL) != 1:
        wrong |= {kind: found[kind] for kind in POOL}
    for kind, count in wrong.items():
        yield Violation("I1" if count < LED_TO[event].get(kind, 1) else "I2", f"{count} times {kind} because of {receipt.cause}")


def _gates(evidence: History) -> Iterator[Violation]:
    """A gate that is met is said to be, each time."""
    met: Counter[tuple[str, str]] = Counter()
    before: dict[str, tuple[bool, bool]] = {}
    for said in _in_order(evidence):
        if said.kind in (intake.OrganisationRegistered.kind, intake.ReadinessProgressed.kind):
            now = not said.data["missing_b"], not (said.data["missing_b"] or said.data["missing_s"])
            was = before.get(said.subject, now)
            met.update((said.subject, gate) for gate, is_met, was_met in zip("BS", now, was, strict=True) if is_met and not was_met)
            before[said.subject] = now
    told = Counter((said.subject, said.data["gate"]) for said in evidence.of(intake.ReadinessCompleted))
    for subject, gate in met.keys() | told.keys():
        if (there := told[subject, gate]) != (wanted := met[subject, gate]):
            yield Violation(
                "I1" if there < wanted else "I2", f"gate {gate} of {subject} was met {wanted} times and said {there} times"
            )


def number(said: Said) -> int | None:
    """Which of the messages of its cause it is, as its id tells; none where it names another cause than its own."""
    return _number(said.cause, said.kind, said.id)


@lru_cache(None)
def _number(cause: str, kind: str, id: str) -> int | None:
    root = UUID(cause).bytes
    return next((nth for nth in range(MOST) if deterministic_uuid_text(root, f"{kind}/{nth}") == id), None)


def _repeats(evidence: History) -> Iterator[Violation]:
    """The same message again has the same bytes, at the same line."""
    for said in evidence.said:
        first = evidence.first.get(said.id, said)
        if (first.digest, first.place[:2]) != (said.digest, said.place[:2]):
            yield Violation("I2", f"{said.kind} {said.id} was said twice, and not the same")


def _counted(evidence: History) -> Iterator[Violation]:
    """What counts its revisions leaves none out and has each once."""
    counts: Mapping[type[Any], tuple[str, int]] = {
        matching.ShortlistDrawn: ("revision", 1),
        coaching.EvaluationScheduled: ("sequence", 0),
    }
    for kind, (name, start) in counts.items():
        numbers = defaultdict[str, list[int]](list)
        for said in evidence.of(kind):
            numbers[said.subject].append(said.data[name])
        for subject, counted in numbers.items():
            if counted != list(range(start, start + len(counted))):
                missing = sorted(counted) != list(range(start, start + len(counted)))
                yield Violation("I2" if missing else "I3", f"{kind.kind} about {subject} counts {counted}")


def _ordered(evidence: History) -> Iterator[Violation]:
    """About one thing, what came of one line of causes comes in the order of that line, and of one cause by its numbers."""
    lines = _lines(evidence)
    reached: dict[tuple[Any, ...], tuple[int, int]] = {}
    for said in _in_order(evidence):
        cause = lines.get(said.cause)
        if cause and said.kind not in LATE:
            course = said.place[:2], said.subject, cause[:2]
            at = cause.offset, number(said) or 0
            if at < reached.get(course, at):
                yield Violation("I3", f"{said.kind} {said.id} about {said.subject} came after what followed it")
            reached[course] = max(at, reached.get(course, at))


def _in_order(evidence: History) -> list[Said]:
    return sorted(evidence.first.values(), key=lambda said: said.place)


def _lines(evidence: History) -> dict[str, RecordPosition]:
    """Where each cause stood: a partner's record by its receipt, ours at its first occurrence."""
    lines = {said.id: said.place for said in evidence.first.values()}
    return lines | {receipts[0].cause: place for place, receipts in evidence.receipts.items() if receipts}


def _committed(evidence: History) -> Iterator[Violation]:
    """The cause of each message stands in the inbox of who said it."""
    for said in evidence.first.values():
        inbox = evidence.rows.inbox.get(said.service)
        if inbox is None or said.cause not in inbox:
            yield Violation("I4", f"{said.kind} {said.id} was said, and {said.service} never handled its cause {said.cause}")
        elif number(said) is None and said.kind != matching.ShortlistDrawn.kind:
            yield Violation("I4", f"{said.kind} {said.id} cannot follow from its cause {said.cause}")
