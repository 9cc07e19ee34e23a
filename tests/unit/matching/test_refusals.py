"""No reply is without an outcome: what matching does not apply it refuses, with a reason, and the mediator can pick again."""

from datetime import UTC, date, datetime
from uuid import UUID

import pytest
from hypothesis import given, settings
from msgspec.structs import replace

from services.matching.domain.effects import RequestShortlist
from shared.messages.intake import ExpertNotYetEligible
from shared.messages.matching import MatchAnswered, MatchDeclined, MatchProposed, MatchWithdrawn, ReplyRefused, ShortlistDrawn
from shared.messages.notify import ProposalAnswered, ReplyReceived
from tests.unit.matching.given import (
    ANNA,
    BERT,
    MONDAY,
    OPENED,
    REGISTERED,
    VACANCY,
    History,
    answer_reply,
    pick_reply,
    propose,
    refusal,
    with_shortlist,
)
from tests.unit.matching.test_laws import EXPERT_IDS, EXPERTS, HISTORIES, VACANCIES, Step, perform

AWAY = ExpertNotYetEligible(ANNA, ("training",), "training", "nl-BE", "Europe/Brussels")
IN_FOURTEEN_MONTHS = replace(OPENED, starts_on=date(2028, 4, 3))


def test_refusal_names_the_reply_the_person_and_the_days_allowed() -> None:
    history = with_shortlist(REGISTERED, vacancies=[IN_FOURTEEN_MONTHS])

    (refused,) = history.handle(pick_reply())

    assert isinstance(refused, ReplyRefused) and isinstance(refused.reply, UUID)
    assert (refused.role, refused.vacancy, refused.expert, refused.reason) == ("mediator", VACANCY, ANNA, "first_day")
    assert (refused.earliest, refused.latest) == (date(2027, 2, 1), date(2028, 2, 1))


def test_vacancy_that_starts_in_fourteen_months_can_be_proposed_with_an_earlier_first_day() -> None:
    history = with_shortlist(REGISTERED, vacancies=[IN_FOURTEEN_MONTHS])
    history.handle(pick_reply())

    (proposed,) = history.handle(pick_reply(starts_on=date(2028, 2, 1)))

    assert isinstance(proposed, MatchProposed) and proposed.starts_on == date(2028, 2, 1)


@pytest.mark.parametrize(
    ("chosen", "first_day", "requested"),
    [
        (date(2027, 4, 6), date(2027, 4, 6), None),
        (date(2027, 4, 4), date(2027, 4, 5), date(2027, 4, 4)),  # a Sunday
        (date(2027, 3, 29), date(2027, 3, 30), date(2027, 3, 29)),  # Easter Monday
        (date(2027, 3, 27), date(2027, 3, 30), date(2027, 3, 27)),  # the Saturday before
    ],
)
def test_proposal_names_the_requested_day_if_the_first_day_is_a_later_one(
    chosen: date, first_day: date, requested: date | None
) -> None:
    (proposed,) = with_shortlist(REGISTERED).handle(pick_reply(starts_on=chosen))

    assert isinstance(proposed, MatchProposed) and (proposed.starts_on, proposed.requested_first_day) == (first_day, requested)


def test_first_day_in_the_past_is_refused_as_on_the_page() -> None:
    assert refusal(with_shortlist(REGISTERED).handle(pick_reply(starts_on=date(2027, 1, 31)))) == "first_day"


def test_refused_pick_of_an_unavailable_expert_requests_the_shortlist_that_the_page_lacks() -> None:
    history = with_shortlist(REGISTERED, replace(REGISTERED, expert=BERT))
    history.handle(AWAY)

    assert refusal(history.handle(pick_reply())) == "expert_unavailable"
    assert history.effects[-1] == RequestShortlist(VACANCY)


def test_expert_away_and_back_before_the_shortlist_is_computed_is_listed_again() -> None:
    history = with_shortlist(REGISTERED)
    propose(history)
    (gone,) = history.handle(AWAY)
    history.handle(REGISTERED)
    (withdrawn,) = history.handle(gone)
    assert isinstance(withdrawn, MatchWithdrawn)

    (drawn,) = history.compute_shortlist(VACANCY, REGISTERED)

    assert isinstance(drawn, ShortlistDrawn) and [candidate.expert for candidate in drawn.candidates] == [ANNA]


def test_shortlist_that_is_empty_after_a_proposal_ended_is_published() -> None:
    history = with_shortlist(REGISTERED)
    match = propose(history)
    history.handle(answer_reply(match, "organisation", "no"))

    (drawn,) = history.compute_shortlist(VACANCY)

    assert isinstance(drawn, ShortlistDrawn) and drawn.candidates == ()


def test_a_no_right_after_the_second_yes_is_refused_in_the_open() -> None:
    history = with_shortlist(REGISTERED)
    match = propose(history)
    for side in ("expert", "organisation"):
        history.handle(answer_reply(match, side))

    (refused,) = history.handle(answer_reply(match, "organisation", "no"))

    assert isinstance(refused, ReplyRefused)
    assert (refused.match, refused.side, refused.answer, refused.reason) == (match.match, "organisation", "no", "tandem_formed")


def test_reply_about_an_unknown_vacancy_is_refused_and_stores_nothing() -> None:
    history = History()

    assert refusal(history.handle(pick_reply())) == "not_open"
    assert (
        refusal(history.handle(ReplyReceived("expert", ProposalAnswered(VACANCY, ANNA, BERT, "expert", "yes", "none")))) == "ended"
    )
    assert history.vacancy() == history.decider.initial_state(f"vacancy/{VACANCY}")


@settings(deadline=None)  # a slow machine does not break a property
@given(HISTORIES)
def test_every_reply_in_every_history_is_applied_refused_or_recorded_already(steps: list[Step]) -> None:
    history = History()
    for registered in EXPERTS:
        history.handle(registered)
    for vacancy in VACANCIES:
        history.handle(replace(OPENED, vacancy=vacancy))
        history.compute_shortlist(vacancy, *EXPERTS)
    outcomes = (MatchProposed, MatchAnswered, MatchDeclined, ReplyRefused)
    for action, vacancy, expert, side, answer, days in steps:
        perform(history, action, vacancy, expert, side, answer, days)
        proposals = [m for m in history.published if isinstance(m, MatchProposed) and m.vacancy == vacancy]
        assert isinstance(history.handle(pick_reply(vacancy, EXPERT_IDS[days % 2]), MONDAY)[0], outcomes)
        for match in proposals[-1:]:
            before = history.vacancy(vacancy).proposal
            published = history.handle(answer_reply(match, side, answer), datetime(2027, 2, 2, 9, tzinfo=UTC))
            is_recorded = before and before.match == match.match and answer == "yes" and side in before.accepted_by
            assert (published == []) if is_recorded else isinstance(published[0], outcomes)
