"""How what is said becomes parcels."""

import pytest

from shared.errors import MessageTooLarge, UnknownTopic
from shared.messages.serialization import OutboundRecord
from shared.pipeline.inbox import TopicInfo
from shared.pipeline.outbox import MAX_MESSAGE_BYTES, OutboxBatch, group_by_partition

TOPICS = {"out": TopicInfo("cluster", "id", 12), "private": TopicInfo("cluster", "id", 12)}


def test_messages_for_one_partition_go_in_one_parcel_in_their_order() -> None:
    said = [OutboundRecord("out", "thing/1", "thing/1", b"a"), OutboundRecord("out", "thing/1", "thing/1", b"b")]

    assert group_by_partition(said, TOPICS) == [OutboxBatch("out", 3, ["thing/1", "thing/1"], [b"a", b"b"])]


def test_the_subject_picks_the_partition_however_fine_the_record_key_is() -> None:
    said = [OutboundRecord("private", f"thing/1/text/{field}", "thing/1", b"a") for field in ("name", "goal", "place", "words")]

    assert [parcel.partition for parcel in group_by_partition(said, TOPICS)] == [3]


def test_each_topic_has_a_parcel_of_its_own() -> None:
    said = [OutboundRecord("out", "thing/1", "thing/1", b"a"), OutboundRecord("private", "thing/1", "thing/1", b"b")]

    assert [(parcel.topic, parcel.payloads) for parcel in group_by_partition(said, TOPICS)] == [
        ("out", [b"a"]),
        ("private", [b"b"]),
    ]


def test_a_record_larger_than_the_bus_takes_is_refused_before_it_is_written() -> None:
    with pytest.raises(MessageTooLarge, match="a message for out has 900001 bytes"):
        group_by_partition([OutboundRecord("out", "thing/1", "thing/1", b"x" * (MAX_MESSAGE_BYTES + 1))], TOPICS)


def test_a_message_for_a_topic_that_nobody_made_is_refused() -> None:
    with pytest.raises(UnknownTopic, match="elsewhere is not in the topology"):
        group_by_partition([OutboundRecord("elsewhere", "thing/1", "thing/1", b"a")], TOPICS)
