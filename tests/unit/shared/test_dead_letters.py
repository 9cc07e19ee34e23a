"""Keys of messages that cannot be processed, and which dead letters are replayable."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, ClassVar
from uuid import UUID

import pytest
from structlog.testing import capture_logs

from shared.kafka.incoming import Failed, Undecodable
from shared.kafka.record import StoredRecord
from shared.messages.envelope import Envelope, Message
from shared.pipeline.dead_letter_replay import DeadLetterReplayer, replayable
from shared.pipeline.dead_letters import SQL, keys_of
from shared.pipeline.decider import Decider
from shared.pipeline.timers import TimerDue

NOW = datetime(2027, 1, 1, tzinfo=UTC)
DUE = TimerDue(subject="thing/1", milestone="talk", step="a", recipient="lead", day=NOW.date(), related_keys=("thing/2",))
ENVELOPE = Envelope(id=UUID(int=1), source="/test", subject="thing/1", time=NOW, data=DUE)
FAILED = Failed(NOW, ENVELOPE, None, LookupError())


def decider(keys: Any) -> Decider[None]:
    def evolve(state: None, event: Message) -> None: ...

    return Decider(initial_state=lambda _: None, keys=keys, decide=lambda *_: (), evolve=evolve)


def failing_keys(message: TimerDue) -> tuple[str, ...]:
    raise LookupError


@pytest.mark.parametrize(
    ("record_key", "subject"),
    [
        (b"thing/1", "thing/1"),
        (b"thing/1/contact/lead-0", "thing/1"),
        (None, ""),
        (b"\xff\x00 odd", "\N{REPLACEMENT CHARACTER}odd"),
    ],
)
def test_key_of_an_undecodable_record_is_the_subject_in_its_record_key(record_key: bytes | None, subject: str) -> None:
    undecodable = Undecodable(NOW, StoredRecord("in", key=record_key), LookupError())

    assert keys_of(decider(failing_keys), undecodable) == (subject,)


def test_failed_message_has_all_its_keys() -> None:
    assert keys_of(decider(lambda message: message.keys), FAILED) == ("thing/1", "thing/2")


def test_failed_message_has_its_subject_as_key_if_its_keys_cannot_be_computed() -> None:
    assert keys_of(decider(failing_keys), FAILED) == ("thing/1",)


class Pool:
    """A database with one dead letter, whose kind its service may no longer consume."""

    ROW: ClassVar = {
        "id": 7, "topic": "in", "kind": None, "keys": ["thing/1"], "may_replay": True, "received_at": NOW, "partition": 0,
        "record_offset": 0, "record_timestamp": 0, "record_key": None, "value": None,
    }  # fmt: skip

    async def fetch(self, statement: str, *arguments: Any) -> list[Any]:
        if statement == SQL["scan_dead_letters"]:
            last_id, _ = arguments
            return [Row(self.ROW)] if last_id == 0 else []
        return [Row(self.ROW | {"headers": b"[]"})]


class Row(dict[str, Any]):
    def __iter__(self) -> Iterator[Any]:
        return iter([self[column] for column in ("id", "topic", "kind", "keys", "may_replay")])


@pytest.mark.parametrize(("envelope", "dropped"), [(None, 1), (ENVELOPE, 0)])
async def test_dead_letter_that_is_deleted_without_being_processed_is_logged(envelope: Any, dropped: int) -> None:
    replayed = []

    async def replay(id: int, envelope: Envelope[Any] | None) -> None:
        replayed.append((id, envelope))

    async def until_replayed(seconds: float) -> bool:
        return not replayed

    with capture_logs() as lines:
        await DeadLetterReplayer(Pool(), replay, lambda *_: lambda *_: envelope, until_replayed).run()  # type: ignore[arg-type]

    assert replayed == [(7, envelope)]
    assert [(line["event"], line["id"]) for line in lines] == [("dead_letter_dropped", 7)] * dropped


def page(*rows: tuple[str, bool]) -> list[tuple[int, str, None, list[str], bool]]:
    """Rows of topic `in` with ids from 1, given by their keys and `may_replay`."""
    return [(id, "in", None, keys.split(), may_replay) for id, (keys, may_replay) in enumerate(rows, 1)]


def any_topic(topic: str | None, kind: str | None) -> bool:
    return True


def test_dead_letter_behind_a_failed_one_is_not_replayable() -> None:
    assert replayable(page(("a", False), ("a", True), ("b", True)), any_topic, set()) == [3]


def test_blocked_dead_letter_blocks_all_its_keys() -> None:
    assert replayable(page(("a", False), ("a b", True), ("b", True)), any_topic, set()) == []


def test_replayed_dead_letter_unblocks_those_behind_it() -> None:
    assert replayable(page(("a", True), ("a b", True), ("b", True)), any_topic, set()) == [1, 2, 3]


def test_dead_letter_that_this_process_cannot_decode_is_left_to_one_that_can() -> None:
    rows = [(1, "other", None, ["a"], True), (2, "in", None, ["a"], True)]

    assert replayable(rows, lambda topic, _: topic == "in", set()) == []


def test_keys_are_blocked_across_pages() -> None:
    blocked_keys = set[str]()

    assert replayable(page(("a", False)), any_topic, blocked_keys) == []
    assert replayable(page(("a", True), ("b", True)), any_topic, blocked_keys) == [2]
