"""How a batch that cannot be handled is taken apart."""

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.kafka.record import KafkaRecord
from shared.pipeline.inbox import Incoming
from shared.pipeline.runner import process_or_bisect
from shared.runtime.maintenance import StoredRecord

NOW = datetime(2027, 1, 1, tzinfo=UTC)


def arrived(offset: int) -> Incoming:
    record: KafkaRecord = StoredRecord("in", 0, offset, 0, b"", b"", ())
    return Incoming(NOW, None, record)


class Rules:
    """Handles batches in which no offset is broken, and parks what has an error; remembers both in order."""

    def __init__(self, broken: set[int], tight: bool = False) -> None:
        self.broken, self.tight = broken, tight
        self.handled: list[int] = []
        self.parked: list[int] = []

    async def attempt(self, batch: Sequence[Incoming]) -> None:
        offsets = [a.record.offset for a in batch if a.record]
        if batch[0].error and not self.tight:
            self.parked += offsets
        elif self.broken.intersection(offsets):
            raise ValueError("broken")
        else:
            self.handled += offsets


@given(size=st.integers(1, 40), broken=st.sets(st.integers(0, 39)))
async def test_the_broken_ones_are_parked_and_all_others_are_handled_in_order(size: int, broken: set[int]) -> None:
    rules = Rules(broken)

    await process_or_bisect(rules.attempt, [arrived(offset) for offset in range(size)])

    assert rules.parked == sorted(offset for offset in broken if offset < size)
    assert rules.handled == [offset for offset in range(size) if offset not in broken]


async def test_where_even_parking_fails_the_error_comes_out() -> None:
    with pytest.raises(ValueError, match="broken"):
        await process_or_bisect(Rules({1}, tight=True).attempt, [arrived(0), arrived(1)])
