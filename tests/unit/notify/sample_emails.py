"""Every email for every role, in both variants of Dutch, with fictional people: input of the writing guide's lint."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, get_args
from uuid import UUID

from services.notify.domain.effects import facts
from services.notify.emails.render import Reader, ResolvedEmail
from services.notify.wording import word_lists
from shared.messages.coaching import EvaluationRefusal
from shared.messages.code_lists import Language, Role
from shared.messages.matching import AnswerRefusal, PickRefusal, Reason
from shared.programme import policy

POLICY = policy.load_policy(Path("deploy/config/policy.toml"))
NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
ORGANISATION, VACANCY, EXPERT, MATCH, TANDEM, EMAIL = (UUID(int=n) for n in range(1, 7))
FIRST_DAY, EVALUATION = date(2026, 12, 1), date(2027, 3, 1)
NOON_OF_FIRST_DAY = datetime(2026, 12, 1, 11, tzinfo=UTC)
NOON_BEFORE_EVALUATION = datetime(2027, 3, 1, 11, tzinfo=UTC) - timedelta(days=1)
FOR = (
    Reason("tasks", ("group_work", "policy_work")),
    Reason("languages", ("nl", "fr")),
    Reason("region"),
    Reason("hours"),
    Reason("competences", ("trust_building", "plain_language")),
    Reason("qualities", ("patient",)),
)
AGAINST = (Reason("start"), Reason("target_groups", ("pregnant_women",)), Reason("tandem_form", ("alternating",)))
NOT_USED = ("diploma", "age", "sex", "origin", "family", "health", "debts")
NAMES: dict[str, Any] = {
    "organisation_name": "Buurthuis Een",
    "organisation_place": "Voorbeeldstad",
    "vacancy_title": "Samen koken in de wijk",
    "expert_name": "Deskundige Twee",
    "coordinator_name": "Coördinator Eén",
    "coordinator_phone": "+32 2 000 00 11",
    "coordinator_email": "coordinator@buurthuis.example",
    "partner_names": ["Partner Drie"],
    "tasks": ["group_work", "policy_work"],
    "hours": 19,
    "still_open": ["RC-005", "RC-601"],
}
EVALUATION_FACTS = facts(on=EVALUATION, at=None, zone="Europe/Brussels", sequence=0)
PROPOSAL = facts(
    reasons_for=FOR, reasons_against=AGAINST, not_used=NOT_USED, starts_on=FIRST_DAY, answer_by=date(2026, 12, 4),
    requested_first_day=None,
)  # fmt: skip
SUNDAY = date(2026, 11, 29)
DAYS, NO_DAYS = facts(earliest=NOW.date(), latest=date(2027, 11, 20)), facts(earliest=None, latest=None)
PARTICIPANTS: tuple[Role, ...] = ("coordinator", "expert", "partner")
EMAILS: tuple[tuple[str, tuple[Role, ...], dict[str, Any]], ...] = (
    ("welcome", ("coordinator",), facts(missing_b=("RC-002", "RC-301"))),
    ("ready_b", ("coordinator",), facts(missing_s=("RC-005", "RC-202"))),
    ("ready_b", ("coordinator",), facts(missing_s=("RC-005",))),
    ("ready_b", ("coordinator",), facts(missing_s=())),
    ("ready_s", ("coordinator",), facts(missing_s=())),
    ("next_step", ("expert",), facts(missing=("training",), next_step="training")),
    ("next_step", ("expert",), facts(missing=("behind_the_person",), next_step="talk")),
    ("shortlist", ("mediator",), facts(total=7)),
    ("shortlist", ("mediator",), facts(total=1)),
    ("proposal_expert", ("expert",), PROPOSAL),
    ("proposal_organisation", ("coordinator",), PROPOSAL),
    ("proposal_expert", ("expert",), PROPOSAL | facts(requested_first_day=SUNDAY)),
    ("proposal_organisation", ("coordinator",), PROPOSAL | facts(requested_first_day=SUNDAY)),
    *(("pick_refused", ("mediator",), NO_DAYS | facts(refusal=code)) for code in get_args(PickRefusal) if code != "first_day"),
    ("pick_refused", ("mediator",), DAYS | facts(refusal="first_day")),
    *(
        ("answer_refused", ("expert", "coordinator"), facts(refusal=code, answer=answer))
        for code in get_args(AnswerRefusal)
        for answer in ("yes", "no")
    ),
    *(
        (template, PARTICIPANTS, days | facts(refusal=code, refused_day=SUNDAY))
        for template in ("move_refused", "report_refused")
        for code in get_args(EvaluationRefusal)
        for days in ((DAYS, NO_DAYS) if code == "date" else (NO_DAYS,))
    ),
    ("expert_withdrawn", (*PARTICIPANTS, "mediator", "advice_team"), {}),
    ("ended", ("expert", "coordinator"), facts(because="expired")),
    ("ended", ("expert", "coordinator"), facts(because="expert_placed")),
    ("ended", ("expert", "coordinator"), facts(because="expert_unavailable")),
    ("ended", ("expert",), facts(because="vacancy_closed")),
    ("ended", ("expert",), facts(because="declined_by_organisation")),
    ("ended", ("coordinator",), facts(because="declined_by_expert")),
    *(("ended_mediator", ("mediator",), facts(because=because)) for because in word_lists()["because"]),
    ("start", PARTICIPANTS, facts(starts_on=FIRST_DAY) | EVALUATION_FACTS),
    ("start_waiting", ("coordinator",), facts(starts_on=FIRST_DAY, missing_s=("RC-601", "RC-602"))),
    ("start_waiting", ("coordinator",), facts(starts_on=FIRST_DAY, missing_s=("RC-601",))),
    ("exploration", PARTICIPANTS, facts(started_on=FIRST_DAY)),
    ("evaluation_moved", PARTICIPANTS, EVALUATION_FACTS | facts(sequence=1, at="14:00:00")),
    ("evaluation_moved", PARTICIPANTS, EVALUATION_FACTS | facts(on=SUNDAY)),
    ("evaluation_invitation", PARTICIPANTS, EVALUATION_FACTS | facts(on=SUNDAY)),
    ("evaluation_invitation", PARTICIPANTS, EVALUATION_FACTS),
    ("evaluation_reminder_7", PARTICIPANTS, EVALUATION_FACTS),
    ("evaluation_reminder_1", PARTICIPANTS, EVALUATION_FACTS | facts(at="14:00:00")),
    ("evaluation_coordinator", ("coordinator",), EVALUATION_FACTS),
    ("evaluation_advice_team", ("advice_team",), EVALUATION_FACTS),
    ("evaluation_lead", ("lead",), EVALUATION_FACTS),
    ("calendar_cancelled", PARTICIPANTS, EVALUATION_FACTS | facts(at="14:00:00")),
    ("new_link", (*PARTICIPANTS, "mediator"), facts(purpose="start")),
    ("unreachable_expert", ("advice_team",), {}),
    ("unreachable_organisation", ("advice_team",), facts(who="coordinator")),
    ("unreachable_organisation", ("advice_team",), facts(who="partner")),
)


SENT_AT = {"evaluation_reminder_1": NOON_BEFORE_EVALUATION, "start_waiting": NOON_OF_FIRST_DAY}
"""Sending times of emails whose words depend on the day."""


def sample_emails() -> Iterator[ResolvedEmail]:
    """Yield each email for each role in both variants of Dutch, and once more on the day that its words depend on."""
    for template, roles, facts_ in EMAILS:
        for role in roles:
            for language in ("nl-BE", "nl-NL"):
                yield sample_email(template, role, facts_, language)
            if template in SENT_AT:
                yield sample_email(template, role, facts_, now=SENT_AT[template])


def sample_email(
    template: str, role: Role, facts: dict[str, Any], language: Language = "nl-BE", now: datetime = NOW
) -> ResolvedEmail:
    reader = Reader("Lezer Vier", "lezer@post.example", language, "Europe/Brussels")
    return ResolvedEmail(
        id=EMAIL,
        template=template,
        about=f"tandem/{TANDEM}",
        role=role,
        facts=facts,
        requested_at=NOW,
        now=now,
        reader=reader,
        names=NAMES,
        page_url="https://samen.example/pagina/abc",
        help_url="https://samen.example/hulp/abc",
    )
