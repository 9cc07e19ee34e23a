"""What waits for what in a parking place."""

from typing import Any

from deploy.operations.dead_letters import before


def row(id: int, keys: str, error: str | None = None) -> dict[str, Any]:
    return {"id": id, "keys": keys.split(), "status": "failed" if error else "blocked"}


def test_later_messages_wait_for_the_first_of_their_key() -> None:
    rows = [row(1, "a", "LookupError"), row(2, "a b"), row(3, "b"), row(4, "c", "LookupError")]

    assert before(rows) == {1: None, 2: 1, 3: 1, 4: None}


def test_when_the_first_is_gone_nothing_holds_the_next() -> None:
    assert before([row(2, "a b"), row(3, "b")]) == {2: None, 3: 2}
