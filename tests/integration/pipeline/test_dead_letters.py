"""Which messages become dead letters, what they block, and how they are replayed."""

from dataclasses import replace
from typing import Any

import pytest

from tests.support.counter_service import Harness, envelope
from tests.support.waiting import wait_until


async def test_a_poison_message_blocks_its_key_and_no_other(harness: Harness) -> None:
    harness.broken.add(2)
    await harness.publish(*(harness.added(thing, n=n) for n in (1, 2, 3) for thing in ("1", "2") if (thing, n) != ("2", 2)))

    async with harness.running():
        await harness.wait_until_processed(3)

    assert (await harness.numbers("1"), await harness.numbers("2")) == ([1], [1, 3])
    rows = await harness.fetch("SELECT kind, keys, error, detail FROM dead_letters ORDER BY id")
    assert [row[:3] for row in rows] == [
        ("tandem.counter.added.v1", ["thing/1"], "LookupError"),
        ("tandem.counter.added.v1", ["thing/1"], None),
    ]
    assert "secret" not in rows[0][3]
    assert "raised in decide" in rows[0][3]


async def test_a_blocked_message_blocks_all_of_its_keys(harness: Harness) -> None:
    harness.broken.add(1)
    await harness.publish(harness.added("1", n=1), harness.added("1", "2", n=2))

    async with harness.running() as service:
        await wait_until(lambda: has_dead_letters(harness, 2))
        await service.handle([envelope(harness.added("2", n=3), 3), envelope(harness.added("3", n=4), 4)])

        assert (await harness.numbers("2"), await harness.numbers("3")) == ([], [4])
        assert await harness.fetch("SELECT count(*) FROM dead_letters") == [(3,)]


async def test_a_replay_continues_with_the_blocked_messages_in_order(harness: Harness) -> None:
    harness.broken.add(2)
    await harness.publish(*(harness.added("1", n=n) for n in (1, 2, 3, 4)))

    async with harness.running():
        await wait_until(lambda: has_dead_letters(harness, 3))
        await harness.fetch("UPDATE dead_letters SET status = 'replay_requested' WHERE status = 'failed'")
        await wait_until(lambda: replay_finished(harness))
        harness.broken.clear()
        await harness.fetch("UPDATE dead_letters SET status = 'replay_requested' WHERE status = 'failed'")
        await harness.wait_until_processed(4)

    assert await harness.numbers("1") == [1, 2, 3, 4]
    assert await harness.published_numbers() == {"thing/1": [1, 2, 3, 4]}
    assert await harness.fetch("SELECT FROM dead_letters") == []


async def test_messages_blocked_by_a_discarded_one_continue(harness: Harness) -> None:
    harness.broken.add(2)
    await harness.publish(*(harness.added("1", n=n) for n in (1, 2, 3)))

    async with harness.running():
        await wait_until(lambda: has_dead_letters(harness, 2))
        await harness.fetch("DELETE FROM dead_letters WHERE status = 'failed'")
        await harness.wait_until_processed(2)

    assert await harness.numbers("1") == [1, 3]


@pytest.mark.parametrize(
    ("value", "headers", "detail"),
    [
        (b"\xff\xfe not JSON", [], "not a JSON object with a type"),
        (None, [], "a record without a value"),
        (b'{"type":"tandem.counter.added.v2"}', [], "tandem.counter.added.v2 has an unknown major version"),
        (b'{"type":"tandem.counter.added.v1","id":"secret"}', [], "tandem.counter.added.v1 is invalid at $.id"),
        (b"{}", [("content-type", None)], "the content type is not that of a structured CloudEvent"),
        (b"{}", [("a\0b", b"x")], "not a JSON object with a type"),
        (b"{}", [("content-type", b"text/plain")], "the content type is not that of a structured CloudEvent"),
    ],
)
async def test_an_undecodable_record_becomes_a_dead_letter_with_its_bytes_unchanged(
    harness: Harness, value: bytes | None, headers: list[tuple[str, bytes | None]], detail: str
) -> None:
    await harness.publish_raw("thing/1", value, headers)
    await harness.publish(harness.added("1", n=1), harness.added("2", n=2))

    async with harness.running():
        await harness.wait_until_processed(1)
        await harness.fetch("UPDATE dead_letters SET status = 'replay_requested' WHERE status = 'failed'")
        await wait_until(lambda: replay_finished(harness))

    row, behind = await harness.fetch("SELECT value, record_key, keys, error, detail FROM dead_letters ORDER BY id")
    assert row == (value, b"thing/1", ["thing/1"], "DecodeError", detail)
    assert behind[3] is None


async def test_a_dead_letter_with_corrupt_headers_stays_and_the_replay_continues(harness: Harness) -> None:
    harness.broken.add(1)
    await harness.publish(harness.added("1", n=1), harness.added("2", n=2))

    async with harness.running():
        await harness.wait_until_processed(1)
        await harness.fetch("UPDATE dead_letters SET status = 'replay_requested', headers = '{'")
        await wait_until(lambda: replay_finished(harness))

    assert await harness.fetch("SELECT error FROM dead_letters") == [("ValidationError",)]


async def test_a_transient_error_raised_by_a_decider_makes_a_dead_letter(harness: Harness) -> None:
    def late(*_: Any) -> Any:
        raise TimeoutError("a secret")

    async with harness.running() as service:
        service.runner = replace(service.runner, decider=replace(service.runner.decider, decide=late))
        await harness.publish(harness.added("1", n=1))
        await wait_until(lambda: has_dead_letters(harness, 1))

    ((error, detail),) = await harness.fetch("SELECT error, detail FROM dead_letters")
    assert error == "TransientErrorInDecider"
    assert detail.startswith("a decider raised TimeoutError, raised in late, test_dead_letters.py line ")


async def test_the_cause_of_an_output_that_is_too_large_becomes_a_dead_letter(harness: Harness) -> None:
    await harness.publish(harness.added("1", n=1, size=1_000_000), harness.added("2", n=2, size=800_000))

    async with harness.running():
        await harness.wait_until_processed(1)

    ((error, detail),) = await harness.fetch("SELECT error, detail FROM dead_letters")
    assert error == "MessageTooLarge"
    assert detail.startswith(f"a message for {harness.name}.out has 1000")
    assert await harness.published_numbers() == {"thing/2": [2]}


async def test_a_local_input_may_become_a_dead_letter_and_be_replayed(harness: Harness) -> None:
    harness.broken.add(2)

    async with harness.running() as service:
        await service.handle([envelope(harness.added("1", n=n), n) for n in (1, 2, 3)], dead_letter_failures=True)
        assert await harness.numbers("1") == [1]
        harness.broken.clear()
        await harness.fetch("UPDATE dead_letters SET status = 'replay_requested' WHERE status = 'failed'")
        await harness.wait_until_processed(3)

    assert await harness.numbers("1") == [1, 2, 3]


async def has_dead_letters(harness: Harness, count: int) -> bool:
    return await harness.fetch("SELECT count(*) FROM dead_letters") == [(count,)]


async def replay_finished(harness: Harness) -> bool:
    return await harness.fetch("SELECT FROM dead_letters WHERE status = 'replay_requested'") == []
