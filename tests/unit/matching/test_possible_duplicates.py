"""One person under two ids: never two proposals or tandems at once, and a no under one id is a no under the other."""

from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from shared.messages.matching import (
    ExpertPlaced,
    MatchDeclined,
    MatchExpired,
    MatchProposed,
    MatchWithdrawn,
    ReplyRefused,
    TandemFormed,
)
from tests.unit.matching.given import (
    ANNA,
    BERT,
    OPENED,
    OTHER_VACANCY,
    REGISTERED,
    VACANCY,
    History,
    answer_reply,
    pick_reply,
    propose,
    with_shortlist,
)

ALSO_ANNA = replace(REGISTERED, expert=BERT, possible_duplicate_of=(ANNA,))
VACANCIES = (OPENED, replace(OPENED, vacancy=OTHER_VACANCY))


def both_listed() -> History:
    return with_shortlist(REGISTERED, ALSO_ANNA, vacancies=VACANCIES)


def refusal(history: History, vacancy: UUID, expert: UUID, *duplicates: UUID) -> str | None:
    """Why this pick is refused; None if it leads to a proposal."""
    published = history.handle(pick_reply(vacancy, expert, duplicates=duplicates))
    return published[0].reason if isinstance(published[0], ReplyRefused) else None


def test_the_mark_holds_in_both_directions_and_can_be_taken_back() -> None:
    history = both_listed()
    assert (history.expert(ANNA).possible_duplicates, history.expert(BERT).possible_duplicates) == ((BERT,), (ANNA,))

    history.handle(replace(REGISTERED, expert=BERT, no_longer_duplicate_of=(ANNA,)))

    assert history.expert(ANNA).possible_duplicates == history.expert(BERT).possible_duplicates == ()


@pytest.mark.parametrize(("first", "second"), [(ANNA, BERT), (BERT, ANNA)])
def test_no_second_proposal_while_the_other_id_has_one(first: UUID, second: UUID) -> None:
    history = both_listed()
    history.handle(pick_reply(VACANCY, first, duplicates=(second,)))

    assert refusal(history, OTHER_VACANCY, second, first) == "possible_duplicate"


def test_no_second_tandem() -> None:
    history = both_listed()
    history.handle(pick_reply(VACANCY, ANNA, duplicates=(BERT,)))
    (proposal,) = [message for message in history.published if isinstance(message, MatchProposed)]
    for side in ("expert", "organisation"):
        history.handle(answer_reply(proposal, side))

    assert any(isinstance(message, TandemFormed) for message in history.published)
    assert refusal(history, OTHER_VACANCY, BERT, ANNA) == "possible_duplicate"


def test_marked_expert_can_be_proposed_once_the_other_id_is_free_again() -> None:
    history = both_listed()
    history.handle(pick_reply(VACANCY, ANNA, duplicates=(BERT,)))
    (proposal,) = [message for message in history.published if isinstance(message, MatchProposed)]
    history.handle(answer_reply(proposal, "organisation", "no"))

    assert refusal(history, OTHER_VACANCY, BERT, ANNA) is None


def test_a_no_under_one_id_is_a_no_under_the_other() -> None:
    history = both_listed()
    history.handle(pick_reply(VACANCY, ANNA, duplicates=(BERT,)))
    (proposal,) = [message for message in history.published if isinstance(message, MatchProposed)]
    history.handle(answer_reply(proposal, "expert", "no"))
    history.compute_shortlist(VACANCY, ALSO_ANNA)

    assert refusal(history, VACANCY, BERT, ANNA) == "possible_duplicate"


def test_pick_from_a_page_that_did_not_show_the_mark_is_refused() -> None:
    assert refusal(both_listed(), VACANCY, BERT) == "possible_duplicate"


def test_mark_that_arrives_late_withdraws_the_proposals_of_the_later_id() -> None:
    bert = replace(REGISTERED, expert=BERT)
    history = with_shortlist(REGISTERED, bert, vacancies=VACANCIES)
    propose(history, VACANCY, ANNA)
    later = propose(history, OTHER_VACANCY, BERT)

    (withdrawal,) = history.handle(ALSO_ANNA)
    assert isinstance(withdrawal, ExpertPlaced) and withdrawal.match == later.match
    (refused,) = history.handle(answer_reply(later, "expert"))
    assert isinstance(refused, ReplyRefused) and refused.reason == "expert_unavailable"
    (withdrawn,) = history.handle(withdrawal)
    assert isinstance(withdrawn, MatchWithdrawn)


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["pick", "pick", "yes", "yes", "no", "mark", "withdraw"]),
        st.sampled_from([VACANCY, OTHER_VACANCY]),
        st.sampled_from([ANNA, BERT]),
        st.sampled_from(["expert", "organisation"]),
    ),
    max_size=40,
)


@settings(deadline=None)
@given(STEPS)
def test_no_history_gives_one_person_two_tandems_or_a_proposal_after_a_no(steps: list[tuple[str, UUID, UUID, str]]) -> None:
    history = both_listed()
    engaged: dict[UUID, UUID] = {}
    formed: set[UUID] = set()
    declined: set[UUID] = set()
    for action, vacancy, expert, side in steps:
        perform(history, action, vacancy, expert, side)
    for message in history.published:
        match message:
            case MatchProposed():
                assert set(engaged.values()) <= {message.expert} and not formed and message.vacancy not in declined
                engaged[message.match] = message.expert
            case MatchDeclined():
                declined.add(message.vacancy)
                del engaged[message.match]
            case MatchExpired() | MatchWithdrawn():
                del engaged[message.match]
            case TandemFormed():
                assert message.match in engaged and not formed
                formed.add(message.match)


def perform(history: History, action: str, vacancy: UUID, expert: UUID, side: str) -> None:
    other = ANNA if expert == BERT else BERT
    proposals = [message for message in history.published if isinstance(message, MatchProposed)]
    if action == "pick":
        if history.vacancy(vacancy).proposal is None:
            history.compute_shortlist(vacancy, REGISTERED, ALSO_ANNA)
        history.handle(pick_reply(vacancy, expert, duplicates=(other,)))
    elif action in ("yes", "no") and proposals:
        history.handle(answer_reply(proposals[-1], side, action))  # type: ignore[arg-type]  # both are literals
    elif action == "mark":
        history.handle(replace(REGISTERED, expert=expert, possible_duplicate_of=(other,)))
    elif action == "withdraw":
        for placed in [message for message in history.published if isinstance(message, ExpertPlaced)]:
            history.handle(placed)
