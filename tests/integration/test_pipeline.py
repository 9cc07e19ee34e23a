"""The pipeline on a real PostgreSQL and a real Kafka: nothing lost, nothing twice, each key in order."""

import asyncio
import itertools
import os
import sys
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from deploy.provision.kafka_admin import KafkaAdmin
from deploy.stack.endpoints import Endpoints
from shared import clock
from shared.errors import NotProvisioned, TopicRecreated
from shared.kafka.consumer import BatchConsumer
from shared.kafka.decoding import decoder_for
from shared.kafka.incoming import Received
from shared.kafka.record import KafkaRecord, StoredRecord
from shared.messages.envelope import Envelope
from shared.messages.serialization import encode_envelope
from shared.pipeline import inbox
from shared.postgres.pool import connection
from shared.runtime.service import Service
from tests.support.counter_service import MOMENT, PARTITIONS, Added, Counted, Trial, envelope, made, make_topics, trial
from tests.support.waiting import wait_until

ROOT = Path(__file__).parents[2]
names = (f"trial_{nth}" for nth in itertools.count())


@pytest.fixture
async def here(stack: Endpoints) -> AsyncIterator[Trial]:
    async with trial(stack, next(names)) as made:
        yield made


async def numbers(here: Trial) -> dict[str, list[int]]:
    """What was said about each thing, in the order of its partition."""
    said = defaultdict[str, list[int]](list)
    for _, counted in await here.counted():
        said[counted.thing].append(counted.n)
    return said


async def test_what_is_said_about_a_key_comes_in_the_order_in_which_it_was_heard(here: Trial) -> None:
    told = [here.told(f"{n % 10}", f"{(n + 5) % 10}" if n % 10 == 0 else f"{n % 10}x", n=n) for n in range(300)]
    await here.say(*told)

    async with here.running(max_records=20):
        await here.settled(600)

    said = await numbers(here)
    for thing, of_thing in said.items():
        assert of_thing == await here.tally(thing.removeprefix("thing/"))
    for n in range(1, 10):
        assert said[f"thing/{n}x"] == list(range(n, 300, 10))
    assert sum(map(len, said.values())) == 600


async def test_a_record_on_our_topic_is_a_structured_cloudevent_with_its_cause(here: Trial) -> None:
    await here.say(here.told("1", n=1))

    async with here.running():
        await here.settled(1)

    ((record, counted),) = await here.counted()
    assert record.headers == (("content-type", b"application/cloudevents+json"),)
    assert record.key == b"thing/1"
    assert counted == Counted(bus=here.name, thing="thing/1", n=1, count=1, filler="")


async def test_the_same_message_twice_counts_once(here: Trial) -> None:
    await here.say(here.told("1", n=1), here.told("1", n=2))
    here.said = 0
    await here.say(here.told("1", n=1), here.told("1", n=2), here.told("1", n=3))

    async with here.running():
        await here.settled(3)

    assert await here.tally("1") == [1, 2, 3]
    assert await numbers(here) == {"thing/1": [1, 2, 3]}


async def test_of_a_doubled_id_in_one_batch_the_first_counts(here: Trial) -> None:
    one = envelope(here.told("1", n=1), 1)
    other = envelope(here.told("1", n=2), 1)

    async with here.running() as service:
        await service.handle([one, other, one])

    assert await here.tally("1") == [1]


async def test_a_kind_that_is_not_heard_moves_the_position_and_nothing_else(here: Trial) -> None:
    await here.put("thing/1", b'{"type":"tandem.trial.sung.v1","data":{}}')
    await here.say(here.told("1", n=1))

    async with here.running():
        await here.settled(1)

    assert await here.fetch("SELECT sum(next_offset) FROM consumer_offsets") == [(2,)]
    assert await here.fetch("SELECT FROM dead_letters") == []


