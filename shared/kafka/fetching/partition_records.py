"""The records in a fetch response: parsed by aiokafka where it can, by `lenient_batch` where it cannot."""

from collections.abc import Iterator
from typing import Any, ClassVar

from aiokafka import ConsumerRecord, TopicPartition
from aiokafka.consumer.fetcher import READ_COMMITTED, PartitionRecords
from aiokafka.record.default_records import DefaultRecordBase, DefaultRecordBatch

from shared.kafka.fetching.bounded_codec import decompress
from shared.kafka.fetching.fetched_batches import FetchedBatches
from shared.kafka.fetching.lenient_batch import HEADER, BatchHeader, LenientBatch, LenientRecord, read_batch
from shared.kafka.record import UnreadableRecord
from shared.log import log

MAX_READS_OF_DAMAGED_BATCH = 3
"""Reads of a batch before it counts as damaged: its checksum may be wrong because of the connection."""
MAX_OPEN_ENDED_RECORDS = 10_000
"""A batch without a readable header extends to the next batch, if that is at most this many offsets further."""


class _Refused(Exception):
    """aiokafka cannot be trusted with this batch."""


class RobustPartitionRecords(PartitionRecords):  # type: ignore[misc]
    """The fetched records of a partition, with an `UnreadableRecord` in the place of each that cannot be read."""

    _reads_of_damaged: ClassVar[dict[tuple[TopicPartition, int], int]] = {}

    def _unpack_records(self) -> Iterator[Any]:
        batches: FetchedBatches = self._records
        while batches.has_next():
            raw = batches.next_batch()
            header = BatchHeader.of(raw)
            try:
                yield from self._parse(header, raw)
            except Exception:  # aiokafka and the codecs raise errors of many types
                yield from self._recover(header, raw)

    def _parse(self, header: BatchHeader | None, raw: bytes) -> Iterator[Any]:
        """Yield the records as aiokafka's parser finds them. Raises if it cannot parse one, or that has an impossible offset."""
        if header is None or not (batch := DefaultRecordBatch(raw)).validate_crc():
            raise _Refused
        if self._track_transaction_and_skip(batch):
            self.next_fetch_offset = batch.next_offset
            return
        expected, removed = header.base_offset, header.removed
        for record in _decompressed(header, raw, batch):
            offset = record.offset
            if not expected <= offset <= expected + removed:
                raise _Refused
            expected = offset + 1
            if offset >= self.next_fetch_offset:
                consumer_record = self._consumer_record(self._tp, record)
                self.next_fetch_offset = expected
                yield consumer_record
        self.next_fetch_offset = batch.next_offset

    def _track_transaction_and_skip(self, batch: Any) -> bool:
        """Track aborted transactions. Return True for a control batch and for records of an aborted transaction."""
        if self._isolation_level == READ_COMMITTED and batch.producer_id is not None:
            self._consume_aborted_up_to(batch.base_offset)
            if batch.is_control_batch and self._contains_abort_marker(batch):
                self._aborted_producers.discard(batch.producer_id)
            if batch.is_transactional and batch.producer_id in self._aborted_producers:
                return True
        return bool(batch.is_control_batch)

    def _recover(self, header: BatchHeader | None, raw: bytes) -> Iterator[Any]:
        """Yield the records of a batch that could not be parsed, and go on after it."""
        batch = read_batch(raw)
        if header and self._is_no_data(header):
            self.next_fetch_offset = max(self.next_fetch_offset, batch.next_offset)
            self._records.drop_rest()  # the next response lists again which transactions were aborted
        elif batch.damaged and self._count_read_and_retry():
            self._records.drop_rest()
        else:
            yield from self._yield_leniently(self._with_end(batch) if batch.open_ended else batch)

    def _is_no_data(self, header: BatchHeader) -> bool:
        """Return True for a control batch, and for one of an aborted transaction, as far as its header shows."""
        transactional = header.attributes & DefaultRecordBase.TRANSACTIONAL_MASK
        aborted = bool(transactional) and header.producer_id in self._aborted_producers
        return bool(header.attributes & DefaultRecordBase.CONTROL_MASK) or aborted

    def _count_read_and_retry(self) -> bool:
        """Count a reading of a damaged batch. Return True until it has been read often enough."""
        place = self._tp, self.next_fetch_offset
        self._reads_of_damaged[place] = self._reads_of_damaged.get(place, 0) + 1
        if self._reads_of_damaged[place] < MAX_READS_OF_DAMAGED_BATCH:
            return True
        del self._reads_of_damaged[place]
        return False

    def _with_end(self, batch: LenientBatch) -> LenientBatch:
        """Return a batch with its records up to the next one. If that is not here, Kafka sends this one again."""
        end = max(batch.next_offset, self.next_fetch_offset + 1)
        if self._records.has_next() and end < self._records.next_offset() <= end + MAX_OPEN_ENDED_RECORDS:
            end = self._records.next_offset()
        return batch.extended(end)

    def _yield_leniently(self, batch: LenientBatch) -> Iterator[Any]:
        unread = [record for record in batch.records if record.offset >= self.next_fetch_offset]
        self._report([record for record in unread if record.reason])
        for record in unread:
            self.next_fetch_offset = record.offset + 1
            yield self._to_record(record)
        self.next_fetch_offset = max(self.next_fetch_offset, batch.next_offset)

    def _report(self, unreadable: list[LenientRecord]) -> None:
        if unreadable:
            first = unreadable[0]
            place = {"topic": self._tp.topic, "partition": self._tp.partition, "offset": first.offset}
            log.error("record_unreadable", **place, count=len(unreadable), detail=first.reason)

    def _to_record(self, record: LenientRecord) -> Any:
        offset, timestamp, key, value, headers, reason = record
        if reason:
            return UnreadableRecord(self._tp.topic, self._tp.partition, offset, timestamp, value or b"", reason)
        sizes = [-1 if part is None else len(part) for part in (key, value)]
        return ConsumerRecord(self._tp.topic, self._tp.partition, offset, timestamp, 0, key, value, None, *sizes, headers)


def _decompressed(header: BatchHeader, raw: bytes, batch: Any) -> Any:
    """Return a batch whose records are not compressed. aiokafka's own decompression knows no limit."""
    if not header.codec:
        return batch
    records = decompress(header.codec, raw[HEADER.size :])
    plain = header._replace(attributes=header.attributes & ~DefaultRecordBase.CODEC_MASK)
    return DefaultRecordBatch(HEADER.pack(*plain) + records)
