"""Final rows, compared with the published messages: states (I2), emails, dead letters (I5), unfinished work (I6)."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from operator import attrgetter

from shared.messages import coaching, intake, matching, notify
from shared.messages.envelope import Message
from tests.fault_injection.history.model import History, PublishedMessage, Violation

PROPOSAL_EMAILS = ("proposal_expert", "proposal_organisation")
START_EMAILS = ("start",) * 3
MAX_COPIES = 2
"""An email may be sent twice: a crash can hide that the mail server accepted it."""


def check(history: History) -> Iterator[Violation]:
    """Return all violations that concern rows. No dead letter may remain."""
    yield from _emails(history)
    yield from _received_emails(history)
    yield from _states(history)
    yield from _answers(history)
    yield from _tandems(history)
    yield from _decisions(history)
    if history.rows.dead_letters:
        kinds = Counter((dead.service, dead.kind, dead.error) for dead in history.rows.dead_letters)
        yield Violation("I5", f"{len(history.rows.dead_letters)} dead letters remain: {dict(kinds)}")
    yield from (Violation("I6", description) for description in history.rows.unfinished)


def _emails(history: History) -> Iterator[Violation]:
    """Proposals and tandems have their emails, and the outcome of each email is published once."""
    templates = defaultdict[str, list[str]](list)
    for email in history.rows.emails:
        templates[str(email["cause"])].append(email["template"])
    expected = ((matching.MatchProposed, PROPOSAL_EMAILS), (matching.TandemFormed, START_EMAILS))
    for message, emails in ((message, emails) for kind, emails in expected for message in history.of(kind)):
        if Counter(emails) - Counter(templates[message.id]):
            yield Violation("I1", f"of the emails {emails} for {message.id} only {templates[message.id]} exist")
    outcomes = Counter(it.data["email"] for kind in (notify.EmailSent, notify.EmailFailed) for it in history.of(kind))
    for email in history.rows.emails:
        count = outcomes.pop(str(email["id"]), 0)
        if email["status"] in ("sent", "failed") and count != 1:
            yield Violation("I2" if count else "I1", f"the outcome of email {email['id']} was published {count} times")
    yield from (Violation("I4", f"an outcome was published for email {id}, which does not exist") for id in outcomes)


def _received_emails(history: History) -> Iterator[Violation]:
    """The mail server received each sent email once, or twice if the first acknowledgement was lost."""
    received = Counter(history.received_emails)
    for email in history.rows.emails:
        copies = received.pop(str(email["id"]), 0)
        if email["status"] == "sent" and copies == 0:
            yield Violation("I1", f"email {email['id']} is stored as sent but was not received")
        if copies > MAX_COPIES:
            yield Violation("I2", f"email {email['id']} was received {copies} times")
    yield from (Violation("I4", f"email {id} was received but does not exist") for id in received)


def _states(history: History) -> Iterator[Violation]:
    """The stored state of each subject is that of the last message about it."""
    rows = history.rows
    last = _last(history, intake.ExpertRegistered, intake.ExpertNotYetEligible).values()
    pool = {message.data["expert"] for message in last if message.kind == intake.ExpertRegistered.kind}
    for expert in pool ^ rows.pool:
        yield Violation("I2", f"expert/{expert} is wrongly {'in' if expert in rows.pool else 'missing from'} matching's pool")
    for message in _last(history, intake.ContactChanged, by=attrgetter("record_key")).values():
        if rows.contacts.get(message.record_key) != message.data["email"]:
            yield Violation("I2", f"notify's contact {message.record_key} is not the one published last")
    readiness = _last(history, intake.OrganisationRegistered, intake.VacancyOpened, intake.ReadinessProgressed)
    for subject, message in readiness.items():
        if tuple(rows.missing_s.get(subject, ())) != tuple(message.data["missing_s"]):
            yield Violation("I2", f"coaching's missing items of {subject} are not those published last")


def _last(
    history: History, *kinds: type[Message], by: Callable[[PublishedMessage], str] = attrgetter("subject")
) -> Mapping[str, PublishedMessage]:
    names = {kind.kind for kind in kinds}
    ordered = sorted(history.first_occurrences.values(), key=attrgetter("position"))
    return {by(message): message for message in ordered if message.kind in names}


def _answers(history: History) -> Iterator[Violation]:
    """Intake stores each accepted answer to the readiness catalogue; all of them are yes."""
    for position, items in history.answered_items.items():
        for receipt in history.receipts.get(position, ()):
            stored = history.rows.answers.get(str(receipt.data.get("tandem_id")), {})
            lost = [item for item in items if stored.get(item) != "yes"]
            if receipt.data["outcome"] == "accepted" and lost:
                yield Violation("I2", f"the answers {lost} of {receipt.subject} were accepted but are not stored")


def _tandems(history: History) -> Iterator[Violation]:
    """All services store the same tandems, and each tandem has an evaluation."""
    formed = {message.data["tandem"] for message in history.of(matching.TandemFormed)}
    scheduled = {message.data["tandem"] for message in history.of(coaching.EvaluationScheduled)}
    for where, tandems in {**history.rows.tandems, "evaluation-scheduled": scheduled}.items():
        for tandem in formed ^ tandems:
            if tandem in formed:
                yield Violation("I1", f"tandem/{tandem} was formed but is missing in {where}")
            else:
                yield Violation("I4", f"tandem/{tandem} is in {where} but was not formed")


def _decisions(history: History) -> Iterator[Violation]:
    """What matching and coaching store as decided was published: the loss of a whole outbox batch leaves no gap in the numbers."""
    proposed = {message.data["match"] for message in history.of(matching.MatchProposed)}
    formed = {message.data["match"] for message in history.of(matching.TandemFormed)}
    scheduled = Counter(message.data["tandem"] for message in history.of(coaching.EvaluationScheduled))
    for match, is_formed in history.rows.proposals.items():
        if match not in proposed or (is_formed and match not in formed):
            yield Violation("I1", f"matching decided on match/{match} but did not publish it")
    for tandem, sequence in history.rows.evaluation_sequences.items():
        if scheduled[tandem] <= sequence:
            counts = f"{sequence + 1} times but published it {scheduled[tandem]} times"
            yield Violation("I1", f"coaching scheduled the evaluation of tandem/{tandem} {counts}")
