"""Which dead letter blocks which."""

from typing import Any

from deploy.operations.dead_letters import blocked_by


def row(id: int, keys: str, error: str | None = None) -> dict[str, Any]:
    return {"id": id, "keys": keys.split(), "status": "failed" if error else "blocked"}


def test_later_messages_are_blocked_by_the_first_of_their_key() -> None:
    rows = [row(1, "a", "LookupError"), row(2, "a b"), row(3, "b"), row(4, "c", "LookupError")]

    assert blocked_by(rows) == {1: None, 2: 1, 3: 1, 4: None}


def test_message_is_unblocked_when_the_first_of_its_key_is_gone() -> None:
    assert blocked_by([row(2, "a b"), row(3, "b")]) == {2: None, 3: 2}
