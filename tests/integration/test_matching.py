"""Matching as a process of its own on a real PostgreSQL and a real Kafka, spoken to over the bus alone."""

import random
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace as moved
from datetime import UTC, date, datetime, timedelta
from typing import Any, get_args
from uuid import UUID

import asyncpg
import pytest
from msgspec.structs import replace

from deploy.stack.endpoints import Endpoints
from deploy.stack.services import ServiceProcesses
from services.matching.domain.scoring import is_eligible, score_candidate
from services.matching.domain.states import Expert, Proposal, Vacancy
from services.matching.shortlist_worker import compute
from services.matching.store import Experts, Vacancies
from shared.messages import code_lists
from shared.messages.code_lists import Side
from shared.messages.intake import ExpertRegistered, VacancyOpened
from shared.messages.matching import (
    ExpertPlaced,
    MatchAnswered,
    MatchDeclined,
    MatchExpired,
    MatchProposed,
    MatchWithdrawn,
    ShortlistDrawn,
    TandemFormed,
)
from shared.postgres.pool import Connection, Pool, create_pool
from tests.support.kafka_client import KafkaClient, kafka_client, new_id
from tests.unit.matching.given import MONDAY, OPENED, REGISTERED, answered, picked


@pytest.fixture
async def bus(kafka: str) -> AsyncIterator[KafkaClient]:
    async with kafka_client(kafka) as made:
        yield made


