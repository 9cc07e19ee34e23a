"""The steps from the first working day to the evaluation after three months. The clock moves from one due date to the next."""

import asyncio
from datetime import date, timedelta

from deploy.demo.context import Context
from deploy.demo.steps import PARTICIPANTS, FormedTandem, complete_vacancy_readiness
from deploy.mail_catcher.mail import Mail
from shared.programme.local_dates import working_day_on_or_after

DAY = timedelta(days=1)
QUIET_SECONDS = 1
ESCALATIONS = ("coordinator", "advice_team", "lead")
"""Stages of the reminder plan that address one role, whose name they share."""


async def start(context: Context, ready: FormedTandem, unready: FormedTandem) -> None:
    context.section("The first working day: one tandem starts, the other still lacks something")
    first_day = date.fromisoformat(ready.formed.data["starts_on"])
    await context.move_clock("the first day", first_day)
    await wait_for_exploration(context, ready)
    waiting = await context.wait_for_message("coaching.start-waiting", tandem=unready.id)
    await context.wait_for_email("start_waiting", "coordinator", waiting)
    await complete_vacancy_readiness(context, unready)
    await context.move_clock("the second day", working_day_on_or_after(first_day + DAY, "nl-BE"))
    await wait_for_exploration(context, unready)


async def wait_for_exploration(context: Context, tandem: FormedTandem) -> None:
    started = await context.wait_for_message("coaching.exploration-started", tandem=tandem.id)
    await context.wait_for_emails("exploration", PARTICIPANTS, started)


async def evaluate(context: Context, silent: FormedTandem, active: FormedTandem) -> None:
    """Pass the evaluation of both tandems: the silent one reports nothing, the active one moves its date and reports."""
    on = date.fromisoformat(silent.scheduled.data["on"])
    moved_to = working_day_on_or_after(on + 7 * DAY, "nl-BE")
    context.section("Three weeks before the evaluation: all are invited; one tandem moves the date, with a reason")
    await context.move_clock("three weeks before", on - 21 * DAY)
    await wait_for_stage(context, silent, "invitation", on)
    await move_evaluation(context, active, on, moved_to)
    context.section("Reminders before the evaluation; those of the moved one come later")
    await context.move_clock("a week before", on - 7 * DAY)
    await wait_for_stage(context, silent, "reminder_7", on)
    await context.move_clock("the day before", on - DAY)
    await wait_for_stage(context, silent, "reminder_1", on)
    await escalate(context, silent, active, on, moved_to)


async def escalate(context: Context, silent: FormedTandem, active: FormedTandem, on: date, moved_to: date) -> None:
    context.section("No report of the evaluation: the coordinator and the advice team are informed")
    await context.move_clock("three days after", on + 3 * DAY)
    await wait_for_stage(context, silent, "coordinator", on)
    await wait_for_stage(context, active, "reminder_7", moved_to)
    await context.move_clock("the day before the moved evaluation", moved_to - DAY)
    await wait_for_stage(context, active, "reminder_1", moved_to)
    await context.move_clock("a week after", max(on + 7 * DAY, moved_to - DAY))
    await wait_for_stage(context, silent, "advice_team", on)
    context.section("The moved evaluation was held: one side reports it, and its reminders stop")
    await context.move_clock("three days after the moved evaluation", moved_to + 3 * DAY)
    await report_evaluation(context, active, moved_to)
    context.section("Two weeks without a report of the other: the project lead is informed; the reminder plan ends")
    await context.move_clock("two weeks after", on + 14 * DAY)
    await wait_for_stage(context, silent, "lead", on)
    await context.move_clock("long after", moved_to + 15 * DAY)
    await asyncio.sleep(QUIET_SECONDS)


async def move_evaluation(context: Context, tandem: FormedTandem, on: date, to: date) -> None:
    mails = await wait_for_stage(context, tandem, "invitation", on)
    await context.fill_in("the evaluation moves", mails["coordinator"], "move", to=str(to), reason="start_slipped")
    scheduled = await context.wait_for_message("coaching.evaluation-scheduled", tandem=tandem.id, sequence=1)
    await context.wait_for_emails("evaluation_moved", PARTICIPANTS, scheduled)


async def wait_for_stage(context: Context, tandem: FormedTandem, stage: str, on: date) -> dict[str, Mail]:
    """Wait until a stage of the reminder plan is due, and return its emails by role."""
    due = await context.wait_for_message("coaching.evaluation-due", tandem=tandem.id, stage=stage, on=str(on))
    return await context.wait_for_emails(f"evaluation_{stage}", (stage,) if stage in ESCALATIONS else PARTICIPANTS, due)


async def report_evaluation(context: Context, tandem: FormedTandem, on: date) -> None:
    mails = await wait_for_stage(context, tandem, "coordinator", on)
    await context.fill_in("the evaluation was held", mails["coordinator"], "held", held_on=str(on))
    await context.wait_for_message("coaching.evaluation-completed", tandem=tandem.id)
