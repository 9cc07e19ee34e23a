"""Invariants of matching over arbitrary histories."""

from collections import Counter
from datetime import timedelta
from typing import Literal, get_args
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
from tests.unit.matching.given import MONDAY, OPENED, REGISTERED, History, answer_reply, pick_reply

Answer = Literal["yes", "no"]
Step = tuple[str, UUID, UUID, Side, Answer, int]
VACANCIES, EXPERT_IDS = [UUID(int=n) for n in (1, 2)], [UUID(int=n) for n in (11, 12)]
EXPERTS = [replace(REGISTERED, expert=id) for id in EXPERT_IDS]
STEPS = st.tuples(
    st.sampled_from(["compute", "pick", "pick", "answer", "answer", "agree", "expire", "placed", "leaves", "returns"]),
    st.sampled_from(VACANCIES),
    st.sampled_from(EXPERT_IDS),
    st.sampled_from(get_args(Side)),
    st.sampled_from(get_args(Answer)),
    st.integers(0, 9),
)
HISTORIES = st.lists(STEPS, max_size=60)
no_deadline = settings(deadline=None)  # a slow machine does not break a property


def publish(steps: list[Step]) -> list[Message]:
    """Return all messages published by a history of these steps; matching's own messages arrive at any later step."""
    history = History()
    for registered in EXPERTS:
        history.handle(registered)
    for vacancy in VACANCIES:
        history.handle(replace(OPENED, vacancy=vacancy))
        history.compute_shortlist(vacancy, *EXPERTS)
    for action, vacancy, expert, side, answer, days in steps:
        perform(history, action, vacancy, expert, side, answer, days)
    return history.published


def perform(history: History, action: str, vacancy: UUID, expert: UUID, side: Side, answer: Answer, days: int) -> None:
    at = MONDAY + timedelta(days=days)
    proposals = [m for m in history.published if isinstance(m, MatchProposed) and m.vacancy == vacancy]
    placed = [m for m in history.published if isinstance(m, ExpertPlaced) and m.expert == expert]
    if action == "compute":
        history.compute_shortlist(vacancy, *EXPERTS)
    elif action == "pick":
        history.handle(pick_reply(vacancy, expert), at)
    elif action == "answer" and proposals:
        history.handle(answer_reply(proposals[-1 - days % len(proposals)], side, answer), at)
    elif action == "agree" and proposals:
        for each in get_args(Side):
            history.handle(answer_reply(proposals[-1], each), at)
    elif action == "expire" and proposals:
        match = proposals[-1]
        related_keys = (f"expert/{match.expert}",)
        history.handle(TimerDue(match.subject, f"answer/{match.match}", side, side, at.date(), related_keys), at)
    elif action == "placed" and placed:
        history.handle(placed[-1 - days % len(placed)], at)
    elif action == "leaves":
        history.handle(ExpertNotYetEligible(expert, ("training",), "training", "nl-BE", "Europe/Brussels"), at)
    elif action == "returns":
        history.handle(replace(REGISTERED, expert=expert), at)


@no_deadline
@given(HISTORIES)
def test_no_history_forms_two_tandems_for_one_vacancy_or_one_expert(steps: list[Step]) -> None:
    formed = [message for message in publish(steps) if isinstance(message, TandemFormed)]

    assert max(Counter(tandem.vacancy for tandem in formed).values(), default=1) == 1
    assert max(Counter(tandem.expert for tandem in formed).values(), default=1) == 1


@no_deadline
@given(HISTORIES)
def test_a_vacancy_has_one_proposal_at_a_time(steps: list[Step]) -> None:
    open_proposals: dict[UUID, UUID] = {}
    formed: set[UUID] = set()
    for message in publish(steps):
        match message:
            case MatchProposed(vacancy=vacancy, match=match):
                assert vacancy not in open_proposals
                open_proposals[vacancy] = match
            case MatchDeclined(vacancy=vacancy, match=match) | MatchExpired(vacancy=vacancy, match=match):
                assert open_proposals.pop(vacancy) == match
            case MatchWithdrawn(vacancy=vacancy, match=match):
                assert open_proposals.pop(vacancy) == match and match not in formed
            case TandemFormed(vacancy=vacancy, match=match):
                assert open_proposals[vacancy] == match
                formed.add(match)
            case _:
                pass


@no_deadline
@given(HISTORIES)
def test_a_tandem_forms_only_after_both_sides_accepted(steps: list[Step]) -> None:
    published = publish(steps)
    for index, formed in enumerate(published):
        if isinstance(formed, TandemFormed):
            earlier = published[:index]
            answers = [m for m in earlier if isinstance(m, MatchAnswered) and m.match == formed.match]
            assert {answer.side for answer in answers} == set(get_args(Side))
            assert not [m for m in earlier if isinstance(m, MatchDeclined) and m.match == formed.match]


@no_deadline
@given(HISTORIES)
def test_a_declined_expert_is_not_proposed_again_for_the_same_vacancy(steps: list[Step]) -> None:
    declined: set[tuple[UUID, UUID]] = set()
    for message in publish(steps):
        if isinstance(message, MatchDeclined):
            declined.add((message.vacancy, message.expert))
        if isinstance(message, MatchProposed):
            assert (message.vacancy, message.expert) not in declined
