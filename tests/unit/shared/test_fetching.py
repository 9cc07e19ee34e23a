"""Whatever a fetched batch holds, its partition goes on, and each record that can be read is read."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest
from aiokafka import TopicPartition, codec
from aiokafka.consumer.fetcher import READ_COMMITTED
from aiokafka.record.default_records import DefaultRecordBatch
from hypothesis import given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from shared.kafka.fetching import bounded_codec, fair_fetcher
from shared.kafka.fetching.fair_fetcher import BoundedFetchResult
from shared.kafka.fetching.fetched_batches import FetchedBatches
from shared.kafka.fetching.partition_records import RobustPartitionRecords
from shared.kafka.record import UnreadableRecord
from tests.support.raw_batches import batch, damaged, record, valid_batch, with_crc

TP = TopicPartition("tandem.trial", 3)
CONTROL, TRANSACTIONAL = 0x20, 0x10
COMPRESS: dict[int, Any] = {1: codec.gzip_encode, 2: codec.snappy_encode, 3: codec.lz4_encode, 4: codec.zstd_encode}


def fetched(data: bytes, offset: int = 0, aborted: Sequence[tuple[int, int]] = ()) -> RobustPartitionRecords:
    return RobustPartitionRecords(TP, FetchedBatches(data), list(aborted), offset, None, None, True, READ_COMMITTED)


def read(*batches: bytes, offset: int = 0) -> tuple[list[Any], int]:
    """Fetch from `offset` on, as often as the client would; return the records and the last position."""
    records, position = list[Any](), offset
    for _ in range(10):
        rest = [raw for raw in batches if DefaultRecordBatch(raw).next_offset > position]
        if rest:
            reader = fetched(b"".join(rest), position)
            records += reader
            position = reader.next_fetch_offset
    return records, position


def test_records_that_aiokafka_parses_are_unchanged() -> None:
    records, position = read(valid_batch(3), valid_batch(2, base_offset=3))

    assert [(r.offset, r.key, r.value, r.headers) for r in records][:2] == [
        (0, b"key", b"value 0", (("content-type", b"x"),)),
        (1, b"key", b"value 1", (("content-type", b"x"),)),
    ]
    assert [r.offset for r in records] == [0, 1, 2, 3, 4] and position == 5


@pytest.mark.parametrize("name", [b"caf\xe9", b"\xff", b"\xed\xa0\x80", b"\xc0\x80", b"\xf4\x90\x80\x80", b"ce_\x80id"])
def test_a_header_name_that_is_no_utf8_is_read_as_its_escapes(name: bytes) -> None:
    raw = batch([record(0, b"k", b"a", [(b"x", None)]), record(1, b"k", b"b", [(name, b"1")]), record(2, None, None)])

    records, position = read(raw, valid_batch(1, base_offset=3))

    assert [(r.offset, r.key, r.value) for r in records] == [
        (0, b"k", b"a"),
        (1, b"k", b"b"),
        (2, None, None),
        (3, b"key", b"value 0"),
    ]
    assert records[1].headers == ((name.decode(errors="backslashreplace"), b"1"),)
    assert position == 4


@pytest.mark.parametrize("count", [-1, 1, 5, 1 << 30])
def test_a_malformed_record_is_reported_alone(count: int) -> None:
    raw = batch([record(0, b"k", b"a"), record(1, b"k", b"b", header_count=count), record(2, b"k", b"c")])

    with capture_logs() as lines:
        records, position = read(raw)

    assert [r.value for r in (records[0], records[2])] == [b"a", b"c"]
    assert isinstance(records[1], UnreadableRecord) and records[1].offset == 1 and b"b" in records[1].value
    assert position == 3
    assert [(line["event"], line["log_level"], line["offset"]) for line in lines] == [("record_unreadable", "error", 1)]


@pytest.mark.parametrize("codec_id", [1, 2, 3, 4, 5, 6, 7])
def test_a_batch_that_cannot_be_decompressed_is_reported_record_by_record(codec_id: int) -> None:
    raw = batch([b"no codec", b"has written", b"this"], attributes=codec_id)

    records, position = read(raw, valid_batch(1, base_offset=3))

    assert [(type(r), r.offset) for r in records[:3]] == [(UnreadableRecord, n) for n in range(3)]
    assert [r.value for r in records] == [raw, b"", b"", b"value 0"]
    assert position == 4


def test_a_missing_codec_is_reported_record_by_record(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(bounded_codec._DECOMPRESS, 4)
    records, position = read(batch([b"a", b"b"], attributes=4))

    assert [type(r) for r in records] == [UnreadableRecord] * 2 and position == 2


def test_a_damaged_batch_is_read_three_times_before_it_is_reported() -> None:
    raw, readings = damaged(valid_batch(3)) + valid_batch(1, base_offset=3), list[list[Any]]()
    for _ in range(3):
        reader = fetched(raw)
        readings.append(list(reader))

    assert readings[:2] == [[], []]
    assert [(type(r), r.offset) for r in readings[2][:3]] == [(UnreadableRecord, n) for n in range(3)]
    assert [r.offset for r in readings[2]] == [0, 1, 2, 3]


def test_a_batch_damaged_on_its_way_is_lost_no_record_of() -> None:
    assert list(fetched(damaged(valid_batch(3)))) == []
    assert [r.value for r in fetched(valid_batch(3))] == [b"value 0", b"value 1", b"value 2"]


@pytest.mark.parametrize("magic", [0, 1, 3, 9, 255])
def test_an_old_or_unknown_format_does_not_stop_the_partition(magic: int) -> None:
    raw = bytearray(valid_batch(1))
    raw[16] = magic

    records, position = read(bytes(raw), valid_batch(1, base_offset=1))

    assert [r.offset for r in records] == [0, 1] and position == 2


def test_a_position_inside_a_batch_is_kept() -> None:
    raw = batch([record(n, b"k", b"%d" % n, [(b"\xff", None)]) for n in range(5)])

    assert [r.offset for r in read(raw, offset=3)[0]] == [3, 4]


def test_an_unreadable_control_batch_is_passed_in_silence() -> None:
    with capture_logs() as lines:
        records, position = read(batch([b"\xff"], attributes=CONTROL | TRANSACTIONAL), valid_batch(1, base_offset=1))

    assert [r.offset for r in records] == [1] and position == 2
    assert lines == []


@given(data=st.data())
@settings(max_examples=300, deadline=None)
def test_no_bytes_stop_a_partition_or_hide_the_next_batch(data: st.DataObject) -> None:
    """Whatever is flipped in a batch with a right checksum, every offset of it comes once, in order, and then the next batch."""
    raw = bytearray(batch([record(n, b"key", b"value", [(b"name", b"content")]) for n in range(4)]))
    for _ in range(data.draw(st.integers(1, 6))):
        raw[data.draw(st.integers(61, len(raw) - 1))] = data.draw(st.integers(0, 255))

    records, position = read(with_crc(bytes(raw)), valid_batch(1, base_offset=4))

    offsets = [r.offset for r in records]
    assert offsets == sorted(set(offsets)) and offsets[-1] == 4 and position == 5
    assert all(-(1 << 63) <= r.timestamp < 1 << 63 for r in records)


def fetch_result(data: bytes) -> Any:
    result: Any = BoundedFetchResult.__new__(BoundedFetchResult)
    result._topic_partition, result._partition_records = TP, fetched(data)
    result.check_assignment = lambda tp: True
    result._update_position = lambda: None
    return result


async def test_a_poll_is_bounded_by_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fair_fetcher, "MAX_POLL_BYTES", 20)
    result, positions = fetch_result(valid_batch(7)), list[int]()
    result._update_position = lambda: positions.append(result._partition_records.next_fetch_offset)

    portions = [[r.offset for r in result.getall(500)] for _ in range(4)]

    assert portions == [[0, 1, 2], [3, 4, 5], [6], []]
    assert positions == [3, 6, 7]


@pytest.mark.parametrize(
    ("deltas", "values"), [((0, 0, 0), b"abc"), ((0, 1000, 1), b"abc"), ((2, 1, 0), b"abc"), ((-5, 0, 7), b"abc")]
)
def test_offsets_that_a_producer_invented_hide_no_record(deltas: tuple[int, ...], values: bytes) -> None:
    """Kafka accepts them; a position that jumped ahead would drop every record before it."""
    raw = batch([record(delta, b"k", bytes([value])) for delta, value in zip(deltas, values, strict=True)])

    records, position = read(raw, valid_batch(1, base_offset=3))

    assert [(r.offset, r.value) for r in records] == [(0, b"a"), (1, b"b"), (2, b"c"), (3, b"value 0")]
    assert position == 4


@pytest.mark.parametrize("codec_id", [1, 2, 3, 4])
def test_a_batch_that_would_fill_the_memory_is_not_decompressed(codec_id: int) -> None:
    bomb = COMPRESS[codec_id](record(0, b"k", bytes(bounded_codec.MAX_BATCH_BYTES)))

    records, position = read(batch([bomb], attributes=codec_id))

    assert [(type(r), r.offset) for r in records] == [(UnreadableRecord, 0)] and position == 1


@pytest.mark.parametrize("codec_id", [1, 2, 3, 4])
def test_compressed_records_are_read(codec_id: int) -> None:
    compressed = COMPRESS[codec_id](record(0, b"k", b"value" * 1000, [(b"\xff", b"")]))

    records, _ = read(batch([compressed], attributes=codec_id))

    assert [(r.value, r.headers) for r in records] == [(b"value" * 1000, (("\\xff", b""),))]


def test_a_position_inside_a_batch_of_unknown_length_goes_on() -> None:
    raw = valid_batch(3)[:16] + b"\0" + valid_batch(3)[17:]
    reader = fetched(raw, offset=2)

    assert [(type(r), r.offset) for r in reader] == [(UnreadableRecord, 2)] and reader.next_fetch_offset == 3


async def test_a_poll_that_takes_long_leaves_the_rest_to_the_next_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also the rest of other partitions: a poll reads them all in one turn of the event loop."""
    monkeypatch.setattr(fair_fetcher, "MAX_POLL_SECONDS", 0)
    results = [fetch_result(valid_batch(2)), fetch_result(valid_batch(2))]

    assert [[r.offset for r in result.getall(500)] for result in results] == [[], []]

    monkeypatch.setattr(fair_fetcher, "MAX_POLL_SECONDS", 10)
    await asyncio.sleep(0)
    assert [[r.offset for r in result.getall(500)] for result in results] == [[0, 1], [0, 1]]
