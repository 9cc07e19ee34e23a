"""The weeks after the yes: the first day, and the talk after three months with its chase. The clock moves from fact to fact."""

import asyncio
from datetime import date, timedelta

from deploy.journey.people import Mail
from deploy.journey.stage import Stage
from deploy.journey.story import EVERYONE, Pair, readies_vacancy
from shared.policy import working_day

DAY = timedelta(days=1)
QUIET = 1.5
HEARERS = {"coordinator": ("coordinator",), "advice_team": ("advice_team",), "lead": ("lead",)}


async def start(stage: Stage, ready: Pair, unready: Pair) -> None:
    stage.chapter("The first working day: one tandem starts, for the other something is still missing")
    first = date.fromisoformat(ready.formed.data["starts_on"])
    await stage.move_clock("the first day", first)
    await explores(stage, ready)
    waiting = await stage.told("coaching.start-waiting", tandem=unready.tandem)
    await stage.letter("start_waiting", "coordinator", waiting)
    await readies_vacancy(stage, unready)
    await stage.move_clock("the second day", working_day(first + DAY, "nl-BE"))
    await explores(stage, unready)


async def explores(stage: Stage, pair: Pair) -> None:
    started = await stage.told("coaching.exploration-started", tandem=pair.tandem)
    await stage.letters("exploration", EVERYONE, started)


async def evaluate(stage: Stage, silent: Pair, moving: Pair) -> None:
    """Nobody reports the talk of one tandem; the other moves it, and reports it."""
    on = date.fromisoformat(silent.scheduled.data["on"])
    later = on + 10 * DAY
    stage.chapter("Three weeks before the talk: everybody is invited; one tandem moves its talk, with a reason")
    await stage.move_clock("three weeks before", on - 21 * DAY)
    await due(stage, silent, "invitation", on)
    await moves(stage, moving, on, later)
    stage.chapter("Reminders before the talk")
    await stage.move_clock("a week before", on - 7 * DAY)
    await due(stage, silent, "reminder_7", on)
    await due(stage, moving, "invitation", later)
    await stage.move_clock("the day before", on - DAY)
    await due(stage, silent, "reminder_1", on)
    stage.chapter("Nobody reports the talk: the coordinator, the advice team and the lead hear it")
    await stage.move_clock("three days after", on + 3 * DAY)
    await due(stage, silent, "coordinator", on)
    await due(stage, moving, "reminder_7", later)
    await stage.move_clock("nine days after", on + 9 * DAY)
    await due(stage, silent, "advice_team", on)
    await due(stage, moving, "reminder_1", later)
    await stage.move_clock("two weeks after", on + 14 * DAY)
    await due(stage, silent, "lead", on)
    await holds(stage, moving, later)


async def moves(stage: Stage, pair: Pair, on: date, to: date) -> None:
    mails = await due(stage, pair, "invitation", on)
    await stage.fill_in("the talk moves", mails["coordinator"], "move", to=str(to), reason="start_slipped")
    scheduled = await stage.told("coaching.evaluation-scheduled", tandem=pair.tandem, sequence=1)
    await stage.letters("evaluation_moved", EVERYONE, scheduled)


async def due(stage: Stage, pair: Pair, step: str, on: date) -> dict[str, Mail]:
    """A step of the chase comes, and each mail that it leads to."""
    said = await stage.told("coaching.evaluation-due", tandem=pair.tandem, stage=step, on=str(on))
    return await stage.letters(f"evaluation_{step}", HEARERS.get(step, EVERYONE), said)


async def holds(stage: Stage, pair: Pair, on: date) -> None:
    """One side reports the talk, and the clock runs past every step that would have followed."""
    stage.chapter("The moved talk was held: one side reports it, and nothing more comes")
    asked = await due(stage, pair, "coordinator", on)
    await stage.fill_in("the talk was held", asked["coordinator"], "held", held_on=str(on))
    await stage.told("coaching.evaluation-completed", tandem=pair.tandem)
    await stage.move_clock("long after", on + 15 * DAY)
    await asyncio.sleep(QUIET)
