"""How what is said becomes parcels."""

import pytest

from shared.errors import NoSuchTopic, Oversized
from shared.inbox import Topic
from shared.messages.envelope import Sealed
from shared.outbox import LARGEST, Parcel, pack

TOPICS = {"out": Topic("cluster", "id", 12), "private": Topic("cluster", "id", 12)}


def test_messages_for_one_partition_go_in_one_parcel_in_their_order() -> None:
    said = [Sealed("out", "thing/1", "thing/1", b"a"), Sealed("out", "thing/1", "thing/1", b"b")]

    assert pack(said, TOPICS) == [Parcel("out", 3, ["thing/1", "thing/1"], [b"a", b"b"])]


def test_the_subject_picks_the_partition_however_fine_the_record_key_is() -> None:
    said = [Sealed("private", f"thing/1/text/{field}", "thing/1", b"a") for field in ("name", "goal", "place", "words")]

    assert [parcel.part for parcel in pack(said, TOPICS)] == [3]


def test_each_topic_has_a_parcel_of_its_own() -> None:
    said = [Sealed("out", "thing/1", "thing/1", b"a"), Sealed("private", "thing/1", "thing/1", b"b")]

    assert [(parcel.topic, parcel.payloads) for parcel in pack(said, TOPICS)] == [("out", [b"a"]), ("private", [b"b"])]


def test_a_record_larger_than_the_bus_takes_is_refused_before_it_is_written() -> None:
    with pytest.raises(Oversized, match="a message for out has 900001 bytes"):
        pack([Sealed("out", "thing/1", "thing/1", b"x" * (LARGEST + 1))], TOPICS)


def test_a_message_for_a_topic_that_nobody_made_is_refused() -> None:
    with pytest.raises(NoSuchTopic, match="elsewhere is not in the topology"):
        pack([Sealed("elsewhere", "thing/1", "thing/1", b"a")], TOPICS)
