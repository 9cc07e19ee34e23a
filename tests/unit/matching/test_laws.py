"""Laws of matching: what no history can bring about."""

from collections import Counter
from datetime import timedelta
from typing import get_args
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from shared.messages.code_lists import Side
from shared.messages.envelope import Message
from shared.messages.intake import ExpertNotYetEligible
from shared.messages.matching import (
    ExpertPlaced,
    MatchAnswered,
    MatchDeclined,
    MatchExpired,
    MatchProposed,
    MatchWithdrawn,
    TandemFormed,
)
from shared.pipeline.timers import TimerDue
from tests.unit.matching.given import MONDAY, OPENED, REGISTERED, History, answered, picked

PLACES, PEOPLE = [UUID(int=n) for n in (1, 2)], [UUID(int=n) for n in (11, 12)]
EXPERTS = [replace(REGISTERED, expert=id) for id in PEOPLE]
STEPS = st.tuples(
    st.sampled_from(["draw", "pick", "pick", "answer", "answer", "agree", "expire", "placed", "leaves", "returns"]),
    st.sampled_from(PLACES),
    st.sampled_from(PEOPLE),
    st.sampled_from(get_args(Side)),
    st.sampled_from(["yes", "no"]),
    st.integers(0, 9),
)
HISTORIES = st.lists(STEPS, max_size=60)
unhurried = settings(deadline=None)  # a busy machine is no broken law


def played(steps: list[tuple[str, UUID, UUID, Side, str, int]]) -> list[Message]:
    """Everything that was said, when these things happened in this order; messages to oneself arrive when they like."""
    history = History()
    for expert in EXPERTS:
        history.tell(expert)
    for place in PLACES:
        history.tell(replace(OPENED, vacancy=place))
        history.draw(place, *EXPERTS)
    for what, place, person, side, word, days in steps:
        tell(history, what, place, person, side, word, days)
    return history.said


def tell(history: History, what: str, place: UUID, person: UUID, side: Side, word: str, days: int) -> None:
    at = MONDAY + timedelta(days=days)
    proposals = [said for said in history.said if isinstance(said, MatchProposed) and said.vacancy == place]
    placed = [said for said in history.said if isinstance(said, ExpertPlaced) and said.expert == person]
    if what == "draw":
        history.draw(place, *EXPERTS)
    elif what == "pick":
        history.tell(picked(place, person), at)
    elif what == "answer" and proposals:
        history.tell(answered(proposals[-1 - days % len(proposals)], side, word), at)
    elif what == "agree" and proposals:
        for either in get_args(Side):
            history.tell(answered(proposals[-1], either), at)
    elif what == "expire" and proposals:
        match = proposals[-1]
        touched = f"expert/{match.expert}"
        history.tell(TimerDue(match.subject, f"answer/{match.match}", side, side, at.date(), (touched,)), at)
    elif what == "placed" and placed:
        history.tell(placed[-1 - days % len(placed)], at)
    elif what == "leaves":
        history.tell(ExpertNotYetEligible(person, ("training",), "training", "nl-BE", "Europe/Brussels"), at)
    elif what == "returns":
        history.tell(replace(REGISTERED, expert=person), at)


@unhurried
@given(HISTORIES)
def test_no_history_forms_two_tandems_for_one_vacancy_or_one_expert(steps: list[tuple[str, UUID, UUID, Side, str, int]]) -> None:
    formed = [said for said in played(steps) if isinstance(said, TandemFormed)]

    assert max(Counter(said.vacancy for said in formed).values(), default=1) == 1
    assert max(Counter(said.expert for said in formed).values(), default=1) == 1


@unhurried
@given(HISTORIES)
def test_a_vacancy_has_one_proposal_at_a_time(steps: list[tuple[str, UUID, UUID, Side, str, int]]) -> None:
    open_for: dict[UUID, UUID] = {}
    formed: set[UUID] = set()
    for said in played(steps):
        match said:
            case MatchProposed(vacancy=vacancy, match=match):
                assert vacancy not in open_for
                open_for[vacancy] = match
            case MatchDeclined(vacancy=vacancy, match=match) | MatchExpired(vacancy=vacancy, match=match):
                assert open_for.pop(vacancy) == match
            case MatchWithdrawn(vacancy=vacancy, match=match):
                assert open_for.pop(vacancy) == match and match not in formed
            case TandemFormed(vacancy=vacancy, match=match):
                assert open_for[vacancy] == match
                formed.add(match)
            case _:
                pass


@unhurried
@given(HISTORIES)
def test_a_tandem_is_formed_only_after_two_yeses(steps: list[tuple[str, UUID, UUID, Side, str, int]]) -> None:
    said = played(steps)
    for nth, formed in enumerate(said):
        if isinstance(formed, TandemFormed):
            before = [fact for fact in said[:nth] if isinstance(fact, MatchAnswered) and fact.match == formed.match]
            assert {fact.side for fact in before} == set(get_args(Side))
            assert not [fact for fact in said[:nth] if isinstance(fact, MatchDeclined) and fact.match == formed.match]


@unhurried
@given(HISTORIES)
def test_who_said_no_is_not_proposed_again_for_the_same_vacancy(steps: list[tuple[str, UUID, UUID, Side, str, int]]) -> None:
    declined: set[tuple[UUID, UUID]] = set()
    for said in played(steps):
        if isinstance(said, MatchDeclined):
            declined.add((said.vacancy, said.expert))
        if isinstance(said, MatchProposed):
            assert (said.vacancy, said.expert) not in declined
