"""Processes of a service: killed, side by side, without their stack, and ended by a fatal error."""

import asyncio
import os
import sys
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from shared import clock
from shared.errors import NotProvisioned, WiringError
from shared.runtime.service import Service
from tests.support.counter_service import (
    Harness,
)
from tests.support.waiting import wait_until

ROOT = Path(__file__).parents[3]


async def test_killed_processes_lose_nothing_and_repeat_nothing(harness: Harness) -> None:
    messages = [harness.added(f"{n % 40}", *([f"{(n + 7) % 40}"] if n % 10 == 0 else []), n=n) for n in range(3000)]
    processes = [await start_process(harness) for _ in range(2)]
    try:
        for nth in range(3):
            await asyncio.gather(harness.publish(*messages[nth * 1000 : (nth + 1) * 1000]), asyncio.sleep(2.5))
            victim = processes.pop(0)
            victim.kill()
            await victim.wait()
            processes.append(await start_process(harness))
        await harness.wait_until_processed(3300, seconds=60)
    finally:
        for process in processes:
            process.terminate()
            await process.wait()

    published = await harness.published_numbers()
    assert sum(map(len, published.values())) == 3300
    for thing, of_thing in published.items():
        assert of_thing == await harness.numbers(thing.removeprefix("thing/"))


async def test_a_second_process_takes_over_half_of_the_shards(harness: Harness) -> None:
    async with harness.running() as first:
        await wait_until(lambda: has_shards(first, 12))
        async with harness.running() as second:
            await wait_until(lambda: has_shards(second, 6))
            await wait_until(lambda: has_shards(first, 6))
            assert not set(first.relay.leases.shards) & set(second.relay.leases.shards)
        await wait_until(lambda: has_shards(first, 12))


@pytest.mark.parametrize(
    ("away", "event"), [("TANDEM_DATABASE", b'"database_unavailable"'), ("TANDEM_KAFKA", b'"kafka_unavailable"')]
)
async def test_a_process_that_waits_for_its_stack_stops_when_asked(harness: Harness, away: str, event: bytes) -> None:
    nowhere = {"TANDEM_DATABASE": "postgresql://user@127.0.0.1:1/none", "TANDEM_KAFKA": "127.0.0.1:1"}
    process = await start_process(harness, **{away: nowhere[away], "TANDEM_LOG_LEVEL": "WARNING"}, stdout=asyncio.subprocess.PIPE)
    assert process.stdout is not None
    async with asyncio.timeout(20):
        while event not in await process.stdout.readline():
            pass
    process.terminate()

    assert await asyncio.wait_for(process.wait(), 5) == 0


async def test_a_missing_setting_is_reported_in_one_sentence(harness: Harness) -> None:
    process = await start_process(harness, TANDEM_DATABASE=None, stderr=asyncio.subprocess.PIPE)
    _, errors = await process.communicate()

    assert errors.decode() == "TANDEM_DATABASE: missing, set it in the environment\n"
    assert process.returncode == 1


async def test_tables_that_do_not_match_the_service_end_the_process_without_dead_letters(harness: Harness) -> None:
    await harness.fetch("ALTER TABLE counter RENAME numbers TO figures")
    await harness.publish(*(harness.added("1", n=n) for n in range(5)))

    with pytest.raises(NotProvisioned, match='column "numbers" does not exist'):
        async with harness.running() as service:
            await asyncio.wait_for(service.wait_failed(), 20)

    assert await harness.fetch("SELECT FROM dead_letters") == []


async def test_an_effect_without_a_handler_ends_the_process_without_dead_letters(harness: Harness) -> None:
    with pytest.raises(WiringError, match="no effect handler for ScheduleTimer"):
        async with harness.running() as service:
            service.runner = replace(service.runner, effect_handlers={})
            await harness.publish(harness.added("1", n=1, timers=(("thing/1", "talk", "a", "2027-03-01"),)))
            await asyncio.wait_for(service.wait_failed(), 20)

    assert await harness.fetch("SELECT FROM dead_letters") == []


async def test_a_clock_error_ends_the_process_and_skips_nothing(harness: Harness, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> datetime:
        raise OverflowError("no such date")

    await harness.publish(harness.added("1", n=1))
    with pytest.raises(OverflowError):
        async with harness.running() as service:
            with monkeypatch.context() as patch:
                patch.setattr(clock, "now", broken)
                await asyncio.wait_for(service.wait_failed(), 20)

    async with harness.running():
        await harness.wait_until_processed(1)


async def has_shards(service: Service, count: int) -> bool:
    return len(service.relay.leases.shards) == count


async def start_process(
    harness: Harness, stdout: Any = None, stderr: Any = None, **settings: str | None
) -> asyncio.subprocess.Process:
    """Start the service as a process; `settings` override its environment, None removes a variable."""
    defaults = {
        "TANDEM_KAFKA": harness.kafka,
        "TANDEM_DATABASE": harness.settings.database.get_secret_value(),
        "TANDEM_LOG_LEVEL": "ERROR",
    }
    environment = {name: value for name, value in {**os.environ, **defaults, **settings}.items() if value is not None}
    command = (sys.executable, "-m", "tests.support.counter_service", harness.name)
    return await asyncio.create_subprocess_exec(*command, env=environment, cwd=ROOT, stdout=stdout, stderr=stderr)
