"""Runner and relay under thousands of schedules, and seeded bugs that these schedules must detect."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from aiokafka.errors import KafkaError
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from shared.pipeline import outbox, relay, runner
from shared.pipeline.relay import Relay
from shared.postgres import retry
from tests.unit.shared.pipeline_model import VIOLATIONS, PipelineModel
from tests.unit.shared.simulation import Process, Session


class SilentLog:
    def warning(self, *_: Any, **__: Any) -> None:
        """Outages are expected here."""


@pytest.fixture(autouse=True)
def silent_log(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retry, "log", SilentLog())
    monkeypatch.setattr(relay, "log", SilentLog())


def examples(count: int) -> settings:
    return settings(
        max_examples=count,
        stateful_step_count=10,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )


def test_each_key_keeps_its_order_under_any_schedule() -> None:
    run_state_machine_as_test(PipelineModel, settings=examples(1000))


def no_key_lock(patch: pytest.MonkeyPatch) -> None:
    async def lock_nothing(db: Any, *_: Any) -> None:
        await db.world.step("statement", lambda: None)

    patch.setattr(runner, "lock_keys", lock_nothing)


def hand_over_from_memory(patch: pytest.MonkeyPatch) -> None:
    """After its commit a transaction publishes its own batches, without looking for older ones in the outbox."""
    insert, process, inserted = outbox.insert, Process.process, dict[Any, list[Any]]()

    async def insert_and_remember(db: Any, batches: list[Any]) -> None:
        await insert(db, batches)
        inserted[asyncio.current_task()] = batches

    async def process_and_publish(self: Process, batch: Any) -> None:
        await process(self, batch)
        for topic, partition, keys, payloads in inserted.pop(asyncio.current_task(), []):
            if not self.world.committed.issuperset(payloads):
                continue
            for record_batch, _ in relay.build_record_batches(self.relay.producer, [outbox.PendingBatch(0, keys, payloads)]):
                await self.relay.producer.send_batch(record_batch, topic, partition=partition)

    patch.setattr(outbox, "insert", insert_and_remember)
    patch.setattr(Process, "process", process_and_publish)


def delete_before_the_acknowledgement(patch: pytest.MonkeyPatch) -> None:
    publish = Relay.publish

    async def acknowledge_and_publish(self: Relay, tp: Any, batches: Any) -> None:
        self.acknowledged += [batch.id for batch in batches]
        await publish(self, tp, batches)

    patch.setattr(Relay, "publish", acknowledge_and_publish)


def publish_before_commit(patch: pytest.MonkeyPatch) -> None:
    insert = Session.insert_outbox

    async def publish_and_insert(self: Session, batches: list[Any]) -> None:
        for _, partition, _, payloads in batches:
            self.world.published[partition].extend(payloads)
        await insert(self, batches)

    patch.setattr(Session, "insert_outbox", publish_and_insert)


def continue_after_a_failure(patch: pytest.MonkeyPatch) -> None:
    """A record batch that failed is left for later, and the rest of its partition is published."""

    async def publish(self: Relay, tp: Any, batches: Any) -> None:
        for record_batch, completed_ids in relay.build_record_batches(self.producer, batches):
            with suppress(KafkaError):
                await (await self.producer.send_batch(record_batch, tp.topic, partition=tp.partition))
                self.acknowledged += completed_ids

    patch.setattr(Relay, "publish", publish)


@pytest.mark.parametrize(
    "seed_bug",
    [no_key_lock, hand_over_from_memory, delete_before_the_acknowledgement, publish_before_commit, continue_after_a_failure],
)
def test_seeded_bug_is_detected(seed_bug: Callable[[pytest.MonkeyPatch], None], monkeypatch: pytest.MonkeyPatch) -> None:
    seed_bug(monkeypatch)

    with pytest.raises(AssertionError, match=VIOLATIONS):
        run_state_machine_as_test(PipelineModel, settings=examples(2000))
