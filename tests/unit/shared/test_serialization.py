"""Serialization of outputs, compared with encoding their envelopes one by one."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any, ClassVar
from uuid import UUID, uuid5

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.messages.envelope import Envelope, Message, envelope_decoder
from shared.messages.ids import deterministic_uuid, entity_key
from shared.messages.serialization import encode_envelope, serialize_outputs

NOW = datetime(2027, 1, 1, tzinfo=UTC)
TRACEPARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


class Renamed(Message, frozen=True):
    kind: ClassVar[str] = "tandem.test.renamed.v1"
    default_topic: ClassVar[str] = "tandem.test"
    thing: UUID
    name: str

    @property
    def subject(self) -> str:
        return entity_key("thing", self.thing)


class Forwarded(Renamed, frozen=True):
    kind: ClassVar[str] = "tandem.test.forwarded.v1"
    outputs_inherit_causation: ClassVar[bool] = True


DECODE = envelope_decoder([Renamed, Forwarded])
ZONES = st.integers(-12, 12).map(lambda hours: timezone(timedelta(hours=hours)))
MESSAGES = st.builds(Renamed, thing=st.uuids(), name=st.text()) | st.builds(Forwarded, thing=st.uuids(), name=st.text())
CAUSES = st.builds(
    Envelope,
    id=st.uuids(),
    source=st.text(),
    subject=st.text(),
    time=st.datetimes(timezones=ZONES),
    causationid=st.none() | st.uuids(),
    correlationid=st.none() | st.uuids(),
    traceparent=st.none() | st.just(TRACEPARENT),
    data=MESSAGES,
)


def expected_envelope(cause: Envelope[Any], nth: int, message: Message) -> Envelope[Any]:
    return Envelope(
        id=uuid5(cause.id, f"{message.kind}/{nth}"),
        source="/tandem/test",
        subject=message.subject,
        time=cause.time,
        causationid=cause.causationid if cause.data.outputs_inherit_causation and cause.causationid else cause.id,
        correlationid=cause.correlationid or cause.id,
        traceparent=cause.traceparent,
        data=message,
    )


@given(cause=CAUSES, messages=st.lists(MESSAGES, max_size=3))
def test_outputs_are_serialized_like_their_envelopes(cause: Envelope[Any], messages: list[Message]) -> None:
    records = serialize_outputs(cause, messages)

    expected = [encode_envelope(expected_envelope(cause, nth, message)) for nth, message in enumerate(messages)]
    assert [DECODE(record.value) for record in records] == [DECODE(value) for value in expected]
    for record, value in zip(records, expected, strict=True):
        actual, wanted = msgspec.json.decode(record.value), msgspec.json.decode(value)
        assert actual | {"time": None} == {k: v for k, v in wanted.items() if v is not None} | {"time": None}


@given(cause=st.uuids(), name=st.text())
def test_deterministic_uuid_is_a_version_5_uuid(cause: UUID, name: str) -> None:
    assert deterministic_uuid(cause, name) == uuid5(cause, name)


@pytest.mark.parametrize("traceparent", ["", "?", f'{TRACEPARENT}","id":"', TRACEPARENT.replace("4bf", "4BF"), f"{TRACEPARENT}\n"])
def test_invalid_traceparent_is_dropped(traceparent: str) -> None:
    message = Renamed(UUID(int=1), "")
    cause = Envelope(id=UUID(int=2), source="/test", subject=message.subject, time=NOW, traceparent=traceparent, data=message)

    (record,) = serialize_outputs(cause, [message])

    assert "traceparent" not in msgspec.json.decode(record.value)