async def test_a_message_that_breaks_a_rule_is_parked_and_its_key_waits_while_others_go_on(here: Trial) -> None:
    here.broken.add(2)
    await here.say(*(here.told(thing, n=n) for n in (1, 2, 3) for thing in ("1", "2") if (thing, n) != ("2", 2)))

    async with here.running():
        await here.settled(3)

    assert (await here.tally("1"), await here.tally("2")) == ([1], [1, 3])
    parked = await here.fetch("SELECT kind, keys, error, detail FROM dead_letters ORDER BY id")
    assert [row[:3] for row in parked] == [
        ("tandem.trial.told.v1", ["thing/1"], "LookupError"),
        ("tandem.trial.told.v1", ["thing/1"], None),
    ]
    assert "secret" not in parked[0][3]
    assert "raised in decide" in parked[0][3]


async def test_a_parked_message_holds_up_every_key_that_waits_with_it(here: Trial) -> None:
    here.broken.add(1)
    await here.say(here.told("1", n=1), here.told("1", "2", n=2))

    async with here.running() as service:
        await wait_until(lambda: parked(here, 2))
        await service.handle([envelope(here.told("2", n=3), 3), envelope(here.told("3", n=4), 4)])

        assert (await here.tally("2"), await here.tally("3")) == ([], [4])
        assert await here.fetch("SELECT count(*) FROM dead_letters") == [(3,)]


async def test_what_was_parked_and_is_tried_again_goes_on_in_order_with_all_behind_it(here: Trial) -> None:
    here.broken.add(2)
    await here.say(*(here.told("1", n=n) for n in (1, 2, 3, 4)))

    async with here.running():
        await wait_until(lambda: parked(here, 3))
        await here.fetch("UPDATE dead_letters SET status = 'replay_requested' WHERE status = 'failed'")
        await wait_until(lambda: waits_again(here))
        here.broken.clear()
        await here.fetch("UPDATE dead_letters SET status = 'replay_requested' WHERE status = 'failed'")
        await here.settled(4)

    assert await here.tally("1") == [1, 2, 3, 4]
    assert await numbers(here) == {"thing/1": [1, 2, 3, 4]}
    assert await here.fetch("SELECT FROM dead_letters") == []


async def test_what_stood_behind_a_discarded_message_goes_on(here: Trial) -> None:
    here.broken.add(2)
    await here.say(*(here.told("1", n=n) for n in (1, 2, 3)))

    async with here.running():
        await wait_until(lambda: parked(here, 2))
        await here.fetch("DELETE FROM dead_letters WHERE status = 'failed'")
        await here.settled(2)

    assert await here.tally("1") == [1, 3]


@pytest.mark.parametrize(
    ("value", "headers", "detail"),
    [
        (b"\xff\xfe not JSON", [], "not a JSON object with a type"),
        (None, [], "a record without a value"),
        (b'{"type":"tandem.trial.told.v2"}', [], "tandem.trial.told.v2 has an unknown major version"),
        (b'{"type":"tandem.trial.told.v1","id":"secret"}', [], "tandem.trial.told.v1 is invalid at $.id"),
        (b"{}", [("content-type", None)], "the content type is not that of a structured CloudEvent"),
        (b"{}", [("a\0b", b"x")], "not a JSON object with a type"),
        (b"{}", [("content-type", b"text/plain")], "the content type is not that of a structured CloudEvent"),
    ],
)
async def test_what_cannot_be_read_is_parked_bytes_untouched(
    here: Trial, value: bytes | None, headers: list[tuple[str, bytes | None]], detail: str
) -> None:
    await here.put("thing/1", value, headers)
    await here.say(here.told("1", n=1), here.told("2", n=2))

    async with here.running():
        await here.settled(1)
        await here.fetch("UPDATE dead_letters SET status = 'replay_requested' WHERE status = 'failed'")
        await wait_until(lambda: waits_again(here))

    row, behind = await here.fetch("SELECT value, record_key, keys, error, detail FROM dead_letters ORDER BY id")
    assert row == (value, b"thing/1", ["thing/1"], "DecodeError", detail)
    assert behind[3] is None


