"""One journey without faults meets the programme's requirements, point by point."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import icalendar
import pytest

from deploy.demo.steps import PARTICIPANTS
from deploy.mail_catcher.mail import Mail
from shared.programme.readiness_catalogue import readiness_items
from tests.e2e.run import Run

BRUSSELS = ZoneInfo("Europe/Brussels")
rule = pytest.mark.rule


@rule("R008")
@rule("R010")
@rule("R021")
@rule("R022")
@rule("R042")
@rule("R045")
@rule("R063")
@rule("R073")
@rule("R077")
@rule("R079")
async def test_registered_organisation_receives_its_step_plan(baseline: Run) -> None:
    assert baseline.context.receipts["organisation submitted"].outcome == "accepted"
    assert baseline.kinds_caused_by("organisation submitted").count("tandem.intake.organisation-registered.v1") == 1
    assert len(baseline.mails("welcome", "coordinator")) == 1
    missing = baseline.context.receipts["organisation submitted"].data["missing_b"]
    page = baseline.context.pages["step plan"]
    assert page.status == 200
    assert all(readiness_items()[code].label in page.text for code in missing)


async def test_malformed_event_causes_only_a_receipt_with_the_reason(baseline: Run) -> None:
    receipt = baseline.context.receipts["a malformed event"]

    assert receipt.data["problem"]["type"].endswith(":not-json")
    assert baseline.kinds_caused_by("a malformed event") == ["tandem.intake.receipt.v1"]


async def test_contract_violation_causes_only_a_receipt_that_points_to_each_error(baseline: Run) -> None:
    receipt = baseline.context.receipts["a contract violation"]

    assert {error["pointer"] for error in receipt.data["problem"]["errors"]} == {"/data/motives", "/data/coordinator/email"}
    assert baseline.kinds_caused_by("a contract violation") == ["tandem.intake.receipt.v1"]


@rule("R069")
@rule("R070")
@rule("R071")
async def test_vacancy_before_its_gate_is_rejected_with_the_missing_items_and_opens_later(baseline: Run) -> None:
    rejected = baseline.context.receipts["a vacancy too early"]

    assert rejected.data["problem"]["retryable"] is True
    assert rejected.data["problem"]["missing"] == baseline.context.receipts["readiness, part one"].data["missing_b"] != []
    assert baseline.kinds_caused_by("a vacancy too early") == ["tandem.intake.receipt.v1"]
    assert baseline.context.receipts["vacancy 1"].outcome == "accepted"


@rule("R081")
@rule("R082")
@rule("R083")
@rule("R085")
@rule("R093")
@rule("R094")
@rule("R095")
async def test_readiness_progresses_until_each_gate_is_met_once(baseline: Run) -> None:
    parts = [baseline.context.receipts[f"readiness, part {part}"] for part in ("one", "two", "three")]
    open_items = [(len(part.data["missing_b"]), len(part.data["missing_s"])) for part in parts]
    organisation = parts[0].data["tandem_id"]

    assert open_items == sorted(open_items, reverse=True) and open_items[0][0] > 0 and open_items[-1] == (0, 0)
    assert [it.data["gate"] for it in baseline.messages("intake.readiness-completed", organisation=organisation, vacancy=None)] == [
        "B",
        "S",
    ]
    for part, progressed in zip(
        parts, baseline.messages("intake.readiness-progressed", organisation=organisation, vacancy=None), strict=True
    ):
        assert progressed.data["missing_b"] == part.data["missing_b"] and progressed.data["missing_s"] == part.data["missing_s"]


@rule("R053")
@rule("R054")
@rule("R055")
@rule("R056")
@rule("R057")
async def test_expert_who_meets_the_criteria_is_registered_and_one_without_training_is_sent_the_next_step(baseline: Run) -> None:
    assert baseline.kinds_caused_by("an expert").count("tandem.intake.expert-registered.v1") == 1
    (not_yet,) = baseline.messages("intake.expert-not-yet-eligible")
    assert (not_yet.data["missing"], not_yet.data["next_step"]) == (["training"], "training")
    (mail,) = baseline.mails("next_step")
    assert "opleiding" in mail.part("text/plain")
    assert baseline.kinds_caused_by("the training is finished").count("tandem.intake.expert-registered.v1") == 1


@rule("R009")
@rule("R017")
@rule("R029")
@rule("R125")
@rule("R126")
async def test_shortlist_gives_reasons_and_its_parts_sum_to_the_score(baseline: Run) -> None:
    (drawn, *_) = baseline.messages("matching.shortlist-drawn", vacancy=baseline.context.receipts["vacancy 1"].tandem_id)
    (candidate,) = drawn.data["candidates"]

    assert candidate["expert"] == baseline.context.receipts["an expert"].tandem_id
    assert sum(points for _, points in candidate["parts"]) == candidate["score"]
    assert candidate["reasons_for"]
    assert "diploma" in candidate["not_used"]


async def test_no_candidate_is_preselected_for_the_mediator(baseline: Run) -> None:
    form = baseline.context.pages["the mediator picks for vacancy 1"].form("pick")

    assert form.choices["expert"] == [baseline.context.receipts["an expert"].tandem_id]
    assert "expert" not in form.values
    assert len(baseline.mails("shortlist")) == 2


@rule("R060")
async def test_both_sides_read_the_same_reasons_and_the_no_secondment_notice(baseline: Run) -> None:
    pages = [baseline.context.pages["expert 1 accepts"], baseline.context.pages["the organisation accepts expert 1"]]
    lists = [[item.get_text(" ", strip=True) for item in page.soup.select("main li")] for page in pages]
    mails = [baseline.mails("proposal_expert")[0], baseline.mails("proposal_organisation")[0]]

    assert lists[0] == lists[1] != []
    for mail in mails:
        assert "leent niemand uit" in mail.part("text/plain")
        assert "leent niemand uit" in mail.part("text/html")
    for page in pages:
        assert "leent niemand uit" in page.text


async def test_opening_a_page_changes_nothing(baseline: Run) -> None:
    submitted = [name for name in baseline.context.pages if name not in ("step plan", "next step", "tandem 1", "tandem 2")]

    assert len(baseline.messages("notify.reply-received")) == len(submitted) == 8


@rule("R116")
@rule("R117")
@rule("R118")
async def test_second_yes_forms_the_tandem_and_all_participants_are_informed(baseline: Run) -> None:
    formed = baseline.messages("matching.tandem-formed")

    assert [it.data["tandem_form"] for it in formed] == ["fixed_one_to_one"] * 2
    for it in formed:
        assert [
            (answer.data["side"], answer.data["answer"])
            for answer in baseline.messages("matching.match-answered", match=it.data["match"])
        ] == [
            ("expert", "yes"),
            ("organisation", "yes"),
        ]
        roles = [entry.role for entry in baseline.mail_entries("start") if entry.cause.id == it.id]
        assert sorted(roles) == sorted(PARTICIPANTS)


@rule("R132")
async def test_evaluation_is_scheduled_three_calendar_months_after_the_start(baseline: Run) -> None:
    for formed in baseline.messages("matching.tandem-formed"):
        first, *_ = baseline.messages("coaching.evaluation-scheduled", tandem=formed.data["tandem"])
        start, on = date.fromisoformat(formed.data["starts_on"]), date.fromisoformat(first.data["on"])
        assert 89 <= (on - start).days <= 98 and on.weekday() < 5


@rule("R132")
async def test_start_email_carries_a_calendar_entry_for_the_evaluation(baseline: Run) -> None:
    (first, *_) = baseline.messages("coaching.evaluation-scheduled")

    for mail in baseline.mails("start"):
        event = calendar_event(mail)
        assert event.decoded("dtstart") == date.fromisoformat(first.data["on"])
        assert event["sequence"] == 0


@rule("R127")
@rule("R129")
async def test_exploration_starts_on_the_first_day_if_the_gate_is_met(baseline: Run) -> None:
    ready, unready = baseline.messages("matching.tandem-formed")

    (started,) = baseline.messages("coaching.exploration-started", tandem=ready.data["tandem"])
    assert started.data["started_on"] == ready.data["starts_on"]
    (later,) = baseline.messages("coaching.exploration-started", tandem=unready.data["tandem"])
    assert later.data["started_on"] > unready.data["starts_on"]


async def test_unmet_gate_is_reported_once_to_the_coordinator(baseline: Run) -> None:
    (waiting,) = baseline.messages("coaching.start-waiting")
    (mail,) = baseline.mails("start_waiting")

    assert waiting.data["missing_items"] == baseline.context.receipts["vacancy 2"].data["missing_s"]
    assert baseline.mail_entries("start_waiting")[0].role == "coordinator"
    assert mail.part("text/plain")


@rule("R132")
async def test_unreported_evaluation_passes_each_stage_of_the_reminder_plan_once(baseline: Run) -> None:
    silent, _ = baseline.messages("matching.tandem-formed")
    stages = [it.data["stage"] for it in baseline.messages("coaching.evaluation-due", tandem=silent.data["tandem"])]
    roles = {
        stage: sorted(
            entry.role for entry in baseline.mail_entries(f"evaluation_{stage}") if entry.about == f"tandem/{silent.data['tandem']}"
        )
        for stage in stages
    }

    assert stages == ["invitation", "reminder_7", "reminder_1", "coordinator", "advice_team", "lead"]
    assert roles == {stage: sorted(PARTICIPANTS) for stage in ("invitation", "reminder_7", "reminder_1")} | {
        stage: [stage] for stage in ("coordinator", "advice_team", "lead")
    }


@rule("R132")
async def test_moved_evaluation_moves_its_reminders_and_updates_the_calendars(baseline: Run) -> None:
    _, formed = baseline.messages("matching.tandem-formed")
    first, moved = baseline.messages("coaching.evaluation-scheduled", tandem=formed.data["tandem"])
    due = baseline.messages("coaching.evaluation-due", tandem=formed.data["tandem"])
    mails = baseline.mails("evaluation_moved")

    assert moved.data["move_reason"] == "start_slipped" and moved.data["on"] > first.data["on"]
    assert [(it.data["stage"], it.data["on"]) for it in due] == [
        ("invitation", first.data["on"]),
        ("reminder_7", moved.data["on"]),
        ("reminder_1", moved.data["on"]),
        ("coordinator", moved.data["on"]),
    ]
    assert len(mails) == len(PARTICIPANTS)
    before = {calendar_event(mail)["uid"] for mail in baseline.mails("start")}
    for mail in mails:
        event = calendar_event(mail)
        assert event["uid"] in before
        assert event["sequence"] == 1
        assert event.decoded("dtstart") == date.fromisoformat(moved.data["on"])


@rule("R132")
async def test_held_evaluation_ends_the_reminders(baseline: Run) -> None:
    _, formed = baseline.messages("matching.tandem-formed")
    (completed,) = baseline.messages("coaching.evaluation-completed")
    due = baseline.messages("coaching.evaluation-due", tandem=formed.data["tandem"])

    assert completed.data["tandem"] == formed.data["tandem"]
    assert all(it.time <= completed.time for it in due)
    assert {"advice_team", "lead"}.isdisjoint(it.data["stage"] for it in due)


async def test_every_email_was_sent_once_and_has_its_cause(baseline: Run) -> None:
    assert baseline.copies() == []
    assert len({(entry.cause.id, entry.template, entry.role) for entry in baseline.report.mails}) == len(baseline.report.mails)
    assert len(baseline.report.mails) == len(baseline.messages("notify.email-sent"))
    assert baseline.messages("notify.email-failed") == []


async def test_no_message_contains_a_name_or_an_address(baseline: Run) -> None:
    published = " ".join(str(it.data) for it in baseline.context.observer.received)

    for word in ("mensen.example", "Coördinator", "Deskundige", "Tandempartner", "Voorbeeldhuis"):
        assert word not in published


async def test_message_times_follow_the_development_clock(baseline: Run) -> None:
    formed, _ = baseline.messages("matching.tandem-formed")
    (started,) = baseline.messages("coaching.exploration-started", tandem=formed.data["tandem"])

    assert datetime.fromisoformat(started.time).astimezone(BRUSSELS).date() == date.fromisoformat(formed.data["starts_on"])


def calendar_event(mail: Mail) -> icalendar.Component:
    (event,) = icalendar.Calendar.from_ical(mail.part("text/calendar")).walk("VEVENT")
    return event
