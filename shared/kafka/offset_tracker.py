"""Progress of a consumer that is not yet stored in PostgreSQL or committed to Kafka."""

from collections.abc import Iterable, Mapping, Set

from aiokafka import TopicPartition

from shared.kafka.record import KafkaRecord

Offsets = dict[TopicPartition, int]
"""The next offset to read, by partition."""


def next_offsets(records: Iterable[KafkaRecord]) -> Offsets:
    """Return the offset after these records, by partition; the records of a partition are in order."""
    after = {(r.topic, r.partition): r.offset + 1 for r in records}  # plain tuples: one per record, and cheaper to make
    return {TopicPartition(*tp): offset for tp, offset in after.items()}


class OffsetTracker:
    """Collects next offsets, so that they are written at intervals instead of after each batch.

    The offsets of processed records are in PostgreSQL already, written with the batch; they only remain to be committed to Kafka.
    Batches of ignored records have no transaction: their offsets remain to be stored in PostgreSQL too.
    """

    def __init__(self) -> None:
        self._uncommitted, self._skipped, self._reached = Offsets(), Offsets(), Offsets()

    def processed(self, next_offsets: Mapping[TopicPartition, int]) -> None:
        self._reached |= next_offsets
        self._uncommitted |= next_offsets

    def skipped(self, next_offsets: Mapping[TopicPartition, int]) -> None:
        self._skipped |= next_offsets
        self.processed(next_offsets)

    def reached(self, tp: TopicPartition) -> int:
        """Return the most recently tracked next offset of a partition, 0 if none."""
        return self._reached.get(tp, 0)

    def take_skipped(self) -> Offsets:
        """Return and clear the offsets to store in PostgreSQL."""
        taken, self._skipped = self._skipped, Offsets()
        return taken

    def committable(self, assigned: Set[TopicPartition]) -> Offsets:
        """Return the offsets that a consumer of these partitions may commit to Kafka."""
        return {tp: offset for tp, offset in self._uncommitted.items() if tp in assigned}

    def take_uncommitted(self) -> Offsets:
        """Return and clear all uncommitted offsets, also of partitions that have been revoked."""
        taken, self._uncommitted = self._uncommitted, Offsets()
        return taken

    def restore_uncommitted(self, taken: Offsets) -> None:
        """Undo `take_uncommitted` after a failed commit; offsets tracked in the meantime prevail."""
        self._uncommitted = taken | self._uncommitted
