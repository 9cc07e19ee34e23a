"""The stored JSON of every published message: it must stay decodable, so that services can be deployed in any order."""

import json
from pathlib import Path

import msgspec
import pytest
from cloudevents.core.bindings.kafka import KafkaMessage, from_structured_event

from deploy.provision import topology
from shared.messages import coaching, intake, matching, notify
from shared.messages.envelope import CONTENT_TYPE, Message, envelope_decoder
from tests.contract.case import within

FILES = sorted((Path(__file__).parent / "messages").glob("*.json"))
KINDS = [*intake.KINDS, *matching.KINDS, *coaching.KINDS, *notify.KINDS]
decode = envelope_decoder(KINDS)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_stored_message_is_decoded_and_nothing_of_it_is_lost(path: Path) -> None:
    stored = path.read_bytes()

    again = msgspec.json.decode(msgspec.json.encode(decode(stored)))

    expected = json.loads(stored)
    assert within(_with_utc_as_z(expected), _with_utc_as_z(again))


def test_every_published_kind_has_a_stored_message() -> None:
    stored = {json.loads(path.read_bytes())["type"] for path in FILES}

    assert stored == {kind.kind for kind in KINDS}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_cloudevents_sdk_decodes_the_same_message(path: Path) -> None:
    stored = path.read_bytes()
    ours = decode(stored)

    theirs = from_structured_event(KafkaMessage({"content-type": CONTENT_TYPE.encode()}, None, stored))

    assert (theirs.get_id(), theirs.get_type(), theirs.get_subject()) == (str(ours.id), ours.data.kind, ours.subject)
    assert theirs.get_time() == ours.time


def test_messages_of_a_compacted_topic_and_no_others_have_a_record_key_of_their_own() -> None:
    topics = topology.load_declaration().topic_specs()
    kinds: list[type[Message]] = [*(kind for kind in KINDS if kind is not intake.Receipt), intake.PrivateDataErased]
    for kind in kinds:
        on_compacted_topic = topics[kind.default_topic].settings["cleanup.policy"] == "compact"
        assert kind.compacted == on_compacted_topic == (kind.record_key is not Message.record_key)


def _with_utc_as_z(envelope: dict[str, str]) -> dict[str, str]:
    """The envelope with UTC as Z instead of +00:00."""
    return envelope | {"time": envelope["time"].replace("+00:00", "Z")}
