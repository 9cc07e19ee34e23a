"""The weeks after the yes: the first day, and the talk after three months with its chase. The clock moves from fact to fact."""

import asyncio
from datetime import date, timedelta

from deploy.demo.context import Context
from deploy.demo.steps import EVERYONE, Pair, readies_vacancy
from deploy.demo.users import Mail
from shared.programme.local_dates import working_day_on_or_after

DAY = timedelta(days=1)
QUIET = 1
HEARERS = {"coordinator": ("coordinator",), "advice_team": ("advice_team",), "lead": ("lead",)}


async def start(stage: Context, ready: Pair, unready: Pair) -> None:
    stage.chapter("The first working day: one tandem starts, for the other something is still missing")
    first = date.fromisoformat(ready.formed.data["starts_on"])
    await stage.move_clock("the first day", first)
    await explores(stage, ready)
    waiting = await stage.told("coaching.start-waiting", tandem=unready.tandem)
    await stage.letter("start_waiting", "coordinator", waiting)
    await readies_vacancy(stage, unready)
    await stage.move_clock("the second day", working_day_on_or_after(first + DAY, "nl-BE"))
    await explores(stage, unready)


async def explores(stage: Context, pair: Pair) -> None:
    started = await stage.told("coaching.exploration-started", tandem=pair.tandem)
    await stage.letters("exploration", EVERYONE, started)


async def evaluate(stage: Context, silent: Pair, moving: Pair) -> None:
    """Nobody reports the talk of one tandem; the other moves it by a week, and reports it."""
    on = date.fromisoformat(silent.scheduled.data["on"])
    later = working_day_on_or_after(on + 7 * DAY, "nl-BE")
    stage.chapter("Three weeks before the talk: everybody is invited; one tandem moves its talk, with a reason")
    await stage.move_clock("three weeks before", on - 21 * DAY)
    await due(stage, silent, "invitation", on)
    await moves(stage, moving, on, later)
    stage.chapter("Reminders before the talk, and those of the moved talk later")
    await stage.move_clock("a week before", on - 7 * DAY)
    await due(stage, silent, "reminder_7", on)
    await stage.move_clock("the day before", on - DAY)
    await due(stage, silent, "reminder_1", on)
    await is_late(stage, silent, moving, on, later)


async def is_late(stage: Context, silent: Pair, moving: Pair, on: date, later: date) -> None:
    stage.chapter("Nobody reports the talk: the coordinator and the advice team hear it")
    await stage.move_clock("three days after", on + 3 * DAY)
    await due(stage, silent, "coordinator", on)
    await due(stage, moving, "reminder_7", later)
    await stage.move_clock("the day before the moved talk", later - DAY)
    await due(stage, moving, "reminder_1", later)
    await stage.move_clock("a week after", max(on + 7 * DAY, later - DAY))
    await due(stage, silent, "advice_team", on)
    stage.chapter("The moved talk was held: one side reports it, and its chase stops")
    await stage.move_clock("three days after the moved talk", later + 3 * DAY)
    await is_held(stage, moving, later)
    stage.chapter("Two weeks without a word of the other: the lead hears it; then all is said")
    await stage.move_clock("two weeks after", on + 14 * DAY)
    await due(stage, silent, "lead", on)
    await stage.move_clock("long after", later + 15 * DAY)
    await asyncio.sleep(QUIET)


async def moves(stage: Context, pair: Pair, on: date, to: date) -> None:
    mails = await due(stage, pair, "invitation", on)
    await stage.fill_in("the talk moves", mails["coordinator"], "move", to=str(to), reason="start_slipped")
    scheduled = await stage.told("coaching.evaluation-scheduled", tandem=pair.tandem, sequence=1)
    await stage.letters("evaluation_moved", EVERYONE, scheduled)


async def due(stage: Context, pair: Pair, step: str, on: date) -> dict[str, Mail]:
    """A step of the chase comes, and each mail that it leads to."""
    said = await stage.told("coaching.evaluation-due", tandem=pair.tandem, stage=step, on=str(on))
    return await stage.letters(f"evaluation_{step}", HEARERS.get(step, EVERYONE), said)


async def is_held(stage: Context, pair: Pair, on: date) -> None:
    asked = await due(stage, pair, "coordinator", on)
    await stage.fill_in("the talk was held", asked["coordinator"], "held", held_on=str(on))
    await stage.told("coaching.evaluation-completed", tandem=pair.tandem)
