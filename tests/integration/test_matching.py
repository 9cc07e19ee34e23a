"""Matching as a process on real PostgreSQL and Kafka, reached through Kafka only."""

import dataclasses
import random
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any, get_args
from uuid import UUID

import asyncpg
import pytest
from msgspec.structs import replace

from deploy.stack.endpoints import Endpoints
from deploy.stack.services import ServiceProcesses
from services.matching.domain.expert import Expert, OpenProposal, Placement
from services.matching.domain.pool_query import SHORTLIST_SIZE
from services.matching.domain.scoring import is_eligible, score_candidate
from services.matching.domain.shortlist import CandidateIds
from services.matching.domain.vacancy import Proposal, Vacancy
from services.matching.shortlist_worker import compute_shortlists
from services.matching.store import EXPERTS, VACANCIES
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
from tests.support.ids import new_id
from tests.support.kafka_client import KafkaClient, kafka_client
from tests.unit.matching.given import MONDAY, OPENED, REGISTERED, answer_reply, pick_reply


@pytest.fixture
async def client(kafka: str) -> AsyncIterator[KafkaClient]:
    async with kafka_client(kafka) as connected:
        yield connected


@pytest.fixture(scope="module")
async def matching(stack: Endpoints, kafka: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[ServiceProcesses]:
    """The process, with its own clock offset."""
    processes = ServiceProcesses(dataclasses.replace(stack, var=tmp_path_factory.mktemp("matching")))
    await processes.start("matching")
    yield processes
    await processes.stop_all()


@pytest.fixture
async def pool(stack: Endpoints, kafka: str) -> AsyncIterator[Pool]:
    pool = await create_pool(stack.database_of("matching"), size=2)
    yield pool
    await pool.close()


def new_vacancy(**changed: Any) -> VacancyOpened:
    return replace(OPENED, vacancy=new_id(), organisation=new_id(), region=str(new_id()), **changed)


def new_expert(vacancy: VacancyOpened, **changed: Any) -> ExpertRegistered:
    """An eligible expert; no expert of another test shares the vacancy's region."""
    return replace(REGISTERED, expert=new_id(), regions=(vacancy.region,), **changed)


async def wait_for_shortlist(client: KafkaClient, vacancy: VacancyOpened, *experts: UUID) -> ShortlistDrawn:
    """Return the first shortlist with all of these experts."""

    def has_all(drawn: ShortlistDrawn) -> bool:
        return drawn.vacancy == vacancy.vacancy and {candidate.expert for candidate in drawn.candidates} >= set(experts)

    return (await client.wait_for(ShortlistDrawn, has_all)).data


async def propose(client: KafkaClient, vacancy: VacancyOpened, expert: ExpertRegistered, nth: int = 1) -> MatchProposed:
    await client.publish(pick_reply(vacancy.vacancy, expert.expert), at=MONDAY)
    return (await client.wait_for(MatchProposed, lambda message: message.vacancy == vacancy.vacancy, nth)).data


async def test_from_an_opened_vacancy_to_a_tandem(matching: ServiceProcesses, client: KafkaClient) -> None:
    vacancy = new_vacancy()
    expert = new_expert(vacancy)
    await client.publish(expert, vacancy)
    drawn = await client.wait_for(ShortlistDrawn, lambda message: message.vacancy == vacancy.vacancy)
    match = await propose(client, vacancy, expert)

    await client.publish(answer_reply(match, "organisation"), answer_reply(match, "expert"), at=MONDAY)
    formed = await client.wait_for(TandemFormed, lambda message: message.vacancy == vacancy.vacancy)

    assert next(c for c in drawn.data.candidates if c.expert == expert.expert) == score_candidate(vacancy, expert)
    assert formed.data.match == match.match and formed.data.starts_on == vacancy.starts_on
    assert len(client.find_all(MatchAnswered, lambda message: message.match == match.match)) == 2


async def test_a_vacancy_waits_for_an_eligible_expert_and_is_the_cause_of_its_shortlist(
    matching: ServiceProcesses, client: KafkaClient
) -> None:
    vacancy = new_vacancy(languages=("tr",), hours=3)
    (opened,) = await client.publish(vacancy)
    await client.publish(new_expert(vacancy, languages=("nl",), hours_min=2))
    await client.publish(new_expert(vacancy, languages=("tr",), hours_min=2))
    drawn = await client.wait_for(ShortlistDrawn, lambda message: message.vacancy == vacancy.vacancy)

    assert drawn.data.revision == 1
    assert drawn.causationid == opened


async def test_declined_candidate_is_not_on_the_next_shortlist(matching: ServiceProcesses, client: KafkaClient) -> None:
    vacancy = new_vacancy()
    expert, other = new_expert(vacancy), new_expert(vacancy)
    await client.publish(expert, other, vacancy)
    await wait_for_shortlist(client, vacancy, expert.expert, other.expert)
    match = await propose(client, vacancy, expert)

    await client.publish(answer_reply(match, "expert", "no", reason="hours"), at=MONDAY)
    await client.wait_for(MatchDeclined, lambda message: message.match == match.match)
    again = await client.wait_for(ShortlistDrawn, lambda message: message.vacancy == vacancy.vacancy and message.revision == 2)

    assert expert.expert not in {candidate.expert for candidate in again.data.candidates}
    assert (await propose(client, vacancy, other, nth=2)).expert == other.expert


async def test_other_proposals_of_a_placed_expert_are_withdrawn(matching: ServiceProcesses, client: KafkaClient) -> None:
    vacancy = new_vacancy()
    elsewhere = replace(vacancy, vacancy=new_id())
    expert = new_expert(vacancy)
    await client.publish(expert, vacancy, elsewhere)
    for each in (vacancy, elsewhere):
        await wait_for_shortlist(client, each, expert.expert)
    match, other = await propose(client, vacancy, expert), await propose(client, elsewhere, expert)

    await client.publish(answer_reply(match, "organisation"), answer_reply(match, "expert"), at=MONDAY)
    withdrawn = await client.wait_for(MatchWithdrawn, lambda message: message.vacancy == elsewhere.vacancy)

    assert withdrawn.data.match == other.match
    assert client.find_all(ExpertPlaced, lambda message: message.expert == expert.expert)


async def test_a_proposal_expires_after_its_last_day(matching: ServiceProcesses, client: KafkaClient) -> None:
    vacancy = new_vacancy()
    expert = new_expert(vacancy)
    await client.publish(expert, vacancy)
    await wait_for_shortlist(client, vacancy, expert.expert)
    now = datetime.now(UTC)  # noqa: TID251
    await client.publish(pick_reply(vacancy.vacancy, expert.expert), at=now)
    match = (await client.wait_for(MatchProposed, lambda message: message.vacancy == vacancy.vacancy)).data

    days = match.organisation_answers_by - now.date() + timedelta(days=2)
    matching.endpoints.clock.write_text(str(days.days))
    expired = await client.wait_for(MatchExpired, lambda message: message.match == match.match)

    assert expired.data.unanswered_by == ("organisation",)


async def test_a_killed_process_still_computes_the_shortlist_after_its_restart(
    matching: ServiceProcesses, client: KafkaClient
) -> None:
    vacancy = new_vacancy()
    expert = new_expert(vacancy)
    await client.publish(expert, vacancy)
    await matching.kill("matching")
    await matching.start("matching")

    await wait_for_shortlist(client, vacancy, expert.expert)
    await propose(client, vacancy, expert)

    assert len({message.id for message in client.find_all(MatchProposed, lambda message: message.vacancy == vacancy.vacancy)}) == 1


async def test_states_are_loaded_as_they_were_saved(pool: Pool) -> None:
    vacancy, expert = new_vacancy(), new_expert(OPENED, experience="starting")
    proposal = Proposal(
        new_id(), expert.expert, "alternating", date(2027, 3, 1), "Europe/Brussels", date(2027, 2, 9), date(2027, 2, 5),
        accepted_by=("expert", "organisation"),
    )  # fmt: skip
    placed = Expert(
        expert.expert,
        1,
        expert,
        (OpenProposal(vacancy.vacancy, proposal.match),),
        Placement(new_id(), new_id(), new_id(), new_id()),
    )
    left = Expert(new_id(), 1)
    filled = Vacancy(
        vacancy=vacancy.vacancy,
        policy_version=1,
        opened=vacancy,
        last_request_number=3,
        revision=2,
        eligible_count=40,
        candidate_ids=CandidateIds(str(expert.expert)),
        shortlist_digest="x",
        declined_experts=(new_id(),),
        proposal_count=4,
        proposal=proposal,
        filled=True,
    )
    experts = {f"expert/{state.expert}": state for state in (placed, left)}
    vacancies = {f"vacancy/{vacancy.vacancy}": filled}
    async with pool.acquire() as db:
        for _ in range(2):
            await EXPERTS.save(db, experts)
            await VACANCIES.save(db, vacancies)

        assert await EXPERTS.load(db, [*experts, f"expert/{new_id()}"]) == experts
        assert await VACANCIES.load(db, list(vacancies)) == vacancies


def filled_vacancy(opened: VacancyOpened, expert: UUID, accepted_by: tuple[Side, ...] = ("expert", "organisation")) -> Vacancy:
    """A vacancy whose proposal became a tandem."""
    day = date(2027, 3, 1)
    proposal = Proposal(new_id(), expert, "none", day, "Europe/Brussels", date(2027, 2, 9), date(2027, 2, 5), accepted_by)
    return Vacancy(opened.vacancy, 1, opened, proposal=proposal, filled=True)


async def test_the_database_rejects_a_second_tandem_for_an_expert(pool: Pool) -> None:
    expert = new_id()
    both = [filled_vacancy(new_vacancy(), expert), filled_vacancy(new_vacancy(), expert)]
    async with pool.acquire() as db:
        with pytest.raises(asyncpg.UniqueViolationError, match="one_tandem_per_expert"):
            await VACANCIES.save(db, {f"vacancy/{state.vacancy}": state for state in both})


async def test_the_database_rejects_a_tandem_that_only_one_side_accepted(pool: Pool) -> None:
    half = filled_vacancy(new_vacancy(), new_id(), accepted_by=("expert",))
    async with pool.acquire() as db:
        with pytest.raises(asyncpg.CheckViolationError):
            await VACANCIES.save(db, {f"vacancy/{half.vacancy}": half})


def random_experts(seed: int, number: int) -> list[ExpertRegistered]:
    """A random pool, the same for the same seed."""
    rng = random.Random(seed)

    def some(literal: Any, most: int = 5) -> tuple[Any, ...]:
        return tuple(rng.sample(get_args(literal), rng.randint(0, min(most, len(get_args(literal))))))

    return [
        ExpertRegistered(
            expert=new_id(),
            experience=rng.choice(get_args(code_lists.Experience)),
            task_categories=some(code_lists.TaskCategory),
            target_groups=some(code_lists.TargetGroup),
            qualities=some(code_lists.Quality),
            interests=some(code_lists.Interest),
            competences=some(code_lists.Competence, 8),
            languages=("nl", *some(code_lists.WorkLanguage)[:1]) if rng.random() < 0.8 else ("ar",),
            regions=tuple(rng.sample(["gent", "aalst", "luik", "namen"], 2)),
            hours_min=rng.randint(4, 16),
            hours_max=rng.randint(16, 38),
            available_from=date(2027, 1, 1) + timedelta(days=rng.randint(0, 120)),
            language="nl-BE",
            zone="Europe/Brussels",
        )
        for _ in range(number)
    ]


async def save(db: Connection, experts: Sequence[ExpertRegistered]) -> None:
    await EXPERTS.save(db, {f"expert/{expert.expert}": Expert(expert.expert, 1, expert) for expert in experts})


@asynccontextmanager
async def empty_pool(db: Connection) -> AsyncIterator[None]:
    """Run the block on an empty pool, and roll back."""
    transaction = db.transaction()
    await transaction.start()
    await db.execute("DELETE FROM experts")
    yield
    await transaction.rollback()


async def test_the_database_ranks_as_the_scoring_rules_do(pool: Pool) -> None:
    experts = random_experts(seed=1, number=400)
    forms = get_args(code_lists.TandemForm)
    vacancies = [
        replace(OPENED, vacancy=new_id(), tandem_form=form, motives=motives) for form in forms for motives in ((), ("fit",))
    ]
    async with pool.acquire() as db, empty_pool(db):
        await save(db, experts)
        await VACANCIES.save(db, {f"vacancy/{v.vacancy}": Vacancy(v.vacancy, 1, v) for v in vacancies})
        shortlists = await compute_shortlists(db, {v.vacancy: 1 for v in vacancies})
    for vacancy in vacancies:
        eligible = [score_candidate(vacancy, expert) for expert in experts if is_eligible(vacancy, expert)]
        ranked = sorted(eligible, key=lambda candidate: (-candidate.score, candidate.expert))
        assert shortlists[vacancy.vacancy].eligible_count == len(eligible) > SHORTLIST_SIZE
        assert shortlists[vacancy.vacancy].candidates == tuple(ranked[:SHORTLIST_SIZE])


async def test_possible_duplicates_are_marked_and_a_no_or_a_tandem_counts_for_both_ids(pool: Pool) -> None:
    free, marked, of_declined, of_placed, placed, declined = (replace(REGISTERED, expert=new_id()) for _ in range(6))
    links = {marked.expert: free, of_declined.expert: declined, of_placed.expert: placed}
    states = {
        expert.expert: Expert(
            expert.expert,
            profile=expert,
            possible_duplicates=(links[expert.expert].expert,) if expert.expert in links else (),
            placement=Placement(new_id(), new_id(), new_id(), new_id()) if expert is placed else None,
        )
        for expert in (free, marked, of_declined, of_placed, placed, declined)
    }
    vacancy = replace(OPENED, vacancy=new_id())
    async with pool.acquire() as db, empty_pool(db):
        await EXPERTS.save(db, {f"expert/{id}": state for id, state in states.items()})
        assert await EXPERTS.load(db, [f"expert/{marked.expert}"]) == {f"expert/{marked.expert}": states[marked.expert]}
        state = Vacancy(vacancy.vacancy, 1, vacancy, declined_experts=(declined.expert,))
        await VACANCIES.save(db, {f"vacancy/{vacancy.vacancy}": state})
        shortlist = (await compute_shortlists(db, {vacancy.vacancy: 1}))[vacancy.vacancy]

    assert {candidate.expert: candidate.possible_duplicate_of for candidate in shortlist.candidates} == {
        free.expert: (),
        marked.expert: (free.expert,),
    }
    assert shortlist.eligible_count == 2
