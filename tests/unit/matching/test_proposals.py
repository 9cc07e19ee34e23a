"""From an opened vacancy to a tandem, one message at a time."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from msgspec.structs import replace

from services.matching.domain.effects import RecordPoolChange, RequestShortlist
from services.matching.domain.scoring import score_candidate
from shared.messages.code_lists import Role, Side
from shared.messages.intake import ExpertNotYetEligible
from shared.messages.matching import (
    ExpertPlaced,
    MatchAnswered,
    MatchDeclined,
    MatchExpired,
    MatchProposed,
    MatchWithdrawn,
    ReplyRefused,
    ShortlistDrawn,
    TandemExpertWithdrawn,
    TandemFormed,
)
from shared.messages.notify import EvaluationHeld, ReplyReceived
from shared.pipeline.timers import ScheduleTimer, TimerDue
from tests.unit.matching.given import (
    ANNA,
    BERT,
    MONDAY,
    OPENED,
    OTHER_VACANCY,
    REGISTERED,
    VACANCY,
    History,
    answer_reply,
    pick_reply,
    propose,
    refusal,
    with_shortlist,
)

OTHER_EXPERT = replace(REGISTERED, expert=BERT)
OTHER_OPENED = replace(OPENED, vacancy=OTHER_VACANCY)


NO_LONGER_ELIGIBLE = ExpertNotYetEligible(ANNA, ("training",), "training", "nl-BE", "Europe/Brussels")


def propose_start(history: History, starts_on: date) -> MatchProposed:
    (proposal,) = history.handle(pick_reply(starts_on=starts_on))
    assert isinstance(proposal, MatchProposed)
    return proposal


def due(match: MatchProposed, side: Side) -> TimerDue:
    """The deadline timer of a side."""
    day = (match.expert_answers_by if side == "expert" else match.organisation_answers_by) + timedelta(days=1)
    expert = f"expert/{match.expert}"
    return TimerDue(match.subject, milestone=f"answer/{match.match}", step=side, recipient=side, day=day, related_keys=(expert,))


def test_an_opened_vacancy_requests_a_shortlist() -> None:
    history = History()

    assert history.handle(OPENED) == []
    assert history.effects == [RequestShortlist(VACANCY)]


def test_an_unchanged_vacancy_requests_no_other_shortlist() -> None:
    history = History()
    history.handle(OPENED)
    history.handle(OPENED)

    assert history.effects == [RequestShortlist(VACANCY)]


def test_a_new_expert_changes_the_pool_and_the_same_registration_again_does_not() -> None:
    history = History()
    history.handle(REGISTERED)
    history.handle(REGISTERED)

    assert history.effects == [RecordPoolChange()]


def test_an_expert_who_no_longer_meets_the_criteria_leaves_the_pool() -> None:
    history = with_shortlist(REGISTERED)
    history.handle(NO_LONGER_ELIGIBLE)

    assert history.expert().profile is None
    assert refusal(history.handle(pick_reply())) == "expert_unavailable"


@pytest.mark.rule("R125")
def test_a_computed_shortlist_is_published_with_reasons() -> None:
    history = History()
    history.handle(OPENED)

    assert history.compute_shortlist(VACANCY, REGISTERED) == [
        ShortlistDrawn(
            VACANCY, OPENED.organisation, revision=1, eligible_count=1, candidates=(score_candidate(OPENED, REGISTERED),)
        )
    ]


def test_an_empty_first_shortlist_is_not_published() -> None:
    history = History()
    history.handle(OPENED)

    assert history.compute_shortlist(VACANCY) == []
    assert [type(message) for message in history.compute_shortlist(VACANCY, REGISTERED)] == [ShortlistDrawn]


def test_a_shortlist_that_becomes_empty_is_published_so_that_its_candidates_are_not_offered_any_more() -> None:
    history = with_shortlist(REGISTERED)

    assert history.compute_shortlist(VACANCY) == [
        ShortlistDrawn(VACANCY, OPENED.organisation, revision=2, eligible_count=0, candidates=())
    ]
    assert history.compute_shortlist(VACANCY) == []
    assert refusal(history.handle(pick_reply())) == "not_listed"


def test_a_shortlist_with_other_reasons_is_published_again() -> None:
    history = with_shortlist(REGISTERED)

    (published,) = history.compute_shortlist(VACANCY, replace(REGISTERED, task_categories=("research",)))

    assert isinstance(published, ShortlistDrawn) and published.revision == 2


def test_the_reasons_of_a_proposal_are_those_of_the_shortlist() -> None:
    history = with_shortlist(REGISTERED)
    candidate = score_candidate(OPENED, REGISTERED)

    (published,) = history.handle(pick_reply())

    assert isinstance(published, MatchProposed)
    assert (published.reasons_for, published.reasons_against) == (candidate.reasons_for, candidate.reasons_against)


def test_an_unchanged_shortlist_is_not_published_again() -> None:
    history = with_shortlist(REGISTERED)

    assert history.compute_shortlist(VACANCY, REGISTERED) == []
    (drawn,) = history.compute_shortlist(VACANCY, REGISTERED, OTHER_EXPERT)
    assert isinstance(drawn, ShortlistDrawn) and drawn.revision == 2


def test_a_shortlist_computed_after_the_pick_changes_nothing() -> None:
    history = with_shortlist(REGISTERED)
    propose(history)

    assert history.compute_shortlist(VACANCY, REGISTERED, OTHER_EXPERT) == []


@pytest.mark.rule("R009", "R121", "R125")
def test_the_mediators_pick_becomes_a_proposal_with_the_reasons_of_the_shortlist() -> None:
    starting = replace(REGISTERED, experience="starting")
    alternating = replace(OPENED, tandem_form="alternating")
    history = with_shortlist(starting, vacancies=[alternating])
    candidate = score_candidate(alternating, starting)

    match = propose(history)

    assert (match.reasons_for, match.reasons_against) == (candidate.reasons_for, candidate.reasons_against)
    assert match.not_used == candidate.not_used
    assert match.form_warning
    assert match.pick_reason == "fits_tasks"
    assert match.starts_on == OPENED.starts_on


@pytest.mark.rule("R029")
def test_a_proposal_lists_what_was_deliberately_not_used() -> None:
    assert "diploma" in propose(with_shortlist(REGISTERED)).not_used


def test_each_side_has_its_working_days_and_a_timer_for_the_morning_after() -> None:
    history = with_shortlist(REGISTERED)

    match = propose(history)

    assert match.organisation_answers_by == date(2027, 2, 8)
    assert match.expert_answers_by == date(2027, 2, 15)
    assert [effect for effect in history.effects if isinstance(effect, ScheduleTimer)] == [
        ScheduleTimer(
            f"vacancy/{VACANCY}",
            f"answer/{match.match}",
            "expert",
            "expert",
            date(2027, 2, 16),
            "Europe/Brussels",
            (f"expert/{ANNA}",),
        ),
        ScheduleTimer(
            f"vacancy/{VACANCY}",
            f"answer/{match.match}",
            "organisation",
            "organisation",
            date(2027, 2, 9),
            "Europe/Brussels",
            (f"expert/{ANNA}",),
        ),
    ]


def test_deadlines_use_the_holidays_of_each_sides_country() -> None:
    in_may = datetime(2028, 4, 28, 9, tzinfo=UTC)  # a Friday; Monday 1 May is a holiday in Belgium only
    history = with_shortlist(replace(REGISTERED, language="nl-NL"))

    (match,) = history.handle(pick_reply(), at=in_may)

    assert isinstance(match, MatchProposed)
    assert match.organisation_answers_by == date(2028, 5, 8)
    assert match.expert_answers_by == date(2028, 5, 12)


@pytest.mark.parametrize(
    ("moment", "last_day"),
    [
        (datetime(2027, 2, 1, 22, 30, tzinfo=UTC), date(2027, 2, 8)),  # 23:30 in Brussels, still Monday
        (datetime(2027, 2, 1, 23, 30, tzinfo=UTC), date(2027, 2, 9)),  # 00:30 on Tuesday in Brussels
        (datetime(2027, 3, 31, 22, 30, tzinfo=UTC), date(2027, 4, 8)),  # summer time: 00:30 on 1 April in Brussels
        (datetime(2027, 11, 2, 22, 30, tzinfo=UTC), date(2027, 11, 9)),  # winter time: 23:30 on 2 November in Brussels
    ],
)
def test_deadlines_count_from_the_local_date(moment: datetime, last_day: date) -> None:
    (match,) = with_shortlist(REGISTERED).handle(pick_reply(), at=moment)

    assert isinstance(match, MatchProposed)
    assert match.organisation_answers_by == last_day


def test_the_mediator_can_choose_another_first_day() -> None:
    (match,) = with_shortlist(REGISTERED).handle(pick_reply(starts_on=date(2027, 4, 5)))

    assert isinstance(match, MatchProposed) and match.starts_on == date(2027, 4, 5)


@pytest.mark.parametrize(
    ("picked_on", "starts_on"),
    [
        (datetime(2027, 3, 10, 9, tzinfo=UTC), date(2027, 3, 10)),
        (datetime(2027, 3, 13, 9, tzinfo=UTC), date(2027, 3, 15)),  # on a Saturday
        (datetime(2027, 3, 28, 22, 30, tzinfo=UTC), date(2027, 3, 30)),  # Easter Monday has begun in Brussels
    ],
)
def test_a_first_day_in_the_past_becomes_the_next_working_day(picked_on: datetime, starts_on: date) -> None:
    (match,) = with_shortlist(REGISTERED).handle(pick_reply(), at=picked_on)

    assert isinstance(match, MatchProposed) and match.starts_on == starts_on


def test_a_first_day_is_a_working_day_in_the_organisations_country() -> None:
    dutch = replace(OPENED, language="nl-NL", zone="Europe/Amsterdam")
    first_of_may = date(2028, 5, 1)  # a Monday, a holiday in Belgium only

    (match,) = with_shortlist(REGISTERED).handle(pick_reply(starts_on=first_of_may), at=datetime(2028, 4, 3, 9, tzinfo=UTC))
    (in_nl,) = with_shortlist(REGISTERED, vacancies=[dutch]).handle(
        pick_reply(starts_on=first_of_may), at=datetime(2028, 4, 3, 9, tzinfo=UTC)
    )

    assert isinstance(match, MatchProposed) and match.starts_on == date(2028, 5, 2)
    assert isinstance(in_nl, MatchProposed) and in_nl.starts_on == first_of_may


@pytest.mark.parametrize(("starts_on", "is_proposed"), [(date(2028, 2, 1), True), (date(2028, 2, 2), False)])
def test_a_first_day_more_than_twelve_months_away_is_not_proposed(starts_on: date, is_proposed: bool) -> None:
    (published,) = with_shortlist(REGISTERED).handle(pick_reply(starts_on=starts_on))

    assert isinstance(published, MatchProposed) == is_proposed


def test_a_first_day_that_passes_before_the_second_yes_becomes_the_day_of_that_yes() -> None:
    history = with_shortlist(REGISTERED)
    match = propose_start(history, date(2027, 2, 3))
    history.handle(answer_reply(match, "expert"))

    formed = history.handle(answer_reply(match, "organisation"), at=datetime(2027, 2, 6, 9, tzinfo=UTC))[-1]  # a Saturday

    assert match.starts_on == date(2027, 2, 3)
    assert isinstance(formed, TandemFormed) and formed.starts_on == date(2027, 2, 8)


def test_an_expert_who_is_not_on_the_shortlist_cannot_be_picked() -> None:
    history = with_shortlist(REGISTERED)
    history.handle(OTHER_EXPERT)

    assert refusal(history.handle(pick_reply(expert=BERT))) == "not_listed"


@pytest.mark.parametrize("role", ["coordinator", "expert", "partner", "advice_team", "lead"])
def test_only_the_mediator_can_pick(role: Role) -> None:
    assert refusal(with_shortlist(REGISTERED).handle(pick_reply(role=role))) == "not_allowed"


def test_a_second_pick_is_refused() -> None:
    history = with_shortlist(REGISTERED, OTHER_EXPERT)
    propose(history)

    assert refusal(history.handle(pick_reply())) == "proposal_open"
    assert refusal(history.handle(pick_reply(expert=BERT))) == "proposal_open"


def test_a_first_yes_is_published_once() -> None:
    history = with_shortlist(REGISTERED)
    match = propose(history)

    assert history.handle(answer_reply(match, "expert")) == [
        MatchAnswered(match.match, VACANCY, OPENED.organisation, ANNA, side="expert", answer="yes")
    ]
    assert history.handle(answer_reply(match, "expert")) == []


@pytest.mark.rule("R116", "R117")
@pytest.mark.parametrize("first", ["expert", "organisation"])
def test_the_second_yes_forms_the_tandem(first: Side) -> None:
    history = with_shortlist(REGISTERED)
    match = propose(history)
    second: Side = "organisation" if first == "expert" else "expert"
    history.handle(answer_reply(match, first))

    yes, formed = history.handle(answer_reply(match, second))

    assert isinstance(yes, MatchAnswered) and isinstance(formed, TandemFormed)
    assert (formed.expert, formed.starts_on, formed.tandem_form) == (ANNA, OPENED.starts_on, "fixed_one_to_one")
    assert history.vacancy().filled and history.expert().placed_match == match.match


@pytest.mark.rule("R120")
def test_a_form_without_tandem_partner_is_valid() -> None:
    history = with_shortlist(REGISTERED, vacancies=[replace(OPENED, tandem_form="none", partners=0, partner_type=None)])
    match = propose(history)
    history.handle(answer_reply(match, "expert"))

    formed = history.handle(answer_reply(match, "organisation"))[-1]

    assert isinstance(formed, TandemFormed) and formed.tandem_form == "none"


def test_a_yes_can_become_a_no_until_the_second_yes() -> None:
    history = with_shortlist(REGISTERED)
    match = propose(history)
    history.handle(answer_reply(match, "expert"))

    assert history.handle(answer_reply(match, "expert", "no", reason="hours")) == [
        MatchDeclined(match.match, VACANCY, OPENED.organisation, ANNA, side="expert", reason="hours")
    ]
    assert refusal(history.handle(answer_reply(match, "organisation"))) == "ended"


def test_after_the_second_yes_a_no_is_refused_and_a_yes_is_no_new_answer() -> None:
    history = with_shortlist(REGISTERED)
    match = propose(history)
    history.handle(answer_reply(match, "expert"))
    history.handle(answer_reply(match, "organisation"))

    assert refusal(history.handle(answer_reply(match, "expert", "no"))) == "tandem_formed"
    assert history.handle(answer_reply(match, "expert")) == []


def test_declined_candidate_is_not_offered_again() -> None:
    history = with_shortlist(REGISTERED, OTHER_EXPERT)
    match = propose(history)
    history.handle(answer_reply(match, "organisation", "no"))

    assert history.effects[-1] == RequestShortlist(VACANCY)
    assert refusal(history.handle(pick_reply())) == "not_listed"
    assert propose(history, expert=BERT).expert == BERT


@pytest.mark.parametrize(("side", "role"), [("expert", "coordinator"), ("organisation", "expert"), ("organisation", "mediator")])
def test_a_role_cannot_answer_for_the_other_side(side: Side, role: Role) -> None:
    history = with_shortlist(REGISTERED)

    assert refusal(history.handle(answer_reply(propose(history), side, role=role))) == "not_allowed"


def test_an_answer_to_an_earlier_proposal_is_refused() -> None:
    history = with_shortlist(REGISTERED, OTHER_EXPERT)
    first = propose(history)
    history.handle(answer_reply(first, "expert", "no"))
    propose(history, expert=BERT)

    assert refusal(history.handle(answer_reply(first, "expert"))) == "ended"


def test_answers_are_accepted_until_the_end_of_the_last_day() -> None:
    on_time, late = with_shortlist(REGISTERED), with_shortlist(REGISTERED)

    (answered,) = on_time.handle(answer_reply(propose(on_time), "organisation"), at=datetime(2027, 2, 8, 22, 59, tzinfo=UTC))
    refused = late.handle(answer_reply(propose(late), "organisation"), at=datetime(2027, 2, 8, 23, 1, tzinfo=UTC))
    assert isinstance(answered, MatchAnswered) and refusal(refused) == "deadline"


def test_a_missed_deadline_ends_the_proposal_and_the_expert_can_be_picked_again() -> None:
    history = with_shortlist(REGISTERED)
    match = propose(history)

    assert history.handle(due(match, "organisation")) == [
        MatchExpired(match.match, VACANCY, OPENED.organisation, ANNA, unanswered_by=("organisation",))
    ]
    assert history.effects[-1] == RequestShortlist(VACANCY)
    assert propose(history).match != match.match


def test_a_side_that_answered_is_not_listed_as_unanswered() -> None:
    history = with_shortlist(REGISTERED)
    match = propose(history)
    history.handle(answer_reply(match, "organisation"))

    assert history.handle(due(match, "organisation")) == []
    assert history.handle(due(match, "expert")) == [
        MatchExpired(match.match, VACANCY, OPENED.organisation, ANNA, unanswered_by=("expert",))
    ]


def test_a_timer_of_a_closed_proposal_changes_nothing() -> None:
    history = with_shortlist(REGISTERED)
    match = propose(history)
    history.handle(answer_reply(match, "expert"))
    history.handle(answer_reply(match, "organisation"))

    assert history.handle(due(match, "expert")) == []


def test_other_proposals_of_a_placed_expert_are_withdrawn_with_the_reason() -> None:
    history = with_shortlist(REGISTERED, vacancies=[OPENED, OTHER_OPENED])
    match, other = propose(history), propose(history, vacancy=OTHER_VACANCY)
    history.handle(answer_reply(match, "expert"))

    placed = history.handle(answer_reply(match, "organisation"))[-1]

    assert placed == ExpertPlaced(ANNA, OTHER_VACANCY, other.match)
    assert history.handle(placed) == [MatchWithdrawn(other.match, OTHER_VACANCY, OPENED.organisation, ANNA, reason="expert_placed")]
    assert history.effects[-1] == RequestShortlist(OTHER_VACANCY)


def test_no_second_tandem_forms_before_the_other_proposal_is_withdrawn() -> None:
    history = with_shortlist(REGISTERED, vacancies=[OPENED, OTHER_OPENED])
    match, other = propose(history), propose(history, vacancy=OTHER_VACANCY)
    for proposal in (match, other):
        history.handle(answer_reply(proposal, "expert"))
    history.handle(answer_reply(match, "organisation"))

    assert refusal(history.handle(answer_reply(other, "organisation"))) == "expert_unavailable"


def test_a_placed_expert_cannot_be_picked() -> None:
    history = with_shortlist(REGISTERED, vacancies=[OPENED, OTHER_OPENED])
    match = propose(history)
    history.handle(answer_reply(match, "expert"))
    history.handle(answer_reply(match, "organisation"))

    assert history.effects[-1] == RecordPoolChange()
    assert refusal(history.handle(pick_reply(OTHER_VACANCY))) == "expert_unavailable"


def test_all_proposals_of_an_expert_who_no_longer_meets_the_criteria_are_withdrawn_with_the_reason() -> None:
    history = with_shortlist(REGISTERED, vacancies=[OPENED, OTHER_OPENED])
    match, other = propose(history), propose(history, vacancy=OTHER_VACANCY)

    gone = history.handle(NO_LONGER_ELIGIBLE)

    assert gone == [
        ExpertPlaced(ANNA, VACANCY, match.match, reason="expert_unavailable"),
        ExpertPlaced(ANNA, OTHER_VACANCY, other.match, reason="expert_unavailable"),
    ]
    for withdrawal, ended in zip(gone, (match, other), strict=True):
        assert history.handle(withdrawal) == [
            MatchWithdrawn(ended.match, ended.vacancy, OPENED.organisation, ANNA, reason="expert_unavailable")
        ]
    assert history.expert().open_proposals == ()
    assert history.handle(NO_LONGER_ELIGIBLE) == []


@pytest.mark.rule("R056")
def test_an_expert_who_no_longer_meets_the_criteria_forms_no_tandem() -> None:
    history = with_shortlist(REGISTERED)
    match = propose(history)
    history.handle(answer_reply(match, "expert"))
    history.handle(NO_LONGER_ELIGIBLE)

    assert refusal(history.handle(answer_reply(match, "organisation"))) == "expert_unavailable"
    assert refusal(history.handle(answer_reply(match, "expert", "no"))) == "expert_unavailable"


def test_a_withdrawn_proposal_stays_withdrawn_though_the_expert_is_back_before_the_withdrawal_arrives() -> None:
    history = with_shortlist(REGISTERED)
    match = propose(history)
    (gone,) = history.handle(NO_LONGER_ELIGIBLE)
    history.handle(REGISTERED)

    for side in ("expert", "organisation"):
        (refused,) = history.handle(answer_reply(match, side))
        assert isinstance(refused, ReplyRefused) and refused.reason == "expert_unavailable"
    (withdrawn,) = history.handle(gone)
    assert isinstance(withdrawn, MatchWithdrawn)


def test_a_reply_for_another_service_changes_nothing() -> None:
    history = with_shortlist(REGISTERED)

    assert history.handle(ReplyReceived("expert", EvaluationHeld(UUID(int=9), "expert", MONDAY.date()))) == []


@pytest.mark.rule("R056")
def test_an_expert_withdrawn_after_the_tandem_formed_is_reported_and_the_tandem_stays() -> None:
    history = with_shortlist(REGISTERED)
    match = propose(history)
    for side in ("expert", "organisation"):
        history.handle(answer_reply(match, side))
    formed = next(message for message in history.published if isinstance(message, TandemFormed))

    withdrawn = TandemExpertWithdrawn(match.match, VACANCY, OPENED.organisation, ANNA, tandem=formed.tandem)
    assert history.handle(NO_LONGER_ELIGIBLE) == [withdrawn]
    assert history.handle(NO_LONGER_ELIGIBLE) == []
    assert history.vacancy().filled


def test_a_yes_counts_though_the_profile_has_changed_since_the_pick() -> None:
    history = with_shortlist(REGISTERED)
    match = propose(history)
    history.handle(replace(REGISTERED, hours_min=30, hours_max=38))
    history.handle(answer_reply(match, "expert"))

    assert isinstance(history.handle(answer_reply(match, "organisation"))[-1], TandemFormed)
