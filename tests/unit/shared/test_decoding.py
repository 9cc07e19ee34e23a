"""Decoding records of our own topics, and the error texts for those that are invalid."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.errors import DecodeError
from shared.kafka.decoding import Decode, decode_in_slices, decode_record, decoder_for
from shared.kafka.incoming import Ignored, Undecodable
from shared.kafka.record import StoredRecord
from shared.kafka.route import Route
from shared.messages.envelope import Envelope
from shared.messages.intake import TextFiled
from shared.messages.serialization import encode_envelope
from shared.pipeline.timers import TimerDue

NOW = datetime(2027, 1, 1, tzinfo=UTC)
ENVELOPE = Envelope(
    id=UUID(int=1),
    source="/tandem/trial",
    subject="thing/1",
    time=NOW,
    data=TimerDue(subject="thing/1", milestone="talk", step="a", recipient="lead", day=date(2027, 1, 1)),
)
DECODE = decoder_for(TimerDue)


def record(value: bytes | None, headers: Sequence[tuple[str, bytes | None]] = (), topic: str = "in") -> StoredRecord:
    return StoredRecord(topic, 0, 0, 0, b"thing/1", value, headers)


@pytest.mark.parametrize("header", [b"application/cloudevents+json", b"Application/CloudEvents+JSON; charset=utf-8"])
def test_an_envelope_is_decoded_as_it_was_encoded(header: bytes) -> None:
    decoded = DECODE(record(encode_envelope(ENVELOPE), [("content-type", header)]), NOW)

    assert decoded is not None
    assert (decoded.id, decoded.time, decoded.data) == (ENVELOPE.id, NOW, ENVELOPE.data)


def test_a_kind_that_is_not_consumed_is_ignored() -> None:
    assert DECODE(record(b'{"type":"tandem.trial.sung.v1"}'), NOW) is None


def test_another_major_version_of_a_consumed_kind_is_an_error() -> None:
    with pytest.raises(DecodeError, match=r"tandem\.local\.timer-due\.v9 has an unknown major version"):
        DECODE(record(b'{"type":"tandem.local.timer-due.v9"}'), NOW)


def test_an_error_names_the_path_and_never_the_value() -> None:
    secret = encode_envelope(ENVELOPE).replace(b'"step":"a"', b'"step":["a secret"]')

    incoming = decode_record(record(secret), DECODE, NOW)

    assert isinstance(incoming, Undecodable)
    assert str(incoming.error) == "tandem.local.timer-due.v1 is invalid at $.data.step"


def test_a_tombstone_on_a_compacted_topic_is_ignored() -> None:
    assert decoder_for(TextFiled)(record(None, topic="tandem.private"), NOW) is None


@pytest.mark.parametrize("decode", [DECODE, decoder_for(TextFiled)])
def test_a_record_without_a_value_on_another_topic_is_an_error(decode: Decode) -> None:
    with pytest.raises(DecodeError, match="a record without a value"):
        decode(record(None), NOW)


def test_a_content_type_without_a_value_is_an_error() -> None:
    with pytest.raises(DecodeError, match="content type"):
        DECODE(record(encode_envelope(ENVELOPE), [("content-type", None)]), NOW)


@given(st.binary() | st.none())
def test_no_bytes_raise_anything_but_a_decode_error(value: bytes | None) -> None:
    incoming = decode_record(record(value), DECODE, NOW)

    assert isinstance(incoming, Ignored) or (isinstance(incoming, Undecodable) and isinstance(incoming.error, DecodeError))


def test_a_pattern_matches_whole_topic_names_only() -> None:
    route = Route(pattern=r"tandem\.partner\.[a-z]+\.submissions", decode=DECODE)

    assert route.matches("tandem.partner.demo.submissions")
    assert not route.matches("tandem.partner.demo.submissions.old")


@pytest.mark.parametrize("how", [{}, {"topic": "a", "pattern": "a"}])
def test_a_route_has_either_a_topic_or_a_pattern(how: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="either"):
        Route(decode=DECODE, **how)  # type: ignore[arg-type]


def test_a_batch_that_takes_long_is_decoded_in_slices(monkeypatch: pytest.MonkeyPatch) -> None:
    moments = iter(range(1000))
    monkeypatch.setattr("shared.kafka.decoding.time.monotonic", lambda: next(moments) * 0.04)
    records = [record(encode_envelope(ENVELOPE))._replace(offset=n) for n in range(10)]

    slices = list(decode_in_slices(records, DECODE, NOW))

    assert [incoming.record.offset for batch in slices for incoming in batch if incoming.record] == list(range(10))
    assert max(map(len, slices)) <= 3
