"""Records that the Kafka client cannot read: their partition goes on."""

import time
from collections.abc import Callable
from zlib import crc32

import cramjam
import pytest
from structlog.testing import capture_logs

from deploy.stack.endpoints import Endpoints
from shared.kafka.fetching.bounded_codec import MAX_BATCH_BYTES
from shared.messages.serialization import encode_envelope
from tests.support.counter_service import PARTITIONS, Harness, envelope
from tests.support.raw_batches import batch, damaged, produce, record, valid_batch, with_crc

NOW = time.time_ns() // 1_000_000
PARTITION = crc32(b"thing/1") % PARTITIONS
MESSAGE_TOO_OLD, CORRUPT, REFUSED = 87, 2, -1


async def produce_raw(harness: Harness, raw: bytes) -> int:
    return await produce(harness.kafka, f"{harness.name}.in", PARTITION, raw)


def message(harness: Harness, n: int) -> bytes:
    return encode_envelope(envelope(harness.added("1", n=n), n))


@pytest.mark.parametrize("name", [b"caf\xe9", b"\xed\xa0\x80", b"\xff" * 100], ids=["latin-1", "surrogate", "long"])
async def test_a_record_whose_header_name_is_no_utf8_is_processed(harness: Harness, name: bytes) -> None:
    for n in range(3):
        raw = batch([record(0, b"thing/1", message(harness, n), [(name, b"x")] if n == 1 else [])], timestamp=NOW)
        assert await produce_raw(harness, raw) == 0

    async with harness.running():
        await harness.wait_until_processed(3)

    assert await harness.numbers("1") == [0, 1, 2]


async def test_offsets_that_a_producer_invented_lose_no_record(harness: Harness) -> None:
    for deltas in ((0, 0, 0), (0, 1000, 1)):
        first = 3 * (deltas[1] > 0)
        records = [record(delta, b"thing/1", message(harness, first + n)) for n, delta in enumerate(deltas)]
        assert await produce_raw(harness, batch(records, timestamp=NOW)) == 0
    assert await produce_raw(harness, batch([record(0, b"thing/1", message(harness, 6))], timestamp=NOW)) == 0

    async with harness.running():
        await harness.wait_until_processed(7)

    assert await harness.numbers("1") == list(range(7))


async def test_a_batch_that_would_fill_the_memory_becomes_a_dead_letter(harness: Harness) -> None:
    bomb = bytes(cramjam.zstd.compress(record(0, b"thing/1", bytes(4 * MAX_BATCH_BYTES))))
    assert await produce_raw(harness, batch([bomb], attributes=4, timestamp=NOW)) == 0
    await harness.publish(harness.added("1", n=1))

    with capture_logs() as lines:
        async with harness.running():
            await harness.wait_until_processed(1)

    ((offset, value, detail),) = await harness.fetch("SELECT record_offset, value, detail FROM dead_letters")
    assert (offset, bomb in value) == (0, True)
    assert detail == "the record cannot be read: its batch cannot be decompressed, or to more than 16 MiB"
    assert [line["offset"] for line in lines if line["event"] == "record_unreadable"] == [0]


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (damaged(valid_batch(2)), CORRUPT),
        (batch([b"no codec"], attributes=4, timestamp=NOW), REFUSED),
        (batch([b"no such codec"], attributes=5, timestamp=NOW), REFUSED),
        (batch([record(0, b"k", b"v", header_count=5)], timestamp=NOW), MESSAGE_TOO_OLD),
        (valid_batch(1)[:16] + b"\0" + valid_batch(1)[17:], MESSAGE_TOO_OLD),
        (valid_batch(1)[:16] + b"\1" + valid_batch(1)[17:], MESSAGE_TOO_OLD),
    ],
    ids=["checksum", "invalid data", "unknown codec", "malformed", "magic 0", "magic 1"],
)
async def test_kafka_refuses_what_it_can_check(harness: Harness, raw: bytes, code: int) -> None:
    """Only a disk can bring these; `test_a_damaged_log` does."""
    assert await produce_raw(harness, raw) == code


def with_unknown_codec(raw: bytes) -> bytes:
    return with_crc(raw[:22] + b"\5" + raw[23:])


def with_old_magic(raw: bytes) -> bytes:
    return raw[:16] + b"\0" + raw[17:]


@pytest.mark.parametrize("spoil", [damaged, with_unknown_codec, with_old_magic])
async def test_a_damaged_log_is_passed_with_dead_letters_and_an_alarm(
    harness: Harness, stack: Endpoints, spoil: Callable[[bytes], bytes]
) -> None:
    """Kafka sends its log as it is on disk, without looking at the records."""
    logs = list(stack.var.rglob(f"{harness.name}.in-{PARTITION}/00000000000000000000.log"))
    if not logs:
        pytest.skip("the log is in a container")
    await harness.publish(harness.added("1", n=0))
    before = logs[0].read_bytes()
    raw = batch([record(n, b"thing/1", message(harness, 100 + n)) for n in range(2)], timestamp=NOW)
    assert await produce_raw(harness, raw) == 0
    spoilt = logs[0].read_bytes()[len(before) :]
    with logs[0].open("r+b") as log:
        log.seek(len(before))
        log.write(spoil(spoilt))
    await harness.publish(harness.added("1", n=3))

    with capture_logs() as lines:
        async with harness.running():
            await harness.wait_until_processed(2)

    assert await harness.numbers("1") == [0, 3]
    assert await harness.fetch("SELECT record_offset, length(value) > 0 FROM dead_letters ORDER BY id") in (
        [(1, True), (2, False)],
        [(1, True), (2, True)],
    )
    assert {line["log_level"] for line in lines if line["event"] == "record_unreadable"} == {"error"}
