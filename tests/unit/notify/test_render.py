"""Rendered emails: all follow the writing guide, and some have words that a rule requires."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from icalendar import Calendar
from jinja2 import UndefinedError

from services.notify.emails.render import ResolvedEmail, render
from services.notify.page_routes import contact_person, purpose_of
from services.notify.templating import TEMPLATES, front_matter, required_names
from services.notify.wording import label
from shared.messages.code_lists import Role
from tests.support import dutch_lint
from tests.support.dutch_lint import EmailText
from tests.unit.notify.sample_emails import (
    AGAINST,
    EMAILS,
    EVALUATION_FACTS,
    FOR,
    NAMES,
    NOON_BEFORE_EVALUATION,
    NOON_OF_FIRST_DAY,
    NOT_USED,
    POLICY,
    PROPOSAL,
    sample_email,
    sample_emails,
)

ALL = list(sample_emails())


@pytest.mark.rule("R006")
@pytest.mark.parametrize("email", ALL, ids=lambda email: f"{email.template}-{email.role}-{email.reader.language}")
def test_every_email_follows_the_writing_guide(email: ResolvedEmail) -> None:
    rendered = render(email, POLICY)
    names = tuple(name for name in NAMES.values() if isinstance(name, str))

    assert dutch_lint.email_faults(EmailText(email.template, rendered.subject, rendered.html, rendered.text, names)) == []


def test_every_template_has_a_sample() -> None:
    shipped = {path.stem for path in (TEMPLATES / "mails").glob("*.html")} - {"layout"}

    assert shipped == {template for template, _, _ in EMAILS}


@pytest.mark.rule("R006")
@pytest.mark.parametrize("email", ALL, ids=lambda email: f"{email.template}-{email.role}-{email.reader.language}")
def test_every_email_names_a_contact_other_than_the_reader(email: ResolvedEmail) -> None:
    contact, rendered = contact_person(email.role, purpose_of(email.template, email.facts), POLICY), render(email, POLICY)

    assert contact != POLICY.contact(email.role)
    assert contact.phone in rendered.html and contact.phone in rendered.text


@pytest.mark.rule("R060")
@pytest.mark.parametrize(("template", "role"), [("proposal_expert", "expert"), ("proposal_organisation", "coordinator")])
def test_proposal_states_that_the_programme_lends_out_no_one(template: str, role: str) -> None:
    rendered = render(sample_email(template, role, PROPOSAL), POLICY)  # type: ignore[arg-type]

    assert "leent niemand uit" in rendered.html and "leent niemand uit" in " ".join(rendered.text.split())


@pytest.mark.rule("R009")
def test_both_sides_read_the_same_reasons_for_and_against() -> None:
    def reasons(template: str, role: str) -> str:
        text = render(sample_email(template, role, PROPOSAL), POLICY).text  # type: ignore[arg-type]
        return text.partition("Wat goed past")[2]

    expert, organisation = reasons("proposal_expert", "expert"), reasons("proposal_organisation", "coordinator")
    assert expert.partition("Samen Sterk")[0] == organisation.partition("Samen Sterk")[0]
    assert "- Het werk is zelf gekozen: werken met groepen en meedenken over beleid." in expert
    assert expert.count("\n- ") == len(FOR) + len(AGAINST) + 1
    assert all(label(code, "not_used") in " ".join(expert.split()).lower() for code in NOT_USED)


def test_each_country_reads_its_own_words() -> None:
    facts = {"missing": ["training"], "next_step": "training"}

    assert "OCMW" in render(sample_email("next_step", "expert", facts, "nl-BE"), POLICY).text
    assert "gemeente" in render(sample_email("next_step", "expert", facts, "nl-NL"), POLICY).text


def test_year_is_shown_only_if_it_is_not_the_current_one() -> None:
    text = render(sample_email("start", "expert", {"starts_on": "2026-12-01"} | EVALUATION_FACTS), POLICY).text

    assert "Op dinsdag 1 december is de eerste dag" in text
    assert "maandag 1 maart 2027" in text


@pytest.mark.parametrize(("now", "first"), [(NOON_BEFORE_EVALUATION, "Morgen"), (NOON_OF_FIRST_DAY, "Binnenkort")])
def test_reminder_mentions_tomorrow_only_on_the_day_before(now: datetime, first: str) -> None:
    rendered = render(sample_email("evaluation_reminder_1", "expert", EVALUATION_FACTS, now=now), POLICY)

    assert rendered.subject == f"{first}: jullie gesprek"
    assert f"{first} praten jullie samen" in rendered.html and f"{first} praten jullie samen." in rendered.text


@pytest.mark.parametrize(
    ("days", "words"), [(0, "Vandaag zou de eerste dag zijn"), (1, "De eerste dag stond op dinsdag 1 december")]
)
def test_blocked_start_mentions_today_only_on_that_day(days: int, words: str) -> None:
    facts = {"starts_on": "2026-12-01", "missing_s": ["RC-601"]}

    assert (
        words
        in render(sample_email("start_waiting", "coordinator", facts, now=NOON_OF_FIRST_DAY + timedelta(days=days)), POLICY).text
    )


def test_number_of_open_items_is_singular_or_plural() -> None:
    def words(*codes: str) -> str:
        return " ".join(render(sample_email("ready_b", "coordinator", {"missing_s": codes}), POLICY).text.split())

    assert "is nog één punt open" in words("RC-005") and "zijn nog twee punten open" in words("RC-005", "RC-202")


@pytest.mark.parametrize(("role", "asked"), [("coordinator", True), ("expert", True), ("partner", False)])
def test_only_those_who_were_asked_read_that_both_accepted(role: Role, asked: bool) -> None:
    rendered = render(sample_email("start", role, {"starts_on": "2026-12-01"} | EVALUATION_FACTS), POLICY)

    assert ("Jullie zeiden allebei ja" in rendered.html) == ("Jullie zeiden allebei ja" in rendered.text) == asked


@pytest.mark.parametrize(
    "email",
    [email for email in ALL if email.template.startswith("evaluation_")],
    ids=lambda email: f"{email.template}-{email.role}",
)
def test_evaluation_email_names_the_work_in_its_text_but_not_in_its_subject(email: ResolvedEmail) -> None:
    rendered = render(email, POLICY)

    assert "«Samen koken in de wijk»" in " ".join(rendered.text.split()) and "Samen koken" not in rendered.subject
    assert ("Deskundige Twee" in rendered.text) == (email.role != "expert")


@pytest.mark.parametrize(("role", "shown"), [("coordinator", True), ("expert", False), ("partner", False)])
def test_only_the_coordinator_reads_open_items_in_the_start_email(role: Role, shown: bool) -> None:
    text = render(sample_email("start", role, {"starts_on": "2026-12-01"} | EVALUATION_FACTS), POLICY).text

    assert ("- Er is een plek om te werken" in text) == ("- Er is een plan voor de eerste weken" in text) == shown


def test_footer_gives_each_role_its_own_reason_for_the_email() -> None:
    def why(role: Role) -> str:
        return " ".join(render(sample_email("evaluation_invitation", role, EVALUATION_FACTS), POLICY).text.split())

    assert "omdat je contactpersoon bent voor Buurthuis Een." in why("coordinator")
    assert "omdat je in een tandem werkt bij Buurthuis Een." in why("partner")
    assert "omdat je voor Samen Sterk werkt." in why("advice_team")


def test_placed_expert_does_not_read_about_the_waiting_list() -> None:
    assert "Je staat nog op onze lijst" not in render(sample_email("ended", "expert", {"because": "expert_placed"}), POLICY).text
    assert "Je staat nog op onze lijst" in render(sample_email("ended", "expert", {"because": "expired"}), POLICY).text


def calendar_of(template: str, **changes: Any) -> str:
    return str(render(sample_email(template, "expert", EVALUATION_FACTS | changes), POLICY).calendar)


@pytest.mark.rule("R132")
def test_evaluation_without_a_time_is_an_all_day_event() -> None:
    event = Calendar.from_ical(calendar_of("evaluation_invitation")).events[0]

    assert event["dtstart"].to_ical() == b"20270301"
    assert event["dtend"].to_ical() == b"20270302"


@pytest.mark.rule("R132")
def test_moved_evaluation_keeps_its_uid_and_increments_its_sequence() -> None:
    moved = calendar_of("evaluation_moved", sequence=1, at="14:00:00")
    before, after = (Calendar.from_ical(text).events[0] for text in (calendar_of("evaluation_invitation"), moved))

    assert before["uid"] == after["uid"]
    assert (before["sequence"], after["sequence"]) == (0, 1)
    assert "DTSTART:20270301T130000Z" in moved


def test_calendar_event_contains_no_names() -> None:
    entry = str(render(sample_email("start", "expert", {"starts_on": "2026-12-01"} | EVALUATION_FACTS), POLICY).calendar)

    assert "SUMMARY:Samen terugkijken" in entry
    assert not any(name in entry for name in ("Buurthuis Een", "Deskundige Twee", "Coördinator Eén"))


def test_markup_in_free_text_is_escaped() -> None:
    email = sample_email("start", "expert", {"starts_on": "2026-12-01"} | EVALUATION_FACTS)
    hostile = ResolvedEmail(
        **{name: getattr(email, name) for name in email.__slots__} | {"names": NAMES | {"organisation_name": "<b>x</b>"}}
    )

    assert "&lt;b&gt;x&lt;/b&gt;" in render(hostile, POLICY).html


def test_missing_fact_raises_an_error() -> None:
    with pytest.raises(UndefinedError):
        render(sample_email("shortlist", "mediator", {}), POLICY)


def test_template_needs_the_names_that_it_mentions() -> None:
    assert required_names("shortlist") == {"vacancy_title", "organisation_name"}
    assert required_names("next_step") == set()
    assert "partner_names" in required_names("start")


def test_front_matter_has_subject_and_reviewer() -> None:
    assert front_matter("next_step").subject == "Je volgende stap"
    assert front_matter("next_step").reviewer == front_matter("next_step").reviewed == ""
