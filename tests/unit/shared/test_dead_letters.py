"""Which keys a message holds up that cannot be handled, and which of the parked may go on."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from shared.messages.envelope import Envelope, Message
from shared.pipeline.dead_letters import keys_of, replayable
from shared.pipeline.decider import Decider
from shared.pipeline.inbox import Incoming
from shared.pipeline.timers import TimerDue
from shared.runtime.maintenance import StoredRecord

NOW = datetime(2027, 1, 1, tzinfo=UTC)
DUE = TimerDue(subject="thing/1", milestone="talk", step="a", recipient="lead", day=NOW.date(), related_keys=("thing/2",))
ENVELOPE = Envelope(id=UUID(int=1), source="/trial", subject="thing/1", time=NOW, data=DUE)


def rules(keys: Any) -> Decider[None]:
    def evolve(state: None, fact: Message) -> None: ...

    return Decider(initial_state=lambda _: None, keys=keys, decide=lambda *_: (), evolve=evolve)


def raising(message: TimerDue) -> tuple[str, ...]:
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
def test_of_what_cannot_be_read_the_record_key_says_what_it_is_about(record_key: bytes | None, subject: str) -> None:
    unread = Incoming(NOW, None, StoredRecord("in", 0, 0, 0, record_key, b"", ()), LookupError())

    assert keys_of(rules(raising), unread) == (subject,)


def test_of_what_breaks_a_rule_all_its_keys_count() -> None:
    assert keys_of(rules(lambda m: m.keys), Incoming(NOW, ENVELOPE, error=LookupError())) == ("thing/1", "thing/2")


def test_where_the_keys_themselves_cannot_be_told_the_subject_counts() -> None:
    assert keys_of(rules(raising), Incoming(NOW, ENVELOPE, error=LookupError())) == ("thing/1",)


def standing(*rows: tuple[str, bool]) -> list[tuple[int, str, None, list[str], bool]]:
    return [(seq, "in", None, keys.split(), goes) for seq, (keys, goes) in enumerate(rows, 1)]


def test_what_stands_behind_one_that_stays_stays() -> None:
    assert replayable(standing(("a", False), ("a", True), ("b", True)), lambda *_: True, set()) == [3]


def test_one_that_waits_holds_up_all_its_keys() -> None:
    assert replayable(standing(("a", False), ("a b", True), ("b", True)), lambda *_: True, set()) == []


def test_one_that_is_tried_again_takes_those_behind_it_along() -> None:
    assert replayable(standing(("a", True), ("a b", True), ("b", True)), lambda *_: True, set()) == [1, 2, 3]


def test_what_this_process_cannot_read_stays_for_one_that_can() -> None:
    assert replayable([(1, "other", None, ["a"], True), (2, "in", None, ["a"], True)], lambda topic, _: topic == "in", set()) == []


def test_what_stays_holds_up_the_portions_that_follow() -> None:
    blocked = set[str]()

    assert replayable(standing(("a", False)), lambda *_: True, blocked) == []
    assert replayable(standing(("a", True), ("b", True)), lambda *_: True, blocked) == [2]