async def test_a_record_that_cannot_be_built_again_stays_parked_and_the_worker_goes_on(here: Trial) -> None:
    here.broken.add(1)
    await here.say(here.told("1", n=1), here.told("2", n=2))

    async with here.running():
        await here.settled(1)
        await here.fetch("UPDATE dead_letters SET status = 'replay_requested', headers = '{'")
        await wait_until(lambda: waits_again(here))

    assert await here.fetch("SELECT error FROM dead_letters") == [("ValidationError",)]


async def test_where_the_tables_do_not_fit_the_process_ends_and_parks_nothing(here: Trial) -> None:
    await here.fetch("ALTER TABLE tally RENAME numbers TO figures")
    await here.say(*(here.told("1", n=n) for n in range(5)))

    with pytest.raises(NotProvisioned, match='column "numbers" does not exist'):
        async with here.running() as service:
            await asyncio.wait_for(service.wait_failed(), 20)

    assert await here.fetch("SELECT FROM dead_letters") == []


async def test_an_effect_without_a_sink_ends_the_process_and_parks_nothing(here: Trial) -> None:
    with pytest.raises(NotProvisioned, match="no effect handler for ScheduleTimer"):
        async with here.running() as service:
            service.runner = replace(service.runner, effect_handlers={})
            await here.say(here.told("1", n=1, timers=(("thing/1", "talk", "a", "2027-03-01"),)))
            await asyncio.wait_for(service.wait_failed(), 20)

    assert await here.fetch("SELECT FROM dead_letters") == []


async def test_what_looks_like_an_outage_but_comes_from_a_rule_is_parked(here: Trial) -> None:
    def late(*_: Any) -> Any:
        raise TimeoutError("a secret")

    async with here.running() as service:
        service.runner = replace(service.runner, decider=replace(service.runner.decider, decide=late))
        await here.say(here.told("1", n=1))
        await wait_until(lambda: parked(here, 1))

    ((error, detail),) = await here.fetch("SELECT error, detail FROM dead_letters")
    assert error == "DeciderFailed"
    assert detail.startswith("a decider raised TimeoutError, raised in late, test_pipeline.py line ")


async def test_an_answer_that_is_too_large_parks_its_cause(here: Trial) -> None:
    await here.say(here.told("1", n=1, size=1_000_000), here.told("2", n=2, size=800_000))

    async with here.running():
        await here.settled(1)

    ((error, detail),) = await here.fetch("SELECT error, detail FROM dead_letters")
    assert error == "MessageTooLarge"
    assert detail.startswith(f"a message for {here.name}.out has 1000")
    assert await numbers(here) == {"thing/2": [2]}


async def test_what_was_committed_and_not_acknowledged_is_not_handled_again(here: Trial, monkeypatch: pytest.MonkeyPatch) -> None:
    async def silent(*_: Any) -> None:
        pass

    monkeypatch.setattr(BatchConsumer, "commit_offsets", silent)
    await here.say(*(here.told("1", n=n) for n in range(50)))
    async with here.running():
        await here.settled(50)

    await here.say(here.told("1", n=50))
    async with here.running():
        await here.settled(51)

    assert await numbers(here) == {"thing/1": list(range(51))}


