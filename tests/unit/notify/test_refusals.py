"""Replies that were refused, by their owner or by notify's own rules, reach the person who gave them by email."""

from datetime import date, timedelta
from typing import Any

import pytest

from services.notify.domain.inputs import PageAnswered
from shared.messages import coaching, matching
from shared.messages.ids import entity_key
from shared.messages.notify import CandidatePicked, EvaluationHeld, EvaluationMoved, ProposalAnswered
from tests.support.factories import EVALUATION_DAY, FIRST_DAY, Example
from tests.unit.notify.given import Scenario, after, envelope
from tests.unit.notify.pages.page_harness import (
    DECLINED_BY_ORGANISATION,
    EVALUATION_COMPLETED,
    EXAMPLE,
    FORMED,
    IN_MARCH,
    LISTED,
    MATCH_IDS,
    NO,
    PICK,
    PROPOSED,
    STARTED,
    YES,
    reply,
)

REPLY = Example().match
COORDINATOR, EXPERT = (
    (entity_key("organisation", EXAMPLE.organisation), "coordinator", 0),
    (entity_key("expert", EXAMPLE.expert), "expert", 0),
)
SECOND_PARTNER, MEDIATOR = (entity_key("vacancy", EXAMPLE.vacancy), "partner", 1), ("programme", "mediator", 0)


def refused_emails(scenario: Scenario) -> list[tuple[str, tuple[Any, ...], Any]]:
    return [
        (email.template, tuple(email.to), email.facts["refusal"])
        for email in scenario.emails
        if email.template.endswith("_refused")
    ]


def answer_refused(role: Any, side: Any, reason: Any) -> matching.ReplyRefused:
    return matching.ReplyRefused(REPLY, role, 0, EXAMPLE.vacancy, EXAMPLE.expert, reason, EXAMPLE.match, side, "no")


def evaluation_refused(role: Any, nth: int, action: Any) -> coaching.ReplyRefused:
    return coaching.ReplyRefused(REPLY, role, nth, EXAMPLE.tandem, action, EVALUATION_DAY, "date", FIRST_DAY, EVALUATION_DAY)


@pytest.mark.parametrize(
    ("refused", "email"),
    [
        (
            matching.ReplyRefused(REPLY, "mediator", 0, EXAMPLE.vacancy, EXAMPLE.expert, "not_listed"),
            ("pick_refused", MEDIATOR, "not_listed"),
        ),
        (answer_refused("expert", "expert", "deadline"), ("answer_refused", EXPERT, "deadline")),
        (answer_refused("coordinator", "organisation", "tandem_formed"), ("answer_refused", COORDINATOR, "tandem_formed")),
        (evaluation_refused("partner", 1, "held"), ("report_refused", SECOND_PARTNER, "date")),
        (evaluation_refused("coordinator", 0, "moved"), ("move_refused", COORDINATOR, "date")),
    ],
)
def test_refusal_reaches_the_person_who_replied(refused: Any, email: Any) -> None:
    assert refused_emails(after(*STARTED, refused)) == [email]


LATE_YES = reply(
    ProposalAnswered(EXAMPLE.vacancy, EXAMPLE.expert, EXAMPLE.match, "expert", "yes", "none"), at=IN_MARCH + timedelta(days=27_000)
)
OTHER_PICK = reply(CandidatePicked(EXAMPLE.vacancy, Example().expert, "other", None, 1), "mediator")
MOVED = reply(EvaluationMoved(EXAMPLE.tandem, "expert", date(2030, 1, 1), None, "agenda"), at=IN_MARCH)
HELD = reply(EvaluationHeld(EXAMPLE.tandem, "expert", FIRST_DAY), at=IN_MARCH)


@pytest.mark.parametrize(
    ("history", "email"),
    [
        ((*LISTED, PICK, OTHER_PICK), ("pick_refused", MEDIATOR, "proposal_open")),
        ((*LISTED, OTHER_PICK), ("pick_refused", MEDIATOR, "not_listed")),
        ((*FORMED, NO), ("answer_refused", EXPERT, "tandem_formed")),
        ((*PROPOSED, DECLINED_BY_ORGANISATION, YES), ("answer_refused", EXPERT, "ended")),
        ((*PROPOSED, LATE_YES), ("answer_refused", EXPERT, "deadline")),
        ((*STARTED, MOVED), ("move_refused", EXPERT, "date")),
        ((*STARTED, EVALUATION_COMPLETED, MOVED), ("move_refused", EXPERT, "already_held")),
        ((*STARTED, HELD), ("report_refused", EXPERT, "date")),
    ],
)
def test_reply_that_came_between_the_page_and_the_rule_is_not_dropped_in_silence(history: Any, email: Any) -> None:
    scenario = after(*history)

    assert refused_emails(scenario) == [email]


@pytest.mark.parametrize(
    "history",
    [
        (*LISTED, PICK, reply(CandidatePicked(EXAMPLE.vacancy, EXAMPLE.expert, "other", None, 1), "mediator")),
        (*PROPOSED, matching.MatchAnswered(*MATCH_IDS, "expert", "yes"), EXAMPLE.formed(), YES),
        (*STARTED, EVALUATION_COMPLETED, reply(EvaluationHeld(EXAMPLE.tandem, "expert", EVALUATION_DAY), at=IN_MARCH)),
    ],
)
def test_reply_that_is_as_it_stands_already_sends_no_email(history: Any) -> None:
    assert refused_emails(after(*history)) == []


def test_published_reply_names_the_person_among_those_with_the_same_role() -> None:
    answered = PageAnswered("partner", EvaluationHeld(EXAMPLE.tandem, "organisation", IN_MARCH.date()), nth=1)

    (published,) = after(*STARTED, envelope(answered, IN_MARCH)).published
    assert published.nth == 1  # type: ignore[attr-defined]


@pytest.mark.rule("R056")
def test_everyone_in_a_tandem_is_informed_when_its_expert_is_withdrawn() -> None:
    withdrawn = matching.TandemExpertWithdrawn(*MATCH_IDS, tandem=EXAMPLE.tandem)

    assert [role for _, role in after(*STARTED, withdrawn).recipients("expert_withdrawn")] == [
        "coordinator",
        "expert",
        "partner",
        "mediator",
        "advice_team",
    ]
