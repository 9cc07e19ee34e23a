"""The stored JSON of each message that our services say: what was written once stays readable, so they deploy in any order."""

import json
from pathlib import Path

import msgspec
import pytest
from cloudevents.core.bindings.kafka import KafkaMessage, from_structured_event

from shared.messages import coaching, intake, matching, notify
from shared.messages.envelope import CONTENT_TYPE, envelope_decoder
from tests.contract.case import within

FILES = sorted((Path(__file__).parent / "messages").glob("*.json"))
KINDS = [*intake.KINDS, *matching.KINDS, *coaching.KINDS, *notify.KINDS]
read = envelope_decoder(KINDS)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_what_was_stored_is_still_read_and_nothing_of_it_is_lost(path: Path) -> None:
    stored = path.read_bytes()

    again = msgspec.json.decode(msgspec.json.encode(read(stored)))

    expected = json.loads(stored)
    assert within(_same_zone(expected), _same_zone(again))


def test_every_kind_that_a_service_says_is_stored() -> None:
    stored = {json.loads(path.read_bytes())["type"] for path in FILES}

    assert stored == {kind.kind for kind in KINDS}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_another_reader_of_cloudevents_reads_the_same(path: Path) -> None:
    stored = path.read_bytes()
    ours = read(stored)

    theirs = from_structured_event(KafkaMessage({"content-type": CONTENT_TYPE.encode()}, None, stored))

    assert (theirs.get_id(), theirs.get_type(), theirs.get_subject()) == (str(ours.id), ours.data.kind, ours.subject)
    assert theirs.get_time() == ours.time


def _same_zone(envelope: dict[str, str]) -> dict[str, str]:
    """UTC is written as +00:00 or as Z."""
    return envelope | {"time": envelope["time"].replace("+00:00", "Z")}
