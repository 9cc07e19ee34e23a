"""Every mail, read by the lint of our writing guide, and what must stand in some of them."""

from datetime import datetime, timedelta

import pytest
from icalendar import Calendar
from jinja2 import UndefinedError

from services.notify.emails.render import TEMPLATES, ResolvedEmail, front, needs, render
from services.notify.page_routes import contact_person, purpose_of
from services.notify.wording import label
from shared.messages.code_lists import Role
from tests.support import dutch_lint
from tests.support.dutch_lint import Written
from tests.unit.notify.sample_emails import (
    AGAINST,
    FOR,
    LETTERS,
    NAMES,
    NOON,
    NOON_BEFORE,
    NOT_USED,
    POLICY,
    PROPOSAL,
    TALK_FACTS,
    draft,
    drafts,
)

ALL = list(drafts())


@pytest.mark.rule("R006")
@pytest.mark.parametrize("it", ALL, ids=lambda it: f"{it.template}-{it.role}-{it.reader.language}")
def test_every_mail_follows_the_writing_guide(it: ResolvedEmail) -> None:
    mail = render(it, POLICY)
    names = tuple(name for name in NAMES.values() if isinstance(name, str))

    assert dutch_lint.mail(Written(it.template, mail.subject, mail.html, mail.text, names)) == []


def test_every_template_is_among_the_mails_that_the_lint_reads() -> None:
    shipped = {path.stem for path in (TEMPLATES / "mails").glob("*.html")} - {"layout"}

    assert shipped == {template for template, _, _ in LETTERS}


@pytest.mark.rule("R006")
@pytest.mark.parametrize("it", ALL, ids=lambda it: f"{it.template}-{it.role}-{it.reader.language}")
def test_every_mail_names_a_person_to_call_who_is_not_the_reader(it: ResolvedEmail) -> None:
    person, mail = contact_person(it.role, purpose_of(it.template), POLICY), render(it, POLICY)

    assert person != POLICY.contact(it.role)
    assert person.phone in mail.html and person.phone in mail.text


@pytest.mark.rule("R060")
@pytest.mark.parametrize(("template", "role"), [("proposal_expert", "expert"), ("proposal_organisation", "coordinator")])
def test_every_proposal_says_that_nobody_is_lent_out(template: str, role: str) -> None:
    mail = render(draft(template, role, PROPOSAL), POLICY)  # type: ignore[arg-type]

    assert "leent niemand uit" in mail.html and "leent niemand uit" in " ".join(mail.text.split())


@pytest.mark.rule("R009")
def test_both_sides_read_the_same_reasons_for_and_against() -> None:
    def reasons(template: str, role: str) -> str:
        text = render(draft(template, role, PROPOSAL), POLICY).text  # type: ignore[arg-type]
        return text.partition("Wat goed past")[2]

    expert, organisation = reasons("proposal_expert", "expert"), reasons("proposal_organisation", "coordinator")
    assert expert.partition("Samen Sterk")[0] == organisation.partition("Samen Sterk")[0]
    assert "- Het werk is zelf gekozen: werken met groepen en meedenken over beleid." in expert
    assert expert.count("\n- ") == len(FOR) + len(AGAINST) + 1
    assert all(label(code, "not_used") in " ".join(expert.split()).lower() for code in NOT_USED)


def test_the_two_countries_read_their_own_words() -> None:
    told = {"missing": ["training"], "next_step": "training"}

    assert "OCMW" in render(draft("next_step", "expert", told, "nl-BE"), POLICY).text
    assert "gemeente" in render(draft("next_step", "expert", told, "nl-NL"), POLICY).text


def test_a_date_of_this_year_is_written_without_the_year_and_of_another_with_it() -> None:
    text = render(draft("start", "expert", {"starts_on": "2026-12-01"} | TALK_FACTS), POLICY).text

    assert "Op dinsdag 1 december is de eerste dag" in text
    assert "maandag 1 maart 2027" in text


@pytest.mark.parametrize(("now", "first"), [(NOON_BEFORE, "Morgen"), (NOON, "Binnenkort")])
def test_a_reminder_says_tomorrow_on_the_day_before_alone(now: datetime, first: str) -> None:
    mail = render(draft("evaluation_reminder_1", "expert", TALK_FACTS, now=now), POLICY)

    assert mail.subject == f"{first}: jullie gesprek"
    assert f"{first} praten jullie samen" in mail.html and f"{first} praten jullie samen." in mail.text


@pytest.mark.parametrize(
    ("days", "words"), [(0, "Vandaag zou de eerste dag zijn"), (1, "De eerste dag stond op dinsdag 1 december")]
)
def test_a_start_that_waits_says_today_on_that_day_alone(days: int, words: str) -> None:
    told = {"starts_on": "2026-12-01", "missing_s": ["RC-601"]}

    assert words in render(draft("start_waiting", "coordinator", told, now=NOON + timedelta(days=days)), POLICY).text


