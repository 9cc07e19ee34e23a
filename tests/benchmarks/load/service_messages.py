"""What our services say to each other in a bench: replies about proposals for matching, tandems and readiness for coaching."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from uuid import UUID

import asyncpg

from services.matching.domain.expert import Expert
from services.matching.domain.scoring import score_candidate
from services.matching.domain.shortlist import CandidateIds, reasons_digest
from services.matching.domain.vacancy import Vacancy
from services.matching.store import EXPERTS, VACANCIES
from shared import clock
from shared.messages.envelope import Envelope, Message
from shared.messages.ids import deterministic_uuid, entity_key
from shared.messages.intake import ExpertRegistered, ReadinessProgressed, Task, VacancyOpened
from shared.messages.matching import TandemFormed
from shared.messages.notify import CandidatePicked, ProposalAnswered, ReplyReceived
from shared.messages.serialization import serialize_outputs
from shared.postgres.pool import Connection
from tests.benchmarks.load.publishing import Load, Ready

ROOT = UUID(int=11)
MOMENT = clock.now()
"""Now: a timer of a moment gone by would be due at once."""
DAY = MOMENT.date() + timedelta(days=60)
LISTED = 20


def named(kind: str, nth: int) -> UUID:
    return deterministic_uuid(ROOT, f"{kind}/{nth}")


def ready(message: Message, nth: int) -> Ready:
    """A message of ours as its service would publish it."""
    id = deterministic_uuid(ROOT, f"cause/{message.kind}/{nth}")
    (sealed,) = serialize_outputs(Envelope(id=id, source="/bench", subject=message.subject, time=MOMENT, data=message), [message])
    return Ready(sealed.topic, sealed.subject, sealed.record_key, sealed.value)


def for_matching(count: int) -> Load:
    """Replies to shortlists side by side, a pick and then a yes of each side, which forms a tandem; and as many new experts."""
    vacancies = range(count // 4)
    replies = [ready(_reply(nth, place), nth * 3 + place) for place in range(3) for nth in vacancies]
    newcomers = [ready(expert(nth + 2_000_000), nth) for nth in vacancies]
    return Load([*newcomers, *replies], "tandem.matching", len(vacancies) * 4)


def _reply(nth: int, place: int) -> ReplyReceived:
    vacancy, expert = named("vacancy", nth), named("expert", nth)
    match = deterministic_uuid(vacancy, f"match/{expert}/1")
    if place == 0:
        return ReplyReceived("mediator", CandidatePicked(vacancy, expert, "fits_tasks", None, 1))
    if place == 1:
        return ReplyReceived("expert", ProposalAnswered(vacancy, expert, match, "expert", "yes", "none"))
    return ReplyReceived("coordinator", ProposalAnswered(vacancy, expert, match, "organisation", "yes", "none"))


async def shortlists(database: str, count: int) -> None:
    """What matching knows before these replies come."""
    db = await asyncpg.connect(database)
    await listed(db, range(count // 4))
    await db.execute("ANALYZE")
    await db.close()


async def listed(db: Connection, which: Sequence[int]) -> None:
    """Vacancies, each with its list of twenty, and the experts that are picked."""
    for start in range(0, len(which), 500):
        some = which[start : start + 500]
        await EXPERTS.save(db, {entity_key("expert", e.expert): Expert(e.expert, 1, e) for e in map(expert, some)})
        await VACANCIES.save(db, {entity_key("vacancy", v.vacancy): v for v in map(_listed, some)})


def _listed(nth: int) -> Vacancy:
    opened = vacancy(nth)
    others = (expert(nth + 1_000_000 + place) for place in range(LISTED - 1))
    candidates = tuple(score_candidate(opened, one) for one in (expert(nth), *others))
    return Vacancy(
        vacancy=opened.vacancy,
        policy_version=1,
        opened=opened,
        last_request_number=1,
        revision=1,
        eligible_count=LISTED,
        candidate_ids=CandidateIds.of(candidates),
        reasons_digest=reasons_digest(candidates),
    )


def expert(nth: int) -> ExpertRegistered:
    return ExpertRegistered(
        expert=named("expert", nth),
        experience=("starting", "experienced")[nth % 2],
        task_categories=("individual_support", "training_advice"),
        target_groups=("generational_poverty",),
        qualities=("patient", "warm"),
        interests=("children_and_family", "neighbourhood"),
        competences=("trust_building", "plain_language", "knows_services_map"),
        languages=("nl", "fr"),
        regions=("BE-VOV", "BE-VAN"),
        hours_min=16,
        hours_max=24,
        available_from=date(2026, 12, 1),
        language="nl-BE",
        zone="Europe/Brussels",
    )


def vacancy(nth: int) -> VacancyOpened:
    return VacancyOpened(
        vacancy=named("vacancy", nth),
        organisation=named("organisation", nth),
        motives=("fit", "participation"),
        target_groups=("generational_poverty",),
        tasks=(Task("individual_support", "ambulatory", True), Task("training_advice", None, False)),
        qualities=("patient", "listening"),
        interests=("neighbourhood", "children_and_family"),
        competences=("trust_building", "plain_language"),
        languages=("nl",),
        region="BE-VOV",
        hours=20,
        cooperation_form="tandem",
        tandem_form="fixed_one_to_one",
        partner_type="helper",
        partners=1,
        starts_on=DAY,
        language="nl-BE",
        zone="Europe/Brussels",
        missing_s=(),
    )


def for_coaching(count: int) -> Load:
    """Organisations that progress, and as many tandems formed; each tandem gets its evaluation and a chain of timers."""
    records = [ready(message, nth) for nth in range(count // 2) for message in _progress(nth)]
    return Load(records, "tandem.coaching", count // 2)


def _progress(nth: int) -> Iterator[Message]:
    yield ReadinessProgressed(named("organisation", nth), None, (), ("RC-005",))
    yield TandemFormed(
        match=named("match", nth),
        vacancy=named("vacancy", nth),
        organisation=named("organisation", nth),
        expert=named("expert", nth),
        tandem=named("tandem", nth),
        tandem_form="fixed_one_to_one",
        starts_on=DAY,
        zone="Europe/Brussels",
        language="nl-BE",
    )
