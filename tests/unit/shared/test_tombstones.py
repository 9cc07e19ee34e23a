"""Tombstones of the private topic: without a value, with an id, and decoded from their key."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from shared.errors import DecodeError
from shared.kafka.decoding import decoder_for
from shared.kafka.record import StoredRecord
from shared.messages.envelope import Envelope
from shared.messages.ids import deterministic_uuid
from shared.messages.intake import PrivateDataErased, TextFiled
from shared.messages.serialization import serialize_outputs
from shared.messages.tombstones import kafka_form

NOW = datetime(2027, 1, 1, tzinfo=UTC)
ABOUT = "organisation/6b1f0c1e-0000-5000-8000-000000000001"
CAUSE = Envelope(id=UUID(int=1), source="/partner/demo", subject=ABOUT, time=NOW, data=TextFiled(ABOUT, "name", "x"))
decode = decoder_for(TextFiled, PrivateDataErased)


def published(*messages: TextFiled | PrivateDataErased, offset: int = 7) -> list[StoredRecord]:
    """The records that the relay makes of what follows from one cause."""
    records = []
    for output in serialize_outputs(CAUSE, messages):
        value, headers = kafka_form(output.value)
        records.append(StoredRecord(output.topic, 0, offset, 0, output.record_key.encode(), value, headers))
    return records


def test_tombstone_has_the_key_of_the_text_that_it_erases_and_no_value() -> None:
    filed, erased = published(TextFiled(ABOUT, "wishes", "Een wens."), PrivateDataErased.of_text(ABOUT, "wishes"))

    assert filed.key == erased.key == f"{ABOUT}/text/wishes".encode()
    assert filed.value is not None and erased.value is None
    assert filed.topic == erased.topic == "tandem.private"


def test_tombstone_is_decoded_with_its_id_and_cause() -> None:
    (erased,) = published(PrivateDataErased.of_text(ABOUT, "wishes"))

    envelope = decode(erased, NOW)

    assert envelope and envelope.data == PrivateDataErased(f"{ABOUT}/text/wishes")
    assert envelope.id == deterministic_uuid(CAUSE.id, f"{PrivateDataErased.kind}/0")
    assert (envelope.subject, envelope.causationid, envelope.time) == (ABOUT, CAUSE.id, NOW)


def test_repeated_tombstone_has_the_same_id() -> None:
    (first,) = published(PrivateDataErased.of_text(ABOUT, "wishes"))
    (second,) = published(PrivateDataErased.of_text(ABOUT, "wishes"), offset=9)

    ids = [envelope.id for record in (first, second) if (envelope := decode(record, NOW))]
    assert ids[0] == ids[1]


def test_tombstone_written_by_hand_has_an_id_of_its_position() -> None:
    by_hand = StoredRecord("tandem.private", 0, 7, 0, f"{ABOUT}/contact/partner-0".encode(), None)

    first, again, other = (decode(record, NOW) for record in (by_hand, by_hand, by_hand._replace(offset=8)))

    assert first and again and other
    assert first.id == again.id != other.id


@pytest.mark.parametrize("key", [None, b"", b"x", ABOUT.encode(), b"\xff/\xff", b"organisation/1/text/name", f"{ABOUT}/".encode()])
def test_tombstone_of_any_other_key_is_ignored(key: bytes | None) -> None:
    assert decode(StoredRecord("tandem.private", 0, 7, 0, key, None), NOW) is None


def test_tombstone_with_invalid_attributes_is_undecodable() -> None:
    broken = StoredRecord("tandem.private", 0, 7, 0, f"{ABOUT}/text/name".encode(), None, [("ce_id", b"none")])

    with pytest.raises(DecodeError):
        decode(broken, NOW)