def test_one_open_point_is_one_and_two_are_two() -> None:
    def words(*codes: str) -> str:
        return " ".join(render(draft("ready_b", "coordinator", {"missing_s": codes}), POLICY).text.split())

    assert "is nog één punt open" in words("RC-005") and "zijn nog twee punten open" in words("RC-005", "RC-202")


@pytest.mark.parametrize(("role", "asked"), [("coordinator", True), ("expert", True), ("partner", False)])
def test_only_who_was_asked_reads_that_both_said_yes(role: Role, asked: bool) -> None:
    mail = render(draft("start", role, {"starts_on": "2026-12-01"} | TALK_FACTS), POLICY)

    assert ("Jullie zeiden allebei ja" in mail.html) == ("Jullie zeiden allebei ja" in mail.text) == asked


@pytest.mark.parametrize(
    "it", [it for it in ALL if it.template.startswith("evaluation_")], ids=lambda it: f"{it.template}-{it.role}"
)
def test_a_mail_about_a_talk_names_the_work_in_its_text_and_not_in_its_subject(it: ResolvedEmail) -> None:
    mail = render(it, POLICY)

    assert "«Samen koken in de wijk»" in " ".join(mail.text.split()) and "Samen koken" not in mail.subject
    assert ("Deskundige Twee" in mail.text) == (it.role != "expert")


@pytest.mark.parametrize(("role", "shown"), [("coordinator", True), ("expert", False), ("partner", False)])
def test_the_start_tells_the_coordinator_alone_what_is_still_open(role: Role, shown: bool) -> None:
    text = render(draft("start", role, {"starts_on": "2026-12-01"} | TALK_FACTS), POLICY).text

    assert ("- ☐ Er is een plek om te werken" in text) == ("- ☐ Er is een plan voor de eerste weken" in text) == shown


def test_why_somebody_gets_a_mail_about_a_tandem_is_true_for_each_role() -> None:
    def why(role: Role) -> str:
        return " ".join(render(draft("evaluation_invitation", role, TALK_FACTS), POLICY).text.split())

    assert "omdat je contactpersoon bent voor Buurthuis Een." in why("coordinator")
    assert "omdat je in een tandem werkt bij Buurthuis Een." in why("partner")
    assert "omdat je voor Samen Sterk werkt." in why("advice_team")


def test_who_found_another_place_is_not_told_to_be_on_the_list() -> None:
    assert "Je staat nog op onze lijst" not in render(draft("ended", "expert", {"because": "expert_placed"}), POLICY).text
    assert "Je staat nog op onze lijst" in render(draft("ended", "expert", {"because": "expired"}), POLICY).text


@pytest.mark.rule("R132")
def test_a_talk_without_an_hour_is_a_whole_day_in_the_calendar() -> None:
    event = Calendar.from_ical(str(render(draft("evaluation_invitation", "expert", TALK_FACTS), POLICY).calendar)).events[0]

    assert event["dtstart"].to_ical() == b"20270301"
    assert event["dtend"].to_ical() == b"20270302"


@pytest.mark.rule("R132")
def test_a_talk_that_moved_keeps_its_uid_and_has_the_next_sequence() -> None:
    first = str(render(draft("evaluation_invitation", "expert", TALK_FACTS), POLICY).calendar)
    moved = str(render(draft("evaluation_moved", "expert", TALK_FACTS | {"sequence": 1, "at": "14:00:00"}), POLICY).calendar)
    before, after = Calendar.from_ical(first).events[0], Calendar.from_ical(moved).events[0]

    assert before["uid"] == after["uid"]
    assert (before["sequence"], after["sequence"]) == (0, 1)
    assert "BEGIN:VTIMEZONE" in moved and "DTSTART;TZID=Europe/Brussels:20270301T140000" in moved


def test_a_calendar_entry_tells_a_stranger_nothing() -> None:
    entry = str(render(draft("start", "expert", {"starts_on": "2026-12-01"} | TALK_FACTS), POLICY).calendar)

    assert "SUMMARY:Samen terugkijken" in entry
    assert not any(name in entry for name in ("Buurthuis Een", "Deskundige Twee", "Coördinator Eén"))


def test_markup_in_somebodys_words_is_shown_and_does_nothing() -> None:
    it = draft("start", "expert", {"starts_on": "2026-12-01"} | TALK_FACTS)
    hostile = ResolvedEmail(
        **{name: getattr(it, name) for name in it.__slots__} | {"names": NAMES | {"organisation_name": "<b>x</b>"}}
    )

    assert "&lt;b&gt;x&lt;/b&gt;" in render(hostile, POLICY).html


def test_a_fact_that_is_missing_is_an_error_and_no_gap() -> None:
    with pytest.raises(UndefinedError):
        render(draft("shortlist", "mediator", {}), POLICY)


def test_a_mail_waits_for_the_names_that_it_mentions() -> None:
    assert needs("shortlist") == {"vacancy_title", "organisation_name"}
    assert needs("next_step") == set()
    assert "partner_names" in needs("start")


def test_a_template_names_its_subject_and_its_reviewer() -> None:
    assert front("next_step").subject == "Je volgende stap"
    assert front("next_step").reviewer == front("next_step").reviewed == ""
