"""Reader of the intact records in a batch that aiokafka cannot parse: one invalid record must not hide the others.

The format (magic 2) is that of https://kafka.apache.org/documentation/#recordbatch. Only batches that aiokafka has refused come
here, so that this is not on the hot path.
"""

import struct
from collections.abc import Iterator
from typing import NamedTuple

from aiokafka.record.default_records import DefaultRecordBase, DefaultRecordBatch
from aiokafka.record.util import decode_varint

from shared.kafka.fetching.bounded_codec import MAX_BATCH_BYTES, decompress

HEADER = DefaultRecordBase.HEADER_STRUCT
MAGIC_OFFSET, CURRENT_MAGIC = struct.calcsize(">qii"), 2
MIN_RECORD_BYTES = 7
MAX_COMPRESSED_RECORDS = 100_000
"""Maximum number of records that a damaged, compressed batch is believed to hold."""


class LenientRecord(NamedTuple):
    """A record, or with a `reason` what is in the place of one that cannot be read."""

    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes | None], ...] = ()
    reason: str | None = None


class LenientBatch(NamedTuple):
    """The records of a batch, and the offset after it.

    `damaged` if its checksum is wrong, so that reading it again may help. `open_ended` if it may go on after `next_offset`.
    """

    records: list[LenientRecord]
    next_offset: int
    damaged: bool = False
    open_ended: bool = False

    def extended(self, next_offset: int) -> "LenientBatch":
        """Return the batch with a record for each offset up to `next_offset`."""
        more = [self.records[0]._replace(offset=offset, value=b"") for offset in range(self.next_offset, next_offset)]
        return self._replace(records=[*self.records, *more], next_offset=next_offset)


class BatchHeader(NamedTuple):
    """The header of a batch, as on the wire."""

    base_offset: int
    length: int
    leader_epoch: int
    magic: int
    crc: int
    attributes: int
    last_offset_delta: int
    first_timestamp: int
    max_timestamp: int
    producer_id: int
    producer_epoch: int
    base_sequence: int
    record_count: int

    @classmethod
    def of(cls, raw: bytes) -> "BatchHeader | None":
        """Return the header of a batch; None if it has another format."""
        if len(raw) < HEADER.size or raw[MAGIC_OFFSET] != CURRENT_MAGIC:
            return None
        return cls(*HEADER.unpack_from(raw))

    @property
    def codec(self) -> int:
        return int(self.attributes & DefaultRecordBase.CODEC_MASK)

    @property
    def uses_append_time(self) -> bool:
        return bool(self.attributes & DefaultRecordBase.TIMESTAMP_TYPE_MASK)

    @property
    def last_offset(self) -> int:
        return self.base_offset + self.last_offset_delta

    @property
    def removed(self) -> int:
        """The number of records that compaction removed: only then may the offsets have gaps."""
        return self.last_offset_delta + 1 - self.record_count


def read_batch(raw: bytes) -> LenientBatch:
    """Read a batch record by record. Never raises."""
    header = BatchHeader.of(raw)
    if header is None:
        offset = int.from_bytes(raw[:8], "big", signed=True)
        return LenientBatch(
            [LenientRecord(offset, 0, None, raw, reason="its message format is unknown")], offset + 1, open_ended=True
        )
    if not DefaultRecordBatch(raw).validate_crc():
        return _damaged(header, raw)
    return LenientBatch(list(_read_records(header, raw)), header.last_offset + 1)


def _damaged(header: BatchHeader, raw: bytes) -> LenientBatch:
    """A batch with a wrong checksum. Its header is believed as far as its fields agree; otherwise it ends one offset further."""
    most = MAX_COMPRESSED_RECORDS if header.codec else (len(raw) - HEADER.size) // MIN_RECORD_BYTES
    plausible = not header.removed and 0 < header.record_count <= most
    last = header.last_offset if plausible else header.base_offset
    records = list(_unreadable(header, header.base_offset, last, raw, "the checksum of its batch is wrong"))
    return LenientBatch(records, last + 1, damaged=True, open_ended=not plausible)


def _unreadable(header: BatchHeader, first: int, last: int, raw: bytes, reason: str) -> Iterator[LenientRecord]:
    """A record for each offset from `first` to `last`; the first has the bytes."""
    for offset in range(first, last + 1):
        yield LenientRecord(offset, header.first_timestamp, None, raw if offset == first else b"", reason=reason)


def _read_records(header: BatchHeader, raw: bytes) -> Iterator[LenientRecord]:
    """Read each record, at the offset that it names if that can be, otherwise at the next one."""
    try:
        data = decompress(header.codec, raw[HEADER.size :])
    except Exception:  # a codec raises errors of many types
        yield from _unreadable(
            header,
            header.base_offset,
            header.last_offset,
            raw,
            f"its batch cannot be decompressed, or to more than {MAX_BATCH_BYTES >> 20} MiB",
        )
        return
    next_offset, position = header.base_offset, 0
    while next_offset <= header.last_offset and (bounds := _bounds(data, position)):
        start, position = bounds
        record = _read_record(header, data[start:position], next_offset)
        if not next_offset <= record.offset <= min(next_offset + header.removed, header.last_offset):
            record = record._replace(offset=next_offset)
        yield record
        next_offset = record.offset + 1
    if not header.removed:
        yield from _unreadable(header, next_offset, header.last_offset, raw, "its batch ends too early")


def _bounds(data: bytes, position: int) -> tuple[int, int] | None:
    """Return where the next record begins, after its length, and ends; None if the data end before."""
    try:
        length, start = decode_varint(data, position)
    except (ValueError, IndexError):
        return None
    return (start, start + length) if 0 < length <= len(data) - start else None


def _read_record(header: BatchHeader, body: bytes, expected_offset: int) -> LenientRecord:
    """Read a record; one that is malformed is at the expected offset."""
    try:
        timestamp_delta, position = decode_varint(body, 1)  # after the attributes
        offset_delta, position = decode_varint(body, position)
        key, position = _read_bytes(body, position)
        value, position = _read_bytes(body, position)
        headers = tuple(_read_headers(body, position))
    except (ValueError, IndexError):
        return LenientRecord(expected_offset, header.first_timestamp, None, body, reason="the record is malformed")
    timestamp = header.max_timestamp if header.uses_append_time else _int64(header.first_timestamp + timestamp_delta)
    return LenientRecord(header.base_offset + offset_delta, timestamp, key, value, headers)


def _read_bytes(body: bytes, position: int) -> tuple[bytes | None, int]:
    length, position = decode_varint(body, position)
    if length < 0:
        return None, position
    if position + length > len(body):
        raise ValueError
    return body[position : position + length], position + length


def _read_headers(body: bytes, position: int) -> Iterator[tuple[str, bytes | None]]:
    """Read the headers. A byte of a name that is not valid UTF-8 becomes its escape, such as `caf\\xe9`."""
    count, position = decode_varint(body, position)
    if not 0 <= count <= len(body):
        raise ValueError
    for _ in range(count):
        name, position = _read_bytes(body, position)
        value, position = _read_bytes(body, position)
        yield (name or b"").decode(errors="backslashreplace"), value
    if position != len(body):
        raise ValueError


def _int64(number: int) -> int:
    """The number as the broker and aiokafka add: wrapped to 64 bits."""
    return (number + (1 << 63)) % (1 << 64) - (1 << 63)
