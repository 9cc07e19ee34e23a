"""Which replies from pages are accepted: the decider has the last word, whatever the page showed."""

from datetime import UTC, date, datetime, time, timedelta

import pytest

from shared.messages.notify import EvaluationHeld, EvaluationMoved, ProposalAnswered, ReplyReceived
from tests.support.factories import EVALUATION_DAY, FIRST_DAY
from tests.unit.notify.given import after
from tests.unit.notify.pages.page_harness import EVALUATION_COMPLETED, EXAMPLE, FORMED, IN_MARCH, PICK, PROPOSED, STARTED, reply


def test_pick_is_accepted_from_an_open_vacancy_without_a_proposal() -> None:
    assert [type(message) for message in after(EXAMPLE.opened(), EXAMPLE.drawn(), PICK).published] == [ReplyReceived]
    assert after(*PROPOSED, PICK).published == []
    assert after(EXAMPLE.drawn(), PICK).published == []


def test_a_pick_waits_for_its_proposal_or_refusal_whatever_shortlist_comes() -> None:
    assert len(after(EXAMPLE.opened(), EXAMPLE.drawn(), PICK, EXAMPLE.drawn(2), PICK).published) == 1


@pytest.mark.parametrize(
    ("at", "accepted"),
    [(datetime(2026, 12, 4, 22, 59, tzinfo=UTC), True), (datetime(2026, 12, 4, 23, 0, tzinfo=UTC), False)],
)
def test_answer_is_accepted_until_the_last_day_ends_in_the_vacancy_s_zone(at: datetime, accepted: bool) -> None:
    yes = reply(ProposalAnswered(EXAMPLE.vacancy, EXAMPLE.expert, EXAMPLE.match, "expert", "yes", "none"), at=at)

    assert len(after(EXAMPLE.opened(), EXAMPLE.drawn(), EXAMPLE.proposed(date(2026, 12, 4)), yes).published) == accepted


@pytest.mark.rule("R132")
@pytest.mark.parametrize(("days", "accepted"), [(27, False), (28, True), (30, True), (31, False)])
def test_evaluation_is_reported_after_four_weeks_and_not_in_the_future(days: int, accepted: bool) -> None:
    held = EvaluationHeld(EXAMPLE.tandem, "expert", FIRST_DAY + timedelta(days=days))
    report = reply(held, at=datetime(2027, 3, 3, 9, tzinfo=UTC))

    assert len(after(*STARTED, report).published) == accepted
    assert after(*FORMED, report).published == []


@pytest.mark.rule("R132")
def test_evaluation_that_was_held_does_not_move() -> None:
    move = reply(EvaluationMoved(EXAMPLE.tandem, "expert", EVALUATION_DAY + timedelta(days=1), time(14), "agenda"), at=IN_MARCH)

    assert len(after(*FORMED, move).published) == 1
    assert after(*FORMED, EVALUATION_COMPLETED, move).published == []


@pytest.mark.rule("R132")
def test_evaluation_does_not_move_to_the_day_and_time_that_it_has() -> None:
    same = reply(EvaluationMoved(EXAMPLE.tandem, "organisation", EVALUATION_DAY, None, "agenda"))

    assert after(*FORMED, same).published == []
