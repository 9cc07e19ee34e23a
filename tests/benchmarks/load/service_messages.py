"""Messages of our services: replies about proposals for matching, tandems and readiness for coaching."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from uuid import UUID

import asyncpg

from services.matching.domain.expert import Expert
from services.matching.domain.scoring import score_candidate
from services.matching.domain.shortlist import CandidateIds, shortlist_digest
from services.matching.domain.vacancy import Vacancy
from services.matching.store import EXPERTS, VACANCIES
from shared import clock
from shared.messages.envelope import Envelope, Message
from shared.messages.ids import deterministic_uuid, entity_key
from shared.messages.intake import ExpertRegistered, ReadinessProgressed, Task, VacancyOpened
from shared.messages.matching import TandemFormed
from shared.messages.notify import CandidatePicked, ProposalAnswered, ReplyReceived
from shared.messages.serialization import OutboundRecord, serialize_outputs
from shared.postgres.pool import Connection
from tests.benchmarks.load.publishing import Load

ROOT = UUID(int=11)
NOW = clock.now()
"""The present, because timers that lie in the past would be due at once."""
STARTS_ON = NOW.date() + timedelta(days=60)
SHORTLIST_SIZE = 20
ROWS_PER_STATEMENT = 500
NEW_EXPERTS_FROM, LISTED_EXPERTS_FROM = 2_000_000, 1_000_000
"""First numbers of the new experts, and of those that are only on shortlists."""


def entity_id(kind: str, nth: int) -> UUID:
    """The id of the nth entity of a kind."""
    return deterministic_uuid(ROOT, f"{kind}/{nth}")


def to_record(message: Message, nth: int) -> OutboundRecord:
    """Return the record of a message as its service publishes it, with a cause of its own."""
    id = deterministic_uuid(ROOT, f"cause/{message.kind}/{nth}")
    cause = Envelope(id=id, source="/bench", subject=message.subject, time=NOW, data=message)
    (record,) = serialize_outputs(cause, [message])
    return record


def matching_load(count: int) -> Load:
    """Return new experts, and three replies per vacancy: a pick, then the yes of each side, which forms a tandem."""
    vacancies = range(count // 4)
    replies = [to_record(_reply(nth, step), nth * 3 + step) for step in range(3) for nth in vacancies]
    new_experts = [to_record(expert(nth + NEW_EXPERTS_FROM), nth) for nth in vacancies]
    return Load([*new_experts, *replies], "tandem.matching", len(vacancies) * 4)


def _reply(nth: int, step: int) -> ReplyReceived:
    vacancy, expert = entity_id("vacancy", nth), entity_id("expert", nth)
    match = deterministic_uuid(vacancy, f"match/{expert}/1")
    if step == 0:
        return ReplyReceived("mediator", CandidatePicked(vacancy, expert, "fits_tasks", None, 1))
    if step == 1:
        return ReplyReceived("expert", ProposalAnswered(vacancy, expert, match, "expert", "yes", "none"))
    return ReplyReceived("coordinator", ProposalAnswered(vacancy, expert, match, "organisation", "yes", "none"))


async def insert_shortlists_for(database: str, load: Load) -> None:
    """Insert the states that `matching_load` replies to."""
    db = await asyncpg.connect(database)
    await insert_shortlists(db, range(len(load.records) // 4))
    await db.execute("ANALYZE")
    await db.close()


async def insert_shortlists(db: Connection, numbers: Sequence[int]) -> None:
    """Insert the vacancies with these numbers, each with a shortlist of twenty, and the experts that will be picked."""
    for start in range(0, len(numbers), ROWS_PER_STATEMENT):
        some = numbers[start : start + ROWS_PER_STATEMENT]
        await EXPERTS.save(db, {entity_key("expert", e.expert): Expert(e.expert, 1, e) for e in map(expert, some)})
        await VACANCIES.save(db, {entity_key("vacancy", v.vacancy): v for v in map(_vacancy_with_shortlist, some)})


def _vacancy_with_shortlist(nth: int) -> Vacancy:
    opened = vacancy(nth)
    others = (expert(nth + LISTED_EXPERTS_FROM + other) for other in range(SHORTLIST_SIZE - 1))
    candidates = tuple(score_candidate(opened, one) for one in (expert(nth), *others))
    return Vacancy(
        vacancy=opened.vacancy,
        policy_version=1,
        opened=opened,
        last_request_number=1,
        revision=1,
        eligible_count=SHORTLIST_SIZE,
        candidate_ids=CandidateIds.of(candidates),
        shortlist_digest=shortlist_digest(candidates),
    )


def expert(nth: int) -> ExpertRegistered:
    return ExpertRegistered(
        expert=entity_id("expert", nth),
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
        vacancy=entity_id("vacancy", nth),
        organisation=entity_id("organisation", nth),
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
        starts_on=STARTS_ON,
        language="nl-BE",
        zone="Europe/Brussels",
        missing_s=(),
    )


def coaching_load(count: int) -> Load:
    """Return readiness reports, and as many tandems formed; each tandem leads to an evaluation with a chain of timers."""
    records = [to_record(message, nth) for nth in range(count // 2) for message in _progress(nth)]
    return Load(records, "tandem.coaching", count // 2)


def _progress(nth: int) -> Iterator[Message]:
    yield ReadinessProgressed(entity_id("organisation", nth), None, (), ("RC-005",))
    yield TandemFormed(
        match=entity_id("match", nth),
        vacancy=entity_id("vacancy", nth),
        organisation=entity_id("organisation", nth),
        expert=entity_id("expert", nth),
        tandem=entity_id("tandem", nth),
        tandem_form="fixed_one_to_one",
        starts_on=STARTS_ON,
        zone="Europe/Brussels",
        language="nl-BE",
    )
