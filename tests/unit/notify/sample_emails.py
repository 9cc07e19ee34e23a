"""Every letter in every role and variant, with fictional people: what the lint reads and what a person can look at."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from services.notify.domain.effects import facts
from services.notify.emails.render import Reader, ResolvedEmail
from services.notify.wording import word_lists
from shared.messages.code_lists import Language, Role
from shared.messages.matching import Reason
from shared.programme import policy

POLICY = policy.load_policy(Path("deploy/config/policy.toml"))
NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
ORGANISATION, VACANCY, EXPERT, MATCH, TANDEM, LETTER = (UUID(int=n) for n in range(1, 7))
FIRST_DAY, TALK = date(2026, 12, 1), date(2027, 3, 1)
NOON = datetime(2026, 12, 1, 11, tzinfo=UTC)
NOON_BEFORE = datetime(2027, 3, 1, 11, tzinfo=UTC) - timedelta(days=1)
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
TALK_FACTS = facts(on=TALK, at=None, zone="Europe/Brussels", sequence=0)
PROPOSAL = facts(
    reasons_for=FOR, reasons_against=AGAINST, not_used=NOT_USED, starts_on=FIRST_DAY, answer_by=date(2026, 12, 4),
)  # fmt: skip
MEMBERS: tuple[Role, ...] = ("coordinator", "expert", "partner")
LETTERS: tuple[tuple[str, tuple[Role, ...], dict[str, Any]], ...] = (
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
    ("ended", ("expert", "coordinator"), facts(because="expired")),
    ("ended", ("expert", "coordinator"), facts(because="expert_placed")),
    ("ended", ("expert", "coordinator"), facts(because="expert_unavailable")),
    ("ended", ("expert",), facts(because="vacancy_closed")),
    ("ended", ("expert",), facts(because="declined_by_organisation")),
    ("ended", ("coordinator",), facts(because="declined_by_expert")),
    *(("ended_mediator", ("mediator",), facts(because=because)) for because in word_lists()["because"]),
    ("start", MEMBERS, facts(starts_on=FIRST_DAY) | TALK_FACTS),
    ("start_waiting", ("coordinator",), facts(starts_on=FIRST_DAY, missing_s=("RC-601", "RC-602"))),
    ("start_waiting", ("coordinator",), facts(starts_on=FIRST_DAY, missing_s=("RC-601",))),
    ("exploration", MEMBERS, facts(started_on=FIRST_DAY)),
    ("evaluation_moved", MEMBERS, TALK_FACTS | facts(sequence=1, at="14:00:00")),
    ("evaluation_invitation", MEMBERS, TALK_FACTS),
    ("evaluation_reminder_7", MEMBERS, TALK_FACTS),
    ("evaluation_reminder_1", MEMBERS, TALK_FACTS | facts(at="14:00:00")),
    ("evaluation_coordinator", ("coordinator",), TALK_FACTS),
    ("evaluation_advice_team", ("advice_team",), TALK_FACTS),
    ("evaluation_lead", ("lead",), TALK_FACTS),
)


LATER = {"evaluation_reminder_1": NOON_BEFORE, "start_waiting": NOON}
"""When a letter goes out on whose day its words depend."""


def drafts() -> Iterator[ResolvedEmail]:
    """Each letter, for each role, in both variants of Dutch, and on the day that its words name."""
    for template, roles, told in LETTERS:
        for role in roles:
            for language in ("nl-BE", "nl-NL"):
                yield draft(template, role, told, language)
            if template in LATER:
                yield draft(template, role, told, now=LATER[template])


def draft(template: str, role: Role, told: dict[str, Any], language: Language = "nl-BE", now: datetime = NOW) -> ResolvedEmail:
    reader = Reader("Lezer Vier", "lezer@post.example", language, "Europe/Brussels")
    page, help_ = "https://samen.example/pagina/abc", "https://samen.example/hulp/abc"
    return ResolvedEmail(LETTER, template, f"tandem/{TANDEM}", role, told, NOW, now, reader, NAMES, page, help_)
