"""What is read of a record on our own topics, and what is said of one that cannot be read."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.errors import DecodeError
from shared.kafka.consumer import Decode, Route, decode_record, decoder_for
from shared.messages.envelope import Envelope
from shared.messages.intake import TextFiled
from shared.pipeline.dead_letters import encode_local_envelope
from shared.pipeline.timers import TimerDue
from shared.runtime.maintenance import StoredRecord

NOW = datetime(2027, 1, 1, tzinfo=UTC)
ENVELOPE = Envelope(
    id=UUID(int=1),
    source="/tandem/trial",
    subject="thing/1",
    time=NOW,
    data=TimerDue(subject="thing/1", milestone="talk", step="a", recipient="lead", day=date(2027, 1, 1)),
)
READ = decoder_for(TimerDue)


def kept(value: bytes | None, headers: Sequence[tuple[str, bytes | None]] = (), topic: str = "in") -> StoredRecord:
    return StoredRecord(topic, 0, 0, 0, b"thing/1", value, headers)


@pytest.mark.parametrize("header", [b"application/cloudevents+json", b"Application/CloudEvents+JSON; charset=utf-8"])
def test_an_envelope_comes_back_as_it_was_written(header: bytes) -> None:
    read = READ(kept(encode_local_envelope(ENVELOPE), [("content-type", header)]), NOW)

    assert read is not None
    assert (read.id, read.time, read.data) == (ENVELOPE.id, NOW, ENVELOPE.data)


def test_a_kind_that_is_not_heard_is_not_for_us() -> None:
    assert READ(kept(b'{"type":"tandem.trial.sung.v1"}'), NOW) is None


def test_another_major_version_of_a_kind_that_is_heard_cannot_be_read() -> None:
    with pytest.raises(DecodeError, match=r"tandem\.own\.timer-due\.v9 is of a major version"):
        READ(kept(b'{"type":"tandem.own.timer-due.v9"}'), NOW)


def test_the_place_of_a_fault_is_told_and_never_what_stands_there() -> None:
    secret = encode_local_envelope(ENVELOPE).replace(b'"step":"a"', b'"step":["a secret"]')

    error = decode_record(kept(secret), READ, NOW).error

    assert str(error) == "tandem.own.timer-due.v1 is not what it should be at $.data.step"


def test_a_tombstone_is_not_for_us_where_a_topic_is_compacted() -> None:
    assert decoder_for(TextFiled)(kept(None, topic="tandem.private"), NOW) is None


@pytest.mark.parametrize("read", [READ, decoder_for(TextFiled)])
def test_elsewhere_a_record_without_a_value_cannot_be_read(read: Decode) -> None:
    with pytest.raises(DecodeError, match="a record without a value"):
        read(kept(None), NOW)


def test_a_content_type_without_a_value_is_not_that_of_a_cloudevent() -> None:
    with pytest.raises(DecodeError, match="content type"):
        READ(kept(encode_local_envelope(ENVELOPE), [("content-type", None)]), NOW)


@given(st.binary() | st.none())
def test_no_bytes_at_all_make_the_reader_fail_otherwise_than_by_saying_so(value: bytes | None) -> None:
    read = decode_record(kept(value), READ, NOW)

    assert read.envelope is None
    assert read.error is None or isinstance(read.error, DecodeError)


def test_a_route_by_pattern_carries_whole_names_only() -> None:
    route = Route(None, r"tandem\.partner\.[a-z]+\.submissions", READ)

    assert route.matches("tandem.partner.demo.submissions")
    assert not route.matches("tandem.partner.demo.submissions.old")
