"""Grouping of outgoing records into outbox batches."""

import pytest

from shared.errors import MessageTooLarge, UnknownTopic
from shared.kafka.topology import TopicInfo
from shared.messages.serialization import OutboundRecord
from shared.pipeline.outbox import MAX_MESSAGE_BYTES, OutboxBatch, group_by_partition

TOPICS = {"out": TopicInfo("cluster", "id", 12), "private": TopicInfo("cluster", "id", 12)}


def test_messages_of_one_partition_form_one_batch_in_order() -> None:
    outgoing = [OutboundRecord("out", "thing/1", "thing/1", b"a"), OutboundRecord("out", "thing/1", "thing/1", b"b")]

    assert group_by_partition(outgoing, TOPICS) == [OutboxBatch("out", 3, ["thing/1", "thing/1"], [b"a", b"b"])]


def test_partition_depends_on_the_subject_and_not_on_the_record_key() -> None:
    outgoing = [OutboundRecord("private", f"thing/1/text/{field}", "thing/1", b"a") for field in ("name", "goal", "place", "words")]

    assert [batch.partition for batch in group_by_partition(outgoing, TOPICS)] == [3]


def test_each_topic_has_its_own_batch() -> None:
    outgoing = [OutboundRecord("out", "thing/1", "thing/1", b"a"), OutboundRecord("private", "thing/1", "thing/1", b"b")]

    assert [(batch.topic, batch.payloads) for batch in group_by_partition(outgoing, TOPICS)] == [
        ("out", [b"a"]),
        ("private", [b"b"]),
    ]


def test_message_above_the_size_limit_is_rejected() -> None:
    with pytest.raises(MessageTooLarge, match="a message for out has 900001 bytes"):
        group_by_partition([OutboundRecord("out", "thing/1", "thing/1", b"x" * (MAX_MESSAGE_BYTES + 1))], TOPICS)


def test_message_for_an_unknown_topic_is_rejected() -> None:
    with pytest.raises(UnknownTopic, match="elsewhere is not in the topology"):
        group_by_partition([OutboundRecord("elsewhere", "thing/1", "thing/1", b"a")], TOPICS)
