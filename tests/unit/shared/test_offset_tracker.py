"""Which offsets of a consumer remain to be committed to Kafka or stored in PostgreSQL."""

from aiokafka import TopicPartition

from shared.kafka.offset_tracker import OffsetTracker

A, B = TopicPartition("in", 0), TopicPartition("in", 1)


def test_processed_offsets_are_only_committed() -> None:
    offsets = OffsetTracker()
    offsets.processed({A: 3})

    assert offsets.take_skipped() == {}
    assert offsets.committable({A}) == {A: 3}


def test_skipped_offsets_are_stored_once_and_committed() -> None:
    offsets = OffsetTracker()
    offsets.skipped({A: 3})
    offsets.skipped({A: 4})

    assert offsets.take_skipped() == {A: 4}
    assert offsets.take_skipped() == {}
    assert offsets.committable({A}) == {A: 4}


def test_offsets_of_revoked_partitions_are_not_committed() -> None:
    offsets = OffsetTracker()
    offsets.processed({A: 3, B: 5})

    assert offsets.committable({B}) == {B: 5}


def test_offsets_tracked_during_a_failed_commit_prevail() -> None:
    offsets = OffsetTracker()
    offsets.processed({A: 3, B: 5})
    taken = offsets.take_uncommitted()
    offsets.processed({A: 4})
    offsets.restore_uncommitted(taken)

    assert offsets.committable({A, B}) == {A: 4, B: 5}
