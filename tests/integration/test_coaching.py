"""Coaching as a process of its own on a real PostgreSQL and a real Kafka, spoken to over the bus alone."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace as moved_to
from datetime import UTC, date, datetime, time, timedelta

import pytest
from msgspec.structs import replace

from deploy.stack.endpoints import Endpoints
from deploy.stack.services import ServiceProcesses
from services.coaching.domain.states import Evaluation, Readiness, Tandem
from services.coaching.store import Readinesses, Tandems
from shared.messages.coaching import EvaluationCompleted, EvaluationDue, EvaluationScheduled, ExplorationStarted, StartWaiting
from shared.messages.code_lists import Side
from shared.messages.envelope import Message
from shared.messages.intake import ReadinessCompleted, ReadinessProgressed
from shared.messages.matching import TandemFormed
from shared.messages.notify import EvaluationHeld, EvaluationMoved, Reply, ReplyReceived
from shared.postgres.pool import create_pool
from tests.support.ids import new_id
from tests.support.kafka_client import KafkaClient, kafka_client
from tests.unit.coaching.given import FORMED


@pytest.fixture
async def bus(kafka: str) -> AsyncIterator[KafkaClient]:
    async with kafka_client(kafka) as made:
        yield made


@pytest.fixture(scope="module")
async def coaching(stack: Endpoints, kafka: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[ServiceProcesses]:
    """The process, with a clock of its own."""
    fleet = ServiceProcesses(moved_to(stack, var=tmp_path_factory.mktemp("coaching")))
    await fleet.start("coaching")
    yield fleet
    await fleet.stop_all()


class Calendar:
    """The process's clock: now, and some day later."""

    def __init__(self, fleet: ServiceProcesses) -> None:
        self.endpoints = fleet.endpoints
        self.file = fleet.endpoints.clock
        self.ahead = float(self.file.read_text()) if self.file.exists() else 0.0

    @property
    def now(self) -> datetime:
        return datetime.now(UTC) + timedelta(days=self.ahead)  # noqa: TID251

    def turn_to(self, day: date) -> datetime:
        """Eleven in the morning of that day, by UTC."""
        self.ahead += (datetime.combine(day, time(11), UTC) - self.now) / timedelta(days=1)
        self.file.write_text(str(self.ahead))
        return self.now


def pair(starts_on: date) -> TandemFormed:
    return replace(
        FORMED, match=new_id(), vacancy=new_id(), organisation=new_id(), expert=new_id(), tandem=new_id(), starts_on=starts_on
    )


def reply(side: Side, said: Reply) -> ReplyReceived:
    return ReplyReceived("expert" if side == "expert" else "coordinator", said)


async def schedule(bus: KafkaClient, tandem: TandemFormed, calendar: Calendar) -> EvaluationScheduled:
    await bus.publish(tandem, at=calendar.now)
    return (await bus.wait_for(EvaluationScheduled, lambda said: said.tandem == tandem.tandem)).data


async def tell(bus: KafkaClient, calendar: Calendar, *messages: Message) -> None:
    """Says these and returns when coaching has handled them: different topics have no order, and the clock waits for nobody."""
    ids = await bus.publish(*messages)
    pool = await create_pool(calendar.endpoints.database_of("coaching"), size=1)
    for _ in range(600):
        if await pool.fetchval("SELECT count(*) FROM inbox WHERE id = ANY ($1::uuid[])", ids) == len(ids):
            break
        await asyncio.sleep(0.05)
    else:
        pytest.fail("coaching did not hear it")
    await pool.close()


async def begin(bus: KafkaClient, calendar: Calendar, *tandems: TandemFormed) -> None:
    """All is ready for the first day, which is the same for all, and it comes."""
    for tandem in tandems:
        await tell(bus, calendar, *ready(tandem))
    calendar.turn_to(tandems[0].starts_on)
    for tandem in tandems:
        await hears_start(bus, tandem)


async def hears_start(bus: KafkaClient, tandem: TandemFormed) -> ExplorationStarted:
    return (await bus.wait_for(ExplorationStarted, lambda said: said.tandem == tandem.tandem)).data


def ready(tandem: TandemFormed) -> tuple[ReadinessCompleted, ReadinessCompleted]:
    return ReadinessCompleted(tandem.organisation, None, "S"), ReadinessCompleted(tandem.organisation, tandem.vacancy, "S")


async def hears_stage(bus: KafkaClient, tandem: TandemFormed, stage: str) -> EvaluationDue:
    return (await bus.wait_for(EvaluationDue, lambda said: (said.tandem, said.stage) == (tandem.tandem, stage))).data


def stages(bus: KafkaClient, tandem: TandemFormed) -> list[str]:
    return [envelope.data.stage for envelope in bus.find_all(EvaluationDue, lambda said: said.tandem == tandem.tandem)]


@pytest.mark.rule("R127", "R132")
async def test_from_a_tandem_to_an_evaluation_that_nobody_reported(coaching: ServiceProcesses, bus: KafkaClient) -> None:
    calendar = Calendar(coaching)
    tandem = pair(calendar.now.date() + timedelta(days=7))
    evaluation = await schedule(bus, tandem, calendar)
    await tell(bus, calendar, *ready(tandem))
    later = pair(tandem.starts_on)
    await schedule(bus, later, calendar)

    calendar.turn_to(tandem.starts_on)
    assert (await hears_start(bus, tandem)).started_on == tandem.starts_on
    chain = {"invitation": -21, "reminder_7": -7, "reminder_1": -1, "coordinator": 3, "advice_team": 7, "lead": 14}
    for stage, days in chain.items():
        calendar.turn_to(evaluation.on + timedelta(days=days))
        assert (await hears_stage(bus, tandem, stage)).on == evaluation.on
    assert stages(bus, tandem) == list(chain)
    assert not bus.find_all(ExplorationStarted, lambda said: said.tandem == later.tandem)


