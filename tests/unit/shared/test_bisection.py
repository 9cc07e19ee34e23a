"""Bisection of a batch that fails."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.kafka.incoming import Failed, Incoming, Received
from shared.kafka.record import StoredRecord
from shared.messages.envelope import Envelope
from shared.pipeline.runner import process_or_bisect
from shared.pipeline.timers import TimerDue

NOW = datetime(2027, 1, 1, tzinfo=UTC)
DUE = TimerDue(subject="thing/1", milestone="talk", step="a", recipient="lead", day=date(2027, 1, 1))
ENVELOPE = Envelope(id=UUID(int=1), source="/test", subject="thing/1", time=NOW, data=DUE)


def received(offset: int) -> Incoming:
    return Received(NOW, ENVELOPE, StoredRecord("in", 0, offset))


class BatchProcessor:
    """Fails on batches with a poison message; stores failed messages as dead letters unless `can_store` is False."""

    def __init__(self, poison: set[int], can_store: bool = True) -> None:
        self.poison, self.can_store = poison, can_store
        self.processed, self.dead_lettered = list[int](), list[int]()

    async def process(self, batch: Sequence[Incoming]) -> None:
        offsets = [incoming.record.offset for incoming in batch if incoming.record]
        if isinstance(batch[0], Failed) and self.can_store:
            self.dead_lettered += offsets
        elif self.poison.intersection(offsets):
            raise ValueError("poison")
        else:
            self.processed += offsets


@given(size=st.integers(1, 40), poison=st.sets(st.integers(0, 39)))
async def test_poison_messages_are_dead_lettered_and_the_others_processed_in_order(size: int, poison: set[int]) -> None:
    processor = BatchProcessor(poison)

    await process_or_bisect(processor.process, [received(offset) for offset in range(size)])

    assert processor.dead_lettered == sorted(offset for offset in poison if offset < size)
    assert processor.processed == [offset for offset in range(size) if offset not in poison]


async def test_error_is_raised_if_the_dead_letter_cannot_be_stored() -> None:
    with pytest.raises(ValueError, match="poison"):
        await process_or_bisect(BatchProcessor({1}, can_store=False).process, [received(0), received(1)])
