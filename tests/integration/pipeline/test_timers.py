"""Timers on a clock that the test sets."""

import asyncio
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from shared import clock
from tests.support.counter_service import (
    Harness,
    envelope,
)
from tests.support.waiting import wait_until


async def test_a_timer_fires_in_the_morning_and_only_the_latest_step_of_a_chain(harness: Harness, clock_file: Path) -> None:
    chain = tuple(("thing/1", "talk", f"step {nth}", f"2027-03-{day:02}") for nth, day in ((1, 1), (2, 8), (3, 15)))
    async with harness.running() as service:
        await service.handle([envelope(harness.added("1", n=1, timers=chain), 1)])
        for moment in ("2027-03-01T07:59+00:00", "2027-03-01T08:01+00:00", "2027-03-20T08:00+00:00"):
            set_clock(clock_file, moment)
            await asyncio.sleep(1.5)

    assert await harness.fetch("SELECT steps FROM counter") == [(["step 1", "step 3"],)]
    assert await harness.fetch("SELECT step, state FROM timers ORDER BY step") == [
        ("step 1", "fired"),
        ("step 2", "skipped"),
        ("step 3", "fired"),
    ]


async def test_a_rescheduled_timer_fires_on_its_new_day_and_a_cancelled_one_never(harness: Harness, clock_file: Path) -> None:
    first = (("thing/1", "talk", "a", "2027-03-01"), ("thing/1", "other", "b", "2027-03-01"))
    then = (("thing/1", "talk", "a", "2027-03-09"), ("thing/1", "other", None, None))
    async with harness.running() as service:
        await service.handle(
            [envelope(harness.added("1", n=1, timers=first), 1), envelope(harness.added("1", n=2, timers=then), 2)]
        )
        set_clock(clock_file, "2027-03-05T08:00+00:00")
        await asyncio.sleep(1.5)
        assert await harness.fetch("SELECT steps FROM counter") == [([],)]
        set_clock(clock_file, "2027-03-09T08:00+00:00")
        await wait_until(lambda: timers_finished(harness))

    assert await harness.fetch("SELECT steps FROM counter") == [(["a"],)]
    assert await harness.fetch("SELECT count(*) FROM timers WHERE step = 'b' AND state = 'pending'") == [(0,)]


async def test_a_timer_fires_once_with_two_processes(harness: Harness, clock_file: Path) -> None:
    chain = tuple((f"thing/{nth}", "talk", "a", "2027-03-01") for nth in range(40))
    async with harness.running() as service, harness.running():
        await service.handle([envelope(harness.added(*(str(nth) for nth in range(40)), n=1, timers=chain), 1)])
        set_clock(clock_file, "2027-03-02T08:00+00:00")
        await wait_until(lambda: timers_finished(harness))

    assert await harness.fetch("SELECT DISTINCT steps FROM counter") == [(["a"],)]


async def timers_finished(harness: Harness) -> bool:
    return await harness.fetch("SELECT FROM timers WHERE state = 'pending'") == []


@pytest.fixture
def clock_file(tmp_path: Path) -> Iterator[Path]:
    """The clock file that this process follows for the length of a test."""
    clock.use_offset_file(tmp_path / "clock")
    yield tmp_path / "clock"
    clock.use_offset_file(None)


def set_clock(file: Path, moment: str) -> None:
    ahead = (datetime.fromisoformat(moment) - clock.now()).total_seconds() / 86_400
    before = float(file.read_text()) if file.exists() else 0.0
    file.write_text(str(before + ahead))
