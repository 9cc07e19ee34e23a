"""Final rows against what was said: states (I2), letters and mails, what is parked (I5), what is stuck (I6)."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from operator import attrgetter

from shared.messages import coaching, intake, matching, notify
from shared.messages.envelope import Message
from tests.fault_injection.history.model import History, Said, Violation

TO_BOTH = ("proposal_expert", "proposal_organisation")
TO_ALL = ("start",) * 3
MOST_COPIES = 2


def audit(evidence: History) -> Iterator[Violation]:
    """Everything about rows; nothing may be parked any more."""
    yield from _letters(evidence)
    yield from _mails(evidence)
    yield from _states(evidence)
    yield from _answers(evidence)
    yield from _tandems(evidence)
    yield from _sayers(evidence)
    if evidence.rows.parked:
        kinds = Counter((it.service, it.kind, it.error) for it in evidence.rows.parked)
        yield Violation("I5", f"{len(evidence.rows.parked)} still parked: {dict(kinds)}")
    yield from (Violation("I6", it) for it in evidence.rows.stuck)


def _letters(evidence: History) -> Iterator[Violation]:
    """What must be told to people is a letter; a letter's outcome is said once."""
    templates = defaultdict[str, list[str]](list)
    for letter in evidence.rows.emails:
        templates[str(letter["cause"])].append(letter["template"])
    wanted = [(it, TO_BOTH) for it in evidence.of(matching.MatchProposed)] + [
        (it, TO_ALL) for it in evidence.of(matching.TandemFormed)
    ]
    for said, expected in wanted:
        if Counter(expected) - Counter(templates[said.id]):
            yield Violation("I1", f"of the letters {expected} because of {said.id} there are {templates[said.id]}")
    outcomes = Counter(it.data["email"] for kind in (notify.EmailSent, notify.EmailFailed) for it in evidence.of(kind))
    for letter in evidence.rows.emails:
        times = outcomes.pop(str(letter["id"]), 0)
        if letter["status"] in ("sent", "failed") and times != 1:
            yield Violation("I2" if times else "I1", f"the outcome of letter {letter['id']} was said {times} times")
    yield from (Violation("I4", f"the outcome of letter {id} was said, and there is no such letter") for id in outcomes)


def _mails(evidence: History) -> Iterator[Violation]:
    """A letter that was sent was caught, once, or twice where nobody could know of the first."""
    caught = Counter(evidence.mails)
    for letter in evidence.rows.emails:
        copies = caught.pop(str(letter["id"]), 0)
        if letter["status"] == "sent" and copies == 0:
            yield Violation("I1", f"letter {letter['id']} is sent, and nobody caught it")
        if copies > MOST_COPIES:
            yield Violation("I2", f"letter {letter['id']} was caught {copies} times")
    yield from (Violation("I4", f"a mail of letter {id} was caught, and there is no such letter") for id in caught)


def _states(evidence: History) -> Iterator[Violation]:
    """The last word about each thing is what the services remember of it."""
    rows = evidence.rows
    pool = {
        said.data["expert"]
        for said in _last(evidence, intake.ExpertRegistered, intake.ExpertNotYetEligible).values()
        if said.kind == intake.ExpertRegistered.kind
    }
    for expert in pool ^ rows.pool:
        yield Violation("I2", f"matching has expert/{expert} {'in' if expert in rows.pool else 'not in'} its pool, wrongly")
    for said in _last(evidence, intake.ContactChanged, by=attrgetter("record_key")).values():
        if rows.contacts.get(said.record_key) != said.data["email"]:
            yield Violation("I2", f"notify's contact {said.record_key} is not as it was said last")
    ready = _last(evidence, intake.OrganisationRegistered, intake.VacancyOpened, intake.ReadinessProgressed)
    for subject, said in ready.items():
        if tuple(rows.missing_s.get(subject, ())) != tuple(said.data["missing_s"]):
            yield Violation("I2", f"coaching remembers of {subject} something else than was said last")


def _last(evidence: History, *kinds: type[Message], by: Callable[[Said], str] = attrgetter("subject")) -> Mapping[str, Said]:
    names = {kind.kind for kind in kinds}
    ordered = sorted(evidence.first.values(), key=attrgetter("place"))
    return {by(said): said for said in ordered if said.kind in names}


def _answers(evidence: History) -> Iterator[Violation]:
    """Each accepted answer to the catalogue stands in intake's books; all are yes."""
    for place, items in evidence.answered.items():
        for receipt in evidence.receipts.get(place, ()):
            kept = evidence.rows.answers.get(str(receipt.data.get("tandem_id")), {})
            lost = [item for item in items if kept.get(item) != "yes"]
            if receipt.data["outcome"] == "accepted" and lost:
                yield Violation("I2", f"of {receipt.subject} the answers {lost} were accepted and are not kept")


def _tandems(evidence: History) -> Iterator[Violation]:
    """Everybody knows the same tandems, and each has its evaluation."""
    formed = {it.data["tandem"] for it in evidence.of(matching.TandemFormed)}
    scheduled = {it.data["tandem"] for it in evidence.of(coaching.EvaluationScheduled)}
    known = {**evidence.rows.tandems, "the calendar": scheduled}
    for who, theirs in known.items():
        for tandem in formed ^ theirs:
            yield Violation(
                "I1" if tandem in formed else "I4", f"tandem/{tandem} was {'not ' * (tandem in formed)}formed, for {who}"
            )


def _sayers(evidence: History) -> Iterator[Violation]:
    """What matching and coaching remember that they decided stands on the bus: a parcel that was lost whole leaves no gap there."""
    proposed = {it.data["match"] for it in evidence.of(matching.MatchProposed)}
    formed = {it.data["match"] for it in evidence.of(matching.TandemFormed)}
    planned = Counter(it.data["tandem"] for it in evidence.of(coaching.EvaluationScheduled))
    for match, is_formed in evidence.rows.proposals.items():
        if match not in proposed or (is_formed and match not in formed):
            yield Violation("I1", f"matching decided match/{match}, and the bus does not tell of it")
    for tandem, sequence in evidence.rows.planned.items():
        if planned[tandem] <= sequence:
            told = f"{sequence + 1} times, and said so {planned[tandem]} times"
            yield Violation("I1", f"coaching planned the talk of tandem/{tandem} {told}")