@pytest.mark.rule("R132")
async def test_a_moved_evaluation_takes_its_chain_along_and_held_ends_it(coaching: ServiceProcesses, bus: KafkaClient) -> None:
    calendar = Calendar(coaching)
    tandem = pair(calendar.now.date() + timedelta(days=7))
    watched = pair(tandem.starts_on)
    evaluation = await schedule(bus, tandem, calendar)
    await schedule(bus, watched, calendar)
    await begin(bus, calendar, tandem, watched)

    later = evaluation.on + timedelta(days=14)
    await bus.publish(reply("expert", EvaluationMoved(tandem.tandem, "expert", later, time(14), "illness")), at=calendar.now)
    moved = (await bus.wait_for(EvaluationScheduled, lambda said: (said.tandem, said.sequence) == (tandem.tandem, 1))).data
    assert (moved.on, moved.at, moved.move_reason) == (later, time(14), "illness")
    calendar.turn_to(evaluation.on - timedelta(days=21))
    await hears_stage(bus, watched, "invitation")
    calendar.turn_to(later - timedelta(days=21))
    assert (await hears_stage(bus, tandem, "invitation")).on == later

    now = calendar.turn_to(later)
    await bus.publish(reply("organisation", EvaluationHeld(tandem.tandem, "organisation", later)), at=now)
    await bus.wait_for(EvaluationCompleted, lambda said: said.tandem == tandem.tandem)
    calendar.turn_to(later + timedelta(days=20))
    await hears_stage(bus, watched, "lead")
    assert not {"coordinator", "advice_team", "lead"} & set(stages(bus, tandem))


async def test_after_a_pause_only_the_latest_step_goes_out(coaching: ServiceProcesses, bus: KafkaClient) -> None:
    calendar = Calendar(coaching)
    tandem = pair(calendar.now.date() + timedelta(days=7))
    evaluation = await schedule(bus, tandem, calendar)
    await begin(bus, calendar, tandem)

    calendar.turn_to(evaluation.on + timedelta(days=8))
    await hears_stage(bus, tandem, "advice_team")
    calendar.turn_to(evaluation.on + timedelta(days=15))
    await hears_stage(bus, tandem, "lead")

    assert stages(bus, tandem) == ["advice_team", "lead"]


@pytest.mark.rule("R127")
async def test_the_start_waits_until_the_gate_is_met(coaching: ServiceProcesses, bus: KafkaClient) -> None:
    calendar = Calendar(coaching)
    tandem = pair(calendar.now.date() + timedelta(days=7))
    open_again = ReadinessProgressed(tandem.organisation, None, missing_b=("RC-001",), missing_s=("RC-005",))
    await tell(bus, calendar, open_again, ReadinessCompleted(tandem.organisation, tandem.vacancy, "S"))
    await schedule(bus, tandem, calendar)

    calendar.turn_to(tandem.starts_on)
    waiting = await bus.wait_for(StartWaiting, lambda said: said.tandem == tandem.tandem)
    assert waiting.data.missing_items == ("RC-001", "RC-005")
    await tell(bus, calendar, ReadinessCompleted(tandem.organisation, None, "S"))
    calendar.turn_to(tandem.starts_on + timedelta(days=7))

    await bus.wait_for(ExplorationStarted, lambda said: said.tandem == tandem.tandem)
    assert len(bus.find_all(StartWaiting, lambda said: said.tandem == tandem.tandem)) == 1


async def test_a_process_killed_in_the_middle_says_everything_once(coaching: ServiceProcesses, bus: KafkaClient) -> None:
    calendar = Calendar(coaching)
    tandem = pair(calendar.now.date() + timedelta(days=7))
    await bus.publish(tandem, at=calendar.now)
    await coaching.kill("coaching")
    await coaching.start("coaching")
    evaluation = (await bus.wait_for(EvaluationScheduled, lambda said: said.tandem == tandem.tandem)).data
    await begin(bus, calendar, tandem)

    calendar.turn_to(evaluation.on - timedelta(days=21))
    await coaching.kill("coaching")
    await coaching.start("coaching")
    await hears_stage(bus, tandem, "invitation")

    assert len({said.id for said in bus.find_all(EvaluationScheduled, lambda said: said.tandem == tandem.tandem)}) == 1
    assert len({said.id for said in bus.find_all(EvaluationDue, lambda said: said.tandem == tandem.tandem)}) == 1


async def test_states_come_back_as_they_were_saved(stack: Endpoints, kafka: str) -> None:
    formed, plain = pair(date(2027, 3, 1)), pair(date(2027, 3, 1))
    evaluation = Evaluation(date(2027, 6, 1), time(14, 30), "Europe/Brussels", 2, held_on=date(2027, 6, 2))
    tandems = {
        f"tandem/{formed.tandem}": Tandem(formed.tandem, 1, formed, evaluation, waits=True, exploring_since=date(2027, 3, 2)),
        f"tandem/{plain.tandem}": Tandem(plain.tandem, 1, plain, replace(evaluation, at=None, held_on=None)),
    }
    places = {
        about: Readiness(about, b, s)
        for about, b, s in ((f"organisation/{new_id()}", ("RC-001",), ("RC-005",)), (f"organisation/{new_id()}", (), ()))
    }
    pool = await create_pool(stack.database_of("coaching"), size=1)
    async with pool.acquire() as db:
        for _ in range(2):
            await Tandems().save(db, tandems)
            await Readinesses("organisation").save(db, places)
        found = await Tandems().load(db, list(tandems)), await Readinesses("organisation").load(db, list(places))
    await pool.close()

    assert found == (tandems, places)
