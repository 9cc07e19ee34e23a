"""Invariants of coaching over arbitrary histories."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from shared.messages.coaching import EvaluationCompleted, EvaluationDue, EvaluationScheduled, ExplorationStarted, ReplyRefused
from tests.unit.coaching.given import (
    FORMED,
    ORGANISATION_READY,
    VACANCY,
    VACANCY_READY,
    History,
    held_reply,
    moved_reply,
    progressed,
)

START = date(2027, 3, 1)
DAYS = st.integers(-30, 250).map(lambda days: START + timedelta(days=days))
MESSAGES = [FORMED, ORGANISATION_READY, VACANCY_READY, progressed("RC-005"), progressed("RC-601", vacancy=VACANCY)]
Step = tuple[tuple[str, Any], int]
STEPS = st.one_of(
    st.tuples(st.just("handle"), st.sampled_from(MESSAGES)),
    st.tuples(st.just("handle"), st.builds(held_reply, DAYS, st.sampled_from(["expert", "organisation"]))),
    st.tuples(st.just("handle"), st.builds(moved_reply, DAYS)),
    st.tuples(st.just("fire"), st.none()),
)
HISTORIES = st.lists(st.tuples(STEPS, st.integers(0, 20)), max_size=40)
no_deadline = settings(deadline=None)  # a slow machine does not break a property


def play(steps: list[Step]) -> History:
    """Handle these messages, each some days after the one before, or fire the next timer, on time or late."""
    history, now = History(), datetime(2027, 2, 10, 9, tzinfo=UTC)
    history.handle(FORMED, now)
    for (action, message), days in steps:
        now += timedelta(days=days)
        if action == "handle":
            history.handle(message, now)
        elif history.pending:
            due_at, step = min((timer.due_at, step) for step, timer in history.pending.items())
            now = max(now, due_at)
            history.fire(step, now)
    return history


@no_deadline
@given(HISTORIES)
def test_a_formed_tandem_has_exactly_one_evaluation(steps: list[Step]) -> None:
    history = play(steps)
    scheduled = [message for message in history.published if isinstance(message, EvaluationScheduled)]
    completed = [message for message in history.published if isinstance(message, EvaluationCompleted)]

    assert history.tandem.evaluation
    assert [message.sequence for message in scheduled] == list(range(len(scheduled))) and scheduled
    assert len(completed) <= 1
    assert all(message.move_reason for message in scheduled[1:])
    assert bool(history.tandem.evaluation.held_on) == bool(completed)


@no_deadline
@given(HISTORIES)
def test_no_reminder_or_move_follows_after_it_was_held(steps: list[Step]) -> None:
    kinds = [type(message) for message in play(steps).published]
    if EvaluationCompleted in kinds:
        after = kinds[kinds.index(EvaluationCompleted) + 1 :]
        assert not {EvaluationDue, EvaluationScheduled} & set(after)


@no_deadline
@given(HISTORIES)
def test_until_it_is_held_the_last_reminder_is_pending_or_sent(steps: list[Step]) -> None:
    history = play(steps)
    evaluation = history.tandem.evaluation
    assert evaluation
    sent = {message.stage for message in history.published if isinstance(message, EvaluationDue) and message.on == evaluation.on}

    assert evaluation.held_on or not history.tandem.exploring_since or "lead" in history.reminders or "lead" in sent


@no_deadline
@given(HISTORIES)
def test_no_reminder_for_the_same_date_is_sent_twice(steps: list[Step]) -> None:
    sent = [(message.stage, message.on) for message in play(steps).published if isinstance(message, EvaluationDue)]

    assert len(sent) == len(set(sent))


@no_deadline
@given(HISTORIES)
def test_the_exploration_starts_at_most_once(steps: list[Step]) -> None:
    assert [type(message) for message in play(steps).published].count(ExplorationStarted) <= 1


@no_deadline
@given(HISTORIES)
def test_every_reply_changes_the_evaluation_or_is_refused_or_known_already(steps: list[Step]) -> None:
    history = play(steps)
    for day in (START + timedelta(days=days) for days in (-1, 40, 100, 400)):
        before = history.tandem.evaluation
        assert before
        for reply in (moved_reply(day), held_reply(day)):
            published = history.handle(reply, datetime(2027, 6, 1, 9, tzinfo=UTC))
            is_known = day in (before.held_on, history.tandem.evaluation and history.tandem.evaluation.on)
            assert is_known or isinstance(published[0], EvaluationScheduled | EvaluationCompleted | ReplyRefused)