async def test_after_a_crash_the_lag_on_the_bus_returns_to_nothing_though_nothing_new_comes(
    here: Trial, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def silent(*_: Any) -> None:
        pass

    with monkeypatch.context() as patched:
        patched.setattr(BatchConsumer, "commit_offsets", silent)
        await here.say(here.told("1", n=1))
        async with here.running():
            await here.settled(1)

    async with here.running():
        await wait_until(lambda: acknowledged(here, 1))


async def test_what_is_not_for_us_passes_by_without_an_id_and_is_not_read_again(
    here: Trial, monkeypatch: pytest.MonkeyPatch
) -> None:
    def counting(record: KafkaRecord, now: datetime) -> Envelope[Any] | None:
        seen.append(record.offset)
        return hears(record, now)

    seen, hears = list[int](), decoder_for(Added)
    for n in range(50):
        await here.put(f"thing/{n}", b'{"type":"tandem.trial.something-else.v1"}')
    async with here.running(concurrency=1, decode=counting):
        await wait_until(lambda: stands(here, 50))
        await wait_until(lambda: acknowledged(here, 50))
        assert await here.fetch("SELECT FROM inbox") == []
    async with here.running(concurrency=1, decode=counting):
        await here.say(here.told("1", n=1))
        await here.settled(1)

    assert len(seen) == 51


async def test_of_offsets_skipped_by_two_consumers_the_larger_counts(here: Trial) -> None:
    partition = TopicPartition(f"{here.name}.in", 0)
    async with here.running() as service:
        ahead, behind = service.consumers
        ahead.offsets.skipped({partition: 9})
        behind.offsets.skipped({partition: 5})
        await wait_until(lambda: stands(here, 9))


async def stands(here: Trial, count: int) -> bool:
    """Whether the database says that so many records were handled or passed by."""
    return await here.fetch("SELECT coalesce(sum(next_offset), 0)::int FROM consumer_offsets") == [(count,)]


async def acknowledged(here: Trial, count: int) -> bool:
    """Whether the group has told the bus that it is past so many records."""
    admin = AIOKafkaAdminClient(bootstrap_servers=here.kafka)
    try:
        await admin.start()
        return bool(sum(at.offset for at in (await admin.list_consumer_group_offsets(here.name)).values()) == count)
    finally:
        await admin.close()


async def test_the_inbox_remembers_where_positions_were_lost(here: Trial) -> None:
    await here.say(*(here.told("1", n=n) for n in range(50)))
    async with here.running():
        await here.settled(50)

    await here.fetch("TRUNCATE consumer_offsets")
    await here.say(here.told("1", n=50))
    async with here.running():
        await here.settled(51)

    assert await here.tally("1") == list(range(51))


async def test_a_topic_made_anew_starts_anew(here: Trial) -> None:
    await here.say(*(here.told("1", n=n) for n in range(20)))
    async with here.running() as service:
        await here.settled(20)
        await asyncio.to_thread(deleted, here)
        await make_topics(here)
        with pytest.raises(TopicRecreated, match="was recreated: restart"):
            await service.topology.refresh()

    await here.say(here.told("1", n=20))
    async with here.running():
        await here.settled(21)

    assert await here.tally("1") == list(range(21))


async def test_a_topic_that_the_topology_does_not_know_yet_is_waited_for(here: Trial) -> None:
    await here.fetch(f"DELETE FROM topology WHERE topic = '{here.name}.in'")
    await here.say(here.told("1", n=1))

    async with here.running():
        await asyncio.sleep(1)
        assert await here.tally("1") == []
        await make_topics(here)
        await here.settled(1)


async def test_a_topic_that_nobody_declared_waits_alone_until_it_is_known(here: Trial) -> None:
    await asyncio.to_thread(made, here.kafka, here.name, ["by-hand"])
    await here.put("thing/1", encode_envelope(envelope(here.told("1", n=1), 1)), end="by-hand")
    async with here.running(concurrency=1, pattern=rf"{here.name}\.(in|by-hand)") as service:
        await wait_until(lambda: ready(service))
        here.said = 1
        await here.say(here.told("1", n=2))
        await here.settled(1, seconds=5)
        await make_topics(here, ["in", "out", "by-hand"])
        await here.settled(2)

    assert await here.tally("1") == [2, 1]


async def test_what_was_put_back_is_read_again_whatever_the_bus_remembers(here: Trial, monkeypatch: pytest.MonkeyPatch) -> None:
    stand = inbox.load_offsets

    async def slow(*arguments: Any) -> Any:
        await asyncio.sleep(0.5)
        return await stand(*arguments)

    await here.say(*(here.told("1", n=n) for n in range(10)))
    async with here.running():
        await here.settled(10)

    monkeypatch.setattr(inbox, "load_offsets", slow)
    await here.fetch("TRUNCATE consumer_offsets, inbox, tally")
    await here.say(here.told("1", n=10), here.told("1", n=11))
    async with here.running():
        await here.settled(12)

    assert await here.tally("1") == list(range(12))


async def test_a_clock_that_fails_ends_the_process_and_skips_nothing(here: Trial, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> datetime:
        raise OverflowError("no such date")

    await here.say(here.told("1", n=1))
    with pytest.raises(OverflowError):
        async with here.running() as service:
            with monkeypatch.context() as patch:
                patch.setattr(clock, "now", broken)
                await asyncio.wait_for(service.wait_failed(), 20)

    async with here.running():
        await here.settled(1)


async def test_lost_connections_are_waited_out_with_the_batch_in_hand(here: Trial) -> None:
    await here.say(*(here.told(f"{n % 7}", n=n) for n in range(200)))

    async with here.running(max_records=5):
        for _ in range(8):
            await here.fetch(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND query ~ 'inbox|outbox'"
            )
            await asyncio.sleep(0.05)
        await here.settled(200)

    assert await here.fetch("SELECT FROM dead_letters") == []
    for thing, of_thing in (await numbers(here)).items():
        assert of_thing == list(range(int(thing[6:]), 200, 7))


async def test_killed_processes_lose_nothing_and_do_nothing_twice(here: Trial) -> None:
    told = [here.told(f"{n % 40}", *([f"{(n + 7) % 40}"] if n % 10 == 0 else []), n=n) for n in range(3000)]
    processes = [await started(here) for _ in range(2)]
    try:
        for nth in range(3):
            await asyncio.gather(here.say(*told[nth * 1000 : (nth + 1) * 1000]), asyncio.sleep(2.5))
            victim = processes.pop(0)
            victim.kill()
            await victim.wait()
            processes.append(await started(here))
        await here.settled(3300, seconds=60)
    finally:
        for process in processes:
            process.terminate()
            await process.wait()

    said = await numbers(here)
    assert sum(map(len, said.values())) == 3300
    for thing, of_thing in said.items():
        assert of_thing == await here.tally(thing.removeprefix("thing/"))


@pytest.mark.parametrize(
    ("away", "event"), [("TANDEM_DATABASE", b'"database_unavailable"'), ("TANDEM_KAFKA", b'"kafka_unavailable"')]
)
async def test_a_process_that_waits_for_its_stack_stops_when_asked(here: Trial, away: str, event: bytes) -> None:
    nowhere = {"TANDEM_DATABASE": "postgresql://nobody@127.0.0.1:1/none", "TANDEM_KAFKA": "127.0.0.1:1"}
    process = await started(here, **{away: nowhere[away], "TANDEM_LOG_LEVEL": "WARNING"}, stdout=asyncio.subprocess.PIPE)
    assert process.stdout is not None
    async with asyncio.timeout(20):
        while event not in await process.stdout.readline():
            pass
    process.terminate()

    assert await asyncio.wait_for(process.wait(), 5) == 0


async def test_a_process_that_is_told_no_database_says_so_in_one_sentence(here: Trial) -> None:
    process = await started(here, TANDEM_DATABASE=None, stderr=asyncio.subprocess.PIPE)
    _, said = await process.communicate()

    assert said.decode() == "TANDEM_DATABASE: missing, set it in the environment\n"
    assert process.returncode == 1


async def test_partitions_that_are_new_to_the_producer_are_sent_to(here: Trial) -> None:
    async with here.running() as service:
        await here.say(*(here.told(f"{n}", n=n) for n in range(20)))
        await here.settled(20)
        await asyncio.to_thread(grown, here)
        await here.fetch(f"UPDATE topology SET partitions = {2 * PARTITIONS} WHERE topic = '{here.name}.out'")
        await service.topology.refresh()
        await here.say(*(here.told(f"{n}", n=n) for n in range(20, 60)))
        await here.settled(60)

    assert len(await numbers(here)) == 60


async def test_a_process_that_comes_later_sends_its_share_of_the_lanes(here: Trial) -> None:
    async with here.running() as first:
        await wait_until(lambda: has_lanes(first, 12))
        async with here.running() as second:
            await wait_until(lambda: has_lanes(second, 6))
            await wait_until(lambda: has_lanes(first, 6))
            assert not set(first.relay.leases.shards) & set(second.relay.leases.shards)
        await wait_until(lambda: has_lanes(first, 12))


async def test_a_topic_that_refuses_holds_up_no_stop_and_goes_on_when_it_takes_again(here: Trial) -> None:
    await asyncio.to_thread(limited, here, {"max.message.bytes": "100"})
    await here.say(*(here.told(f"{n}", n=n) for n in range(20)))
    async with here.running() as service:
        await wait_until(lambda: refused(service))
        began = time.monotonic()
    assert time.monotonic() - began < 4

    await asyncio.to_thread(limited, here, {})
    async with here.running():
        await here.settled(20)


async def refused(service: Service) -> bool:
    return any(service.relay.backoff)


def limited(here: Trial, then: dict[str, str]) -> None:
    with KafkaAdmin(here.kafka) as cluster:
        cluster.alter_settings(f"{here.name}.out", cluster.topics()[f"{here.name}.out"].settings, then)


async def has_lanes(service: Service, count: int) -> bool:
    return len(service.relay.leases.shards) == count


async def started(here: Trial, stdout: Any = None, stderr: Any = None, **settings: str | None) -> asyncio.subprocess.Process:
    """The trial's service as a process of its own, with these settings instead of its usual ones."""
    usual = {"TANDEM_KAFKA": here.kafka, "TANDEM_DATABASE": here.settings.database.get_secret_value(), "TANDEM_LOG_LEVEL": "ERROR"}
    told = {name: value for name, value in {**os.environ, **usual, **settings}.items() if value is not None}
    command = (sys.executable, "-m", "tests.support.counter_service", here.name)
    return await asyncio.create_subprocess_exec(*command, env=told, cwd=ROOT, stdout=stdout, stderr=stderr)


@pytest.mark.parametrize("size", [1, 10, 400])
async def test_a_batch_takes_eight_statements_whatever_its_size(here: Trial, size: int) -> None:
    async with here.running(concurrency=1) as service, connection(service.pool) as db:
        now = [Received(MOMENT, envelope(here.told(f"{n % 50}", n=n), n), record(here, n)) for n in range(size)]
        await service.runner.process(db, service.topology.topics, [record_of_warmth(here)])
        statements: list[str] = []
        with db.query_logger(lambda logged: statements.append(logged.query)):
            await service.runner.process(db, service.topology.topics, now)

    assert len(statements) == 8, statements


async def test_a_transaction_adds_at_most_a_parcel_for_each_partition(here: Trial) -> None:
    async with here.running(concurrency=1) as service:
        async with connection(service.pool) as db, db.transaction():
            heard = [Received(MOMENT, envelope(here.told(f"{n % 50}", n=n), n)) for n in range(400)]
            await service.runner.process(db, service.topology.topics, heard)
            parcels = await db.fetch("SELECT cardinality(keys) FROM outbox")

    assert len(parcels) == PARTITIONS
    assert sum(row[0] for row in parcels) == 400


async def test_at_our_own_door_a_broken_message_raises_and_leaves_nothing(here: Trial) -> None:
    here.broken.add(2)

    async with here.running() as service:
        with pytest.raises(LookupError):
            await service.handle([envelope(here.told("1", n=1), 1), envelope(here.told("1", n=2), 2)])

    assert await here.tally("1") == []
    assert await here.fetch("SELECT FROM inbox UNION ALL SELECT FROM dead_letters") == []


async def test_a_worker_may_park_what_is_broken_and_it_can_be_tried_again(here: Trial) -> None:
    here.broken.add(2)

    async with here.running() as service:
        await service.handle([envelope(here.told("1", n=n), n) for n in (1, 2, 3)], dead_letter_failures=True)
        assert await here.tally("1") == [1]
        here.broken.clear()
        await here.fetch("UPDATE dead_letters SET status = 'replay_requested' WHERE status = 'failed'")
        await here.settled(3)

    assert await here.tally("1") == [1, 2, 3]


async def test_a_timer_comes_on_its_morning_and_only_the_latest_step_of_a_chain(here: Trial, clock_file: Path) -> None:
    chain = tuple(("thing/1", "talk", f"step {nth}", f"2027-03-{day:02}") for nth, day in ((1, 1), (2, 8), (3, 15)))
    async with here.running() as service:
        await service.handle([envelope(here.told("1", n=1, timers=chain), 1)])
        for moment in ("2027-03-01T07:59+00:00", "2027-03-01T08:01+00:00", "2027-03-20T08:00+00:00"):
            move(clock_file, moment)
            await asyncio.sleep(1.5)

    assert await here.fetch("SELECT steps FROM tally") == [(["step 1", "step 3"],)]
    assert await here.fetch("SELECT step, state FROM timers ORDER BY step") == [
        ("step 1", "fired"),
        ("step 2", "skipped"),
        ("step 3", "fired"),
    ]


async def test_a_timer_that_moved_comes_on_its_new_day_and_a_dropped_one_never(here: Trial, clock_file: Path) -> None:
    first = (("thing/1", "talk", "a", "2027-03-01"), ("thing/1", "other", "b", "2027-03-01"))
    then = (("thing/1", "talk", "a", "2027-03-09"), ("thing/1", "other", None, None))
    async with here.running() as service:
        await service.handle([envelope(here.told("1", n=1, timers=first), 1), envelope(here.told("1", n=2, timers=then), 2)])
        move(clock_file, "2027-03-05T08:00+00:00")
        await asyncio.sleep(1.5)
        assert await here.fetch("SELECT steps FROM tally") == [([],)]
        move(clock_file, "2027-03-09T08:00+00:00")
        await wait_until(lambda: done(here))

    assert await here.fetch("SELECT steps FROM tally") == [(["a"],)]
    assert await here.fetch("SELECT count(*) FROM timers WHERE step = 'b' AND state = 'pending'") == [(0,)]


async def test_a_timer_fires_once_though_two_processes_watch(here: Trial, clock_file: Path) -> None:
    chain = tuple((f"thing/{nth}", "talk", "a", "2027-03-01") for nth in range(40))
    async with here.running() as service, here.running():
        await service.handle([envelope(here.told(*(str(nth) for nth in range(40)), n=1, timers=chain), 1)])
        move(clock_file, "2027-03-02T08:00+00:00")
        await wait_until(lambda: done(here))

    assert await here.fetch("SELECT DISTINCT steps FROM tally") == [(["a"],)]


async def ready(service: Service) -> bool:
    return all(lane.is_healthy() for lane in service.consumers)


async def parked(here: Trial, count: int) -> bool:
    return await here.fetch("SELECT count(*) FROM dead_letters") == [(count,)]


async def waits_again(here: Trial) -> bool:
    return await here.fetch("SELECT FROM dead_letters WHERE status = 'replay_requested'") == []


async def done(here: Trial) -> bool:
    return await here.fetch("SELECT FROM timers WHERE state = 'pending'") == []


def record(here: Trial, offset: int) -> StoredRecord:
    return StoredRecord(f"{here.name}.in", 0, offset, 0, b"thing/1", b"", ())


def record_of_warmth(here: Trial) -> Received:
    """A first message, so that types and plans are known to the connection."""
    return Received(MOMENT, envelope(here.told("0", n=-1), 1_000_000), StoredRecord(f"{here.name}.in", 1, 0, 0, b"", b"", ()))


def grown(here: Trial) -> None:
    with KafkaAdmin(here.kafka) as cluster:
        cluster.grow({f"{here.name}.out": 2 * PARTITIONS})


def deleted(here: Trial) -> None:
    with KafkaAdmin(here.kafka) as cluster:
        cluster.delete([f"{here.name}.in"])


@pytest.fixture
def clock_file(tmp_path: Path) -> Iterator[Path]:
    """The clock file that this process follows for the length of a test."""
    clock.use_offset_file(tmp_path / "clock")
    yield tmp_path / "clock"
    clock.use_offset_file(None)


def move(file: Path, moment: str) -> None:
    ahead = (datetime.fromisoformat(moment) - clock.now()).total_seconds() / 86_400
    before = float(file.read_text()) if file.exists() else 0.0
    file.write_text(str(before + ahead))