@pytest.fixture(scope="module")
async def matching(stack: Endpoints, kafka: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[ServiceProcesses]:
    """The process, with a clock of its own."""
    fleet = ServiceProcesses(moved(stack, var=tmp_path_factory.mktemp("matching")))
    await fleet.start("matching")
    yield fleet
    await fleet.stop_all()


@pytest.fixture
async def pool(stack: Endpoints, kafka: str) -> AsyncIterator[Pool]:
    made = await create_pool(stack.database_of("matching"), size=2)
    yield made
    await made.close()


def place(**changed: Any) -> VacancyOpened:
    return replace(OPENED, vacancy=new_id(), organisation=new_id(), region=str(new_id()), **changed)


def person(vacancy: VacancyOpened, **changed: Any) -> ExpertRegistered:
    """Somebody who fits, and is best in the vacancy's own region."""
    return replace(REGISTERED, expert=new_id(), regions=(vacancy.region,), **changed)


async def listing(bus: KafkaClient, vacancy: VacancyOpened, *experts: UUID) -> ShortlistDrawn:
    """The first list that has all of these."""

    def has_all(drawn: ShortlistDrawn) -> bool:
        return drawn.vacancy == vacancy.vacancy and {candidate.expert for candidate in drawn.candidates} >= set(experts)

    return (await bus.wait_for(ShortlistDrawn, has_all)).data


async def proposing(bus: KafkaClient, vacancy: VacancyOpened, expert: ExpertRegistered, nth: int = 1) -> MatchProposed:
    await bus.publish(picked(vacancy.vacancy, expert.expert), at=MONDAY)
    return (await bus.wait_for(MatchProposed, lambda said: said.vacancy == vacancy.vacancy, nth)).data


async def test_from_an_opened_vacancy_to_a_tandem(matching: ServiceProcesses, bus: KafkaClient) -> None:
    vacancy = place()
    expert = person(vacancy)
    await bus.publish(expert, vacancy)
    drawn = await bus.wait_for(ShortlistDrawn, lambda said: said.vacancy == vacancy.vacancy)
    match = await proposing(bus, vacancy, expert)

    await bus.publish(answered(match, "organisation"), answered(match, "expert"), at=MONDAY)
    formed = await bus.wait_for(TandemFormed, lambda said: said.vacancy == vacancy.vacancy)

    assert next(c for c in drawn.data.candidates if c.expert == expert.expert) == score_candidate(vacancy, expert)
    assert formed.data.match == match.match and formed.data.starts_on == vacancy.starts_on
    assert len(bus.find_all(MatchAnswered, lambda said: said.match == match.match)) == 2


async def test_a_vacancy_waits_until_somebody_fits_and_the_cause_of_its_list_is_the_vacancy(
    matching: ServiceProcesses, bus: KafkaClient
) -> None:
    vacancy = place(languages=("tr",), hours=3)
    (opened,) = await bus.publish(vacancy)
    await bus.publish(person(vacancy, languages=("nl",), hours_min=2))
    await bus.publish(person(vacancy, languages=("tr",), hours_min=2))
    drawn = await bus.wait_for(ShortlistDrawn, lambda said: said.vacancy == vacancy.vacancy)

    assert drawn.data.revision == 1
    assert drawn.causationid == opened


async def test_a_no_opens_the_list_without_the_one_it_is_about(matching: ServiceProcesses, bus: KafkaClient) -> None:
    vacancy = place()
    expert, other = person(vacancy), person(vacancy)
    await bus.publish(expert, other, vacancy)
    await listing(bus, vacancy, expert.expert, other.expert)
    match = await proposing(bus, vacancy, expert)

    await bus.publish(answered(match, "expert", "no", reason="hours"), at=MONDAY)
    await bus.wait_for(MatchDeclined, lambda said: said.match == match.match)
    again = await bus.wait_for(ShortlistDrawn, lambda said: said.vacancy == vacancy.vacancy and said.revision == 2)

    assert expert.expert not in {candidate.expert for candidate in again.data.candidates}
    assert (await proposing(bus, vacancy, other, nth=2)).expert == other.expert


async def test_who_finds_a_place_is_withdrawn_elsewhere(matching: ServiceProcesses, bus: KafkaClient) -> None:
    vacancy = place()
    elsewhere = replace(vacancy, vacancy=new_id())
    expert = person(vacancy)
    await bus.publish(expert, vacancy, elsewhere)
    for each in (vacancy, elsewhere):
        await listing(bus, each, expert.expert)
    match, other = await proposing(bus, vacancy, expert), await proposing(bus, elsewhere, expert)

    await bus.publish(answered(match, "organisation"), answered(match, "expert"), at=MONDAY)
    withdrawn = await bus.wait_for(MatchWithdrawn, lambda said: said.vacancy == elsewhere.vacancy)

    assert withdrawn.data.match == other.match
    assert bus.find_all(ExpertPlaced, lambda said: said.expert == expert.expert)


async def test_silence_ends_a_proposal_when_its_days_have_passed(matching: ServiceProcesses, bus: KafkaClient) -> None:
    vacancy = place()
    expert = person(vacancy)
    await bus.publish(expert, vacancy)
    await listing(bus, vacancy, expert.expert)
    now = datetime.now(UTC)  # noqa: TID251
    await bus.publish(picked(vacancy.vacancy, expert.expert), at=now)
    match = (await bus.wait_for(MatchProposed, lambda said: said.vacancy == vacancy.vacancy)).data

    days = match.organisation_answers_by - now.date() + timedelta(days=2)
    matching.endpoints.clock.write_text(str(days.days))
    expired = await bus.wait_for(MatchExpired, lambda said: said.match == match.match)

    assert expired.data.unanswered_by == ("organisation",)


async def test_a_process_killed_in_the_middle_draws_its_list_all_the_same(matching: ServiceProcesses, bus: KafkaClient) -> None:
    vacancy = place()
    expert = person(vacancy)
    await bus.publish(expert, vacancy)
    await matching.kill("matching")
    await matching.start("matching")

    await listing(bus, vacancy, expert.expert)
    await proposing(bus, vacancy, expert)

    assert len({said.id for said in bus.find_all(MatchProposed, lambda said: said.vacancy == vacancy.vacancy)}) == 1


async def test_states_come_back_as_they_were_saved(pool: Pool) -> None:
    vacancy, expert = place(), person(OPENED, experience="starting")
    proposal = Proposal(
        new_id(), expert.expert, "alternating", date(2027, 3, 1), "Europe/Brussels", date(2027, 2, 9), date(2027, 2, 5),
        yes=("expert", "organisation"),
    )  # fmt: skip
    placed = Expert(expert.expert, 1, expert, proposed=((vacancy.vacancy, proposal.match),), placed=new_id())
    gone = Expert(new_id(), 1)
    filled = Vacancy(
        vacancy.vacancy, 1, vacancy, drawn=3, revision=2, eligible_count=40, listed=str(expert.expert), reasons="x",
        declined=(new_id(),), proposals=1, proposal=proposal, filled=True,
    )  # fmt: skip
    people = {f"expert/{state.expert}": state for state in (placed, gone)}
    places = {f"vacancy/{vacancy.vacancy}": filled}
    async with pool.acquire() as db:
        for _ in range(2):
            await Experts().save(db, people)
            await Vacancies().save(db, places)

        assert await Experts().load(db, [*people, f"expert/{new_id()}"]) == people
        assert await Vacancies().load(db, list(places)) == places


def filled(place: VacancyOpened, expert: UUID, yes: tuple[Side, ...] = ("expert", "organisation")) -> Vacancy:
    """A vacancy whose proposal became a tandem."""
    day = date(2027, 3, 1)
    proposal = Proposal(new_id(), expert, "none", day, "Europe/Brussels", date(2027, 2, 9), date(2027, 2, 5), yes)
    return Vacancy(place.vacancy, 1, place, proposal=proposal, filled=True)


async def test_the_table_refuses_a_second_tandem_for_an_expert(pool: Pool) -> None:
    expert = new_id()
    both = [filled(place(), expert), filled(place(), expert)]
    async with pool.acquire() as db:
        with pytest.raises(asyncpg.UniqueViolationError, match="one_tandem_an_expert"):
            await Vacancies().save(db, {f"vacancy/{state.vacancy}": state for state in both})


async def test_the_table_refuses_a_tandem_that_one_side_has_not_said_yes_to(pool: Pool) -> None:
    half = filled(place(), new_id(), yes=("expert",))
    async with pool.acquire() as db:
        with pytest.raises(asyncpg.CheckViolationError):
            await Vacancies().save(db, {f"vacancy/{half.vacancy}": half})


def people(seed: int, number: int) -> list[ExpertRegistered]:
    """A pool by chance, the same for the same seed."""
    chance = random.Random(seed)

    def some(literal: Any, most: int = 5) -> tuple[Any, ...]:
        return tuple(chance.sample(get_args(literal), chance.randint(0, min(most, len(get_args(literal))))))

    return [
        ExpertRegistered(
            expert=new_id(),
            experience=chance.choice(get_args(code_lists.Experience)),
            task_categories=some(code_lists.TaskCategory),
            target_groups=some(code_lists.TargetGroup),
            qualities=some(code_lists.Quality),
            interests=some(code_lists.Interest),
            competences=some(code_lists.Competence, 8),
            languages=("nl", *some(code_lists.WorkLanguage)[:1]) if chance.random() < 0.8 else ("ar",),
            regions=tuple(chance.sample(["gent", "aalst", "luik", "namen"], 2)),
            hours_min=chance.randint(4, 16),
            hours_max=chance.randint(16, 38),
            available_from=date(2027, 1, 1) + timedelta(days=chance.randint(0, 120)),
            language="nl-BE",
            zone="Europe/Brussels",
        )
        for _ in range(number)
    ]


async def save(db: Connection, experts: Sequence[ExpertRegistered]) -> None:
    await Experts().save(db, {f"expert/{expert.expert}": Expert(expert.expert, 1, expert) for expert in experts})


@asynccontextmanager
async def emptied(db: Connection) -> AsyncIterator[None]:
    """Without anybody in the pool, until the end."""
    transaction = db.transaction()
    await transaction.start()
    await db.execute("DELETE FROM experts")
    yield
    await transaction.rollback()


async def test_the_database_ranks_as_the_rules_do(pool: Pool) -> None:
    experts = people(seed=1, number=400)
    forms = get_args(code_lists.TandemForm)
    vacancies = [
        replace(OPENED, vacancy=new_id(), tandem_form=form, motives=motives) for form in forms for motives in ((), ("fit",))
    ]
    everyone = {expert.expert: expert for expert in experts}
    async with pool.acquire() as db, emptied(db):
        await save(db, experts)
        await Vacancies().save(db, {f"vacancy/{v.vacancy}": Vacancy(v.vacancy, 1, v) for v in vacancies})
        lists = {done.vacancy: done for done in await compute(db, {v.vacancy: 1 for v in vacancies})}
    for vacancy in vacancies:
        able = [score_candidate(vacancy, expert) for expert in everyone.values() if is_eligible(vacancy, expert)]
        ranked = sorted(able, key=lambda found: (-found.score, found.expert))
        assert lists[vacancy.vacancy].eligible_count == len(able) > 20
        assert lists[vacancy.vacancy].candidates == tuple(ranked[:20])
