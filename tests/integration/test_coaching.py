"""Coaching as a process on real PostgreSQL and Kafka, reached through Kafka only."""

import asyncio
import dataclasses
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, time, timedelta

import pytest
from msgspec.structs import replace

from deploy.stack.endpoints import Endpoints
from deploy.stack.services import ServiceProcesses
from services.coaching.domain.readiness import Readiness
from services.coaching.domain.tandem import Evaluation, Tandem
from services.coaching.store import ORGANISATIONS, TANDEMS
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
async def client(kafka: str) -> AsyncIterator[KafkaClient]:
    async with kafka_client(kafka) as connected:
        yield connected


@pytest.fixture(scope="module")
async def coaching(stack: Endpoints, kafka: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[ServiceProcesses]:
    """The process, with its own clock offset."""
    processes = ServiceProcesses(dataclasses.replace(stack, var=tmp_path_factory.mktemp("coaching")))
    await processes.start("coaching")
    yield processes
    await processes.stop_all()


class ServiceClock:
    """The clock of the process, with an offset in days."""

    def __init__(self, processes: ServiceProcesses) -> None:
        self.endpoints = processes.endpoints
        self.file = processes.endpoints.clock
        self.offset = float(self.file.read_text()) if self.file.exists() else 0.0

    @property
    def now(self) -> datetime:
        return datetime.now(UTC) + timedelta(days=self.offset)  # noqa: TID251

    def set_to(self, day: date) -> datetime:
        """Set the clock to 11:00 UTC on that day."""
        self.offset += (datetime.combine(day, time(11), UTC) - self.now) / timedelta(days=1)
        self.file.write_text(str(self.offset))
        return self.now


def new_tandem(starts_on: date) -> TandemFormed:
    return replace(
        FORMED, match=new_id(), vacancy=new_id(), organisation=new_id(), expert=new_id(), tandem=new_id(), starts_on=starts_on
    )


def reply(side: Side, content: Reply) -> ReplyReceived:
    return ReplyReceived("expert" if side == "expert" else "coordinator", content)


async def schedule(client: KafkaClient, tandem: TandemFormed, clock: ServiceClock) -> EvaluationScheduled:
    await client.publish(tandem, at=clock.now)
    return (await client.wait_for(EvaluationScheduled, lambda message: message.tandem == tandem.tandem)).data


async def publish_and_wait(client: KafkaClient, clock: ServiceClock, *messages: Message) -> None:
    """Publish messages and wait until coaching has processed them: messages of different topics have no order between them."""
    ids = await client.publish(*messages)
    pool = await create_pool(clock.endpoints.database_of("coaching"), size=1)
    for _ in range(600):
        if await pool.fetchval("SELECT count(*) FROM inbox WHERE id = ANY ($1::uuid[])", ids) == len(ids):
            break
        await asyncio.sleep(0.05)
    else:
        pytest.fail("coaching did not process the messages")
    await pool.close()


async def start(client: KafkaClient, clock: ServiceClock, *tandems: TandemFormed) -> None:
    """Report that nothing is missing, and set the clock to the first day, which all tandems share."""
    for tandem in tandems:
        await publish_and_wait(client, clock, *ready(tandem))
    clock.set_to(tandems[0].starts_on)
    for tandem in tandems:
        await wait_for_start(client, tandem)


async def wait_for_start(client: KafkaClient, tandem: TandemFormed) -> ExplorationStarted:
    return (await client.wait_for(ExplorationStarted, lambda message: message.tandem == tandem.tandem)).data


def ready(tandem: TandemFormed) -> tuple[ReadinessCompleted, ReadinessCompleted]:
    return ReadinessCompleted(tandem.organisation, None, "S"), ReadinessCompleted(tandem.organisation, tandem.vacancy, "S")


async def wait_for_stage(client: KafkaClient, tandem: TandemFormed, stage: str) -> EvaluationDue:
    return (await client.wait_for(EvaluationDue, lambda message: (message.tandem, message.stage) == (tandem.tandem, stage))).data


def stages(client: KafkaClient, tandem: TandemFormed) -> list[str]:
    return [envelope.data.stage for envelope in client.find_all(EvaluationDue, lambda message: message.tandem == tandem.tandem)]


@pytest.mark.rule("R127", "R132")
async def test_all_reminders_are_sent_for_an_evaluation_that_is_not_reported(
    coaching: ServiceProcesses, client: KafkaClient
) -> None:
    clock = ServiceClock(coaching)
    tandem = new_tandem(clock.now.date() + timedelta(days=7))
    evaluation = await schedule(client, tandem, clock)
    await publish_and_wait(client, clock, *ready(tandem))
    not_ready = new_tandem(tandem.starts_on)
    await schedule(client, not_ready, clock)

    clock.set_to(tandem.starts_on)
    assert (await wait_for_start(client, tandem)).started_on == tandem.starts_on
    plan = {"invitation": -21, "reminder_7": -7, "reminder_1": -1, "coordinator": 3, "advice_team": 7, "lead": 14}
    for stage, days in plan.items():
        clock.set_to(evaluation.on + timedelta(days=days))
        assert (await wait_for_stage(client, tandem, stage)).on == evaluation.on
    assert stages(client, tandem) == list(plan)
    assert not client.find_all(ExplorationStarted, lambda message: message.tandem == not_ready.tandem)


@pytest.mark.rule("R132")
async def test_a_moved_evaluation_moves_its_reminders_and_a_report_ends_them(
    coaching: ServiceProcesses, client: KafkaClient
) -> None:
    clock = ServiceClock(coaching)
    tandem = new_tandem(clock.now.date() + timedelta(days=7))
    reference = new_tandem(tandem.starts_on)
    evaluation = await schedule(client, tandem, clock)
    await schedule(client, reference, clock)
    await start(client, clock, tandem, reference)

    later = evaluation.on + timedelta(days=14)
    await client.publish(reply("expert", EvaluationMoved(tandem.tandem, "expert", later, time(14), "illness")), at=clock.now)
    moved = (
        await client.wait_for(EvaluationScheduled, lambda message: (message.tandem, message.sequence) == (tandem.tandem, 1))
    ).data
    assert (moved.on, moved.at, moved.move_reason) == (later, time(14), "illness")
    clock.set_to(evaluation.on - timedelta(days=21))
    await wait_for_stage(client, reference, "invitation")
    clock.set_to(later - timedelta(days=21))
    assert (await wait_for_stage(client, tandem, "invitation")).on == later

    now = clock.set_to(later)
    await client.publish(reply("organisation", EvaluationHeld(tandem.tandem, "organisation", later)), at=now)
    await client.wait_for(EvaluationCompleted, lambda message: message.tandem == tandem.tandem)
    clock.set_to(later + timedelta(days=20))
    await wait_for_stage(client, reference, "lead")
    assert not {"coordinator", "advice_team", "lead"} & set(stages(client, tandem))


async def test_after_a_pause_only_the_latest_reminder_is_sent(coaching: ServiceProcesses, client: KafkaClient) -> None:
    clock = ServiceClock(coaching)
    tandem = new_tandem(clock.now.date() + timedelta(days=7))
    evaluation = await schedule(client, tandem, clock)
    await start(client, clock, tandem)

    clock.set_to(evaluation.on + timedelta(days=8))
    await wait_for_stage(client, tandem, "advice_team")
    clock.set_to(evaluation.on + timedelta(days=15))
    await wait_for_stage(client, tandem, "lead")

    assert stages(client, tandem) == ["advice_team", "lead"]


@pytest.mark.rule("R127")
async def test_the_start_is_blocked_until_gate_s_is_met(coaching: ServiceProcesses, client: KafkaClient) -> None:
    clock = ServiceClock(coaching)
    tandem = new_tandem(clock.now.date() + timedelta(days=7))
    reopened = ReadinessProgressed(tandem.organisation, None, missing_b=("RC-001",), missing_s=("RC-005",))
    await publish_and_wait(client, clock, reopened, ReadinessCompleted(tandem.organisation, tandem.vacancy, "S"))
    await schedule(client, tandem, clock)

    clock.set_to(tandem.starts_on)
    waiting = await client.wait_for(StartWaiting, lambda message: message.tandem == tandem.tandem)
    assert waiting.data.missing_items == ("RC-001", "RC-005")
    await publish_and_wait(client, clock, ReadinessCompleted(tandem.organisation, None, "S"))
    clock.set_to(tandem.starts_on + timedelta(days=7))

    await client.wait_for(ExplorationStarted, lambda message: message.tandem == tandem.tandem)
    assert len(client.find_all(StartWaiting, lambda message: message.tandem == tandem.tandem)) == 1


async def test_a_killed_process_publishes_every_message_once(coaching: ServiceProcesses, client: KafkaClient) -> None:
    clock = ServiceClock(coaching)
    tandem = new_tandem(clock.now.date() + timedelta(days=7))
    await client.publish(tandem, at=clock.now)
    await coaching.kill("coaching")
    await coaching.start("coaching")
    evaluation = (await client.wait_for(EvaluationScheduled, lambda message: message.tandem == tandem.tandem)).data
    await start(client, clock, tandem)

    clock.set_to(evaluation.on - timedelta(days=21))
    await coaching.kill("coaching")
    await coaching.start("coaching")
    await wait_for_stage(client, tandem, "invitation")

    assert (
        len({message.id for message in client.find_all(EvaluationScheduled, lambda message: message.tandem == tandem.tandem)}) == 1
    )
    assert len({message.id for message in client.find_all(EvaluationDue, lambda message: message.tandem == tandem.tandem)}) == 1


async def test_states_are_loaded_as_they_were_saved(stack: Endpoints, kafka: str) -> None:
    formed, plain = new_tandem(date(2027, 3, 1)), new_tandem(date(2027, 3, 1))
    evaluation = Evaluation(date(2027, 6, 1), time(14, 30), "Europe/Brussels", 2, held_on=date(2027, 6, 2))
    tandems = {
        f"tandem/{formed.tandem}": Tandem(
            formed.tandem, 1, formed, evaluation, start_blocked=True, exploring_since=date(2027, 3, 2)
        ),
        f"tandem/{plain.tandem}": Tandem(plain.tandem, 1, plain, replace(evaluation, at=None, held_on=None)),
    }
    readiness = {
        key: Readiness(key, missing_b, missing_s)
        for key, missing_b, missing_s in (
            (f"organisation/{new_id()}", ("RC-001",), ("RC-005",)),
            (f"organisation/{new_id()}", (), ()),
        )
    }
    pool = await create_pool(stack.database_of("coaching"), size=1)
    async with pool.acquire() as db:
        for _ in range(2):
            await TANDEMS.save(db, tandems)
            await ORGANISATIONS.save(db, readiness)
        loaded = await TANDEMS.load(db, list(tandems)), await ORGANISATIONS.load(db, list(readiness))
    await pool.close()

    assert loaded == (tandems, readiness)
