"""The law of coaching: a tandem that was formed has exactly one evaluation, whatever happens."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from shared.messages.coaching import EvaluationCompleted, EvaluationDue, EvaluationScheduled, ExplorationStarted
from tests.unit.coaching.given import FORMED, ORGANISATION_READY, PLACE, VACANCY_READY, History, held, missing, moved

START = date(2027, 3, 1)
DAYS = st.integers(-30, 250).map(lambda days: START + timedelta(days=days))
HEARD = [FORMED, ORGANISATION_READY, VACANCY_READY, missing("RC-005"), missing("RC-601", vacancy=PLACE)]
STEPS = st.one_of(
    st.tuples(st.just("told"), st.sampled_from(HEARD)),
    st.tuples(st.just("told"), st.builds(held, DAYS, st.sampled_from(["expert", "organisation"]))),
    st.tuples(st.just("told"), st.builds(moved, DAYS)),
    st.tuples(st.just("rings"), st.none()),
)
HISTORIES = st.lists(st.tuples(STEPS, st.integers(0, 20)), max_size=40)
unhurried = settings(deadline=None)  # a busy machine is no broken law


def played(steps: list[tuple[tuple[str, Any], int]]) -> History:
    """A tandem, and these things happening to it, each some days after the one before; or its next timer, late or on its day."""
    history, now = History(), datetime(2027, 2, 10, 9, tzinfo=UTC)
    history.tell(FORMED, now)
    for (what, argument), days in steps:
        now += timedelta(days=days)
        if what == "told":
            history.tell(argument, now)
        elif history.pending:
            due, step = min((timer.due_at, step) for step, timer in history.pending.items())
            now = max(now, due)
            history.rings(step, now)
    return history


@unhurried
@given(HISTORIES)
def test_a_formed_tandem_has_exactly_one_evaluation(steps: list[tuple[tuple[str, Any], int]]) -> None:
    history = played(steps)
    scheduled = [said for said in history.said if isinstance(said, EvaluationScheduled)]
    completed = [said for said in history.said if isinstance(said, EvaluationCompleted)]

    assert history.tandem.evaluation
    assert [said.sequence for said in scheduled] == list(range(len(scheduled))) and scheduled
    assert len(completed) <= 1
    assert all(said.move_reason for said in scheduled[1:])
    assert bool(history.tandem.evaluation.held_on) == bool(completed)


@unhurried
@given(HISTORIES)
def test_nothing_is_chased_or_moved_after_it_was_held(steps: list[tuple[tuple[str, Any], int]]) -> None:
    kinds = [type(said) for said in played(steps).said]
    if EvaluationCompleted in kinds:
        after = kinds[kinds.index(EvaluationCompleted) + 1 :]
        assert not {EvaluationDue, EvaluationScheduled} & set(after)


@unhurried
@given(HISTORIES)
def test_until_it_was_held_somebody_is_still_to_hear_of_it_or_all_have(steps: list[tuple[tuple[str, Any], int]]) -> None:
    history = played(steps)
    evaluation = history.tandem.evaluation
    assert evaluation
    told = {said.stage for said in history.said if isinstance(said, EvaluationDue) and said.on == evaluation.on}

    assert evaluation.held_on or not history.tandem.exploring_since or "lead" in history.chain or "lead" in told


@unhurried
@given(HISTORIES)
def test_no_step_towards_a_talk_is_said_twice(steps: list[tuple[tuple[str, Any], int]]) -> None:
    told = [(said.stage, said.on) for said in played(steps).said if isinstance(said, EvaluationDue)]

    assert len(told) == len(set(told))


@unhurried
@given(HISTORIES)
def test_the_exploration_starts_at_most_once(steps: list[tuple[tuple[str, Any], int]]) -> None:
    assert [type(said) for said in played(steps).said].count(ExplorationStarted) <= 1
