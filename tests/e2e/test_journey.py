"""One undisturbed journey shows, point by point, what the programme asks."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import icalendar
import pytest

from deploy.demo.steps import EVERYONE
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
async def test_an_organisation_that_registers_is_welcomed_with_its_step_plan(calm: Run) -> None:
    assert calm.stage.receipts["organisation submitted"].outcome == "accepted"
    assert [line.kind for line in calm.led_to("organisation submitted")].count("tandem.intake.organisation-registered.v1") == 1
    assert len(calm.mails("welcome", "coordinator")) == 1
    missing = calm.stage.receipts["organisation submitted"].data["missing_b"]
    page = calm.stage.pages["step plan"]
    assert page.status == 200
    assert all(readiness_items()[code].label in page.text for code in missing)


async def test_a_broken_event_gets_a_receipt_that_says_why_and_nothing_else_happens(calm: Run) -> None:
    receipt = calm.stage.receipts["a broken event"]

    assert receipt.data["problem"]["type"].endswith("/not-json")
    assert [line.kind for line in calm.led_to("a broken event")] == ["tandem.intake.receipt.v1"]


async def test_a_breach_of_the_contract_gets_a_receipt_that_points_to_each_fault_and_nothing_else_happens(calm: Run) -> None:
    receipt = calm.stage.receipts["a breach of the contract"]

    assert {fault["pointer"] for fault in receipt.data["problem"]["errors"]} == {"/data/motives", "/data/coordinator/email"}
    assert [line.kind for line in calm.led_to("a breach of the contract")] == ["tandem.intake.receipt.v1"]


@rule("R069")
@rule("R070")
@rule("R071")
async def test_a_vacancy_before_its_gate_is_refused_with_the_missing_items_and_opens_later(calm: Run) -> None:
    refused = calm.stage.receipts["a vacancy too early"]

    assert refused.data["problem"]["retryable"] is True
    assert refused.data["problem"]["missing"] == calm.stage.receipts["readiness, part one"].data["missing_b"] != []
    assert [line.kind for line in calm.led_to("a vacancy too early")] == ["tandem.intake.receipt.v1"]
    assert calm.stage.receipts["vacancy 1"].outcome == "accepted"


@rule("R081")
@rule("R082")
@rule("R083")
@rule("R085")
@rule("R093")
@rule("R094")
@rule("R095")
async def test_readiness_grows_part_by_part_until_each_gate_is_met_once(calm: Run) -> None:
    parts = [calm.stage.receipts[f"readiness, part {part}"] for part in ("one", "two", "three")]
    open_items = [(len(part.data["missing_b"]), len(part.data["missing_s"])) for part in parts]
    organisation = parts[0].data["tandem_id"]

    assert open_items == sorted(open_items, reverse=True) and open_items[0][0] > 0 and open_items[-1] == (0, 0)
    assert [it.data["gate"] for it in calm.told("intake.readiness-completed", organisation=organisation, vacancy=None)] == [
        "B",
        "S",
    ]
    for part, progressed in zip(
        parts, calm.told("intake.readiness-progressed", organisation=organisation, vacancy=None), strict=True
    ):
        assert progressed.data["missing_b"] == part.data["missing_b"] and progressed.data["missing_s"] == part.data["missing_s"]


@rule("R053")
@rule("R054")
@rule("R055")
@rule("R056")
@rule("R057")
async def test_who_meets_the_criteria_is_registered_and_who_lacks_the_training_hears_the_next_step(calm: Run) -> None:
    assert [line.kind for line in calm.led_to("an expert")].count("tandem.intake.expert-registered.v1") == 1
    (not_yet,) = calm.told("intake.expert-not-yet-eligible")
    assert (not_yet.data["missing"], not_yet.data["next_step"]) == (["training"], "training")
    (mail,) = calm.mails("next_step")
    assert "opleiding" in (mail.part("text/plain") or "")
    assert [line.kind for line in calm.led_to("the training is finished")].count("tandem.intake.expert-registered.v1") == 1


@rule("R009")
@rule("R017")
@rule("R029")
@rule("R125")
@rule("R126")
async def test_the_shortlist_gives_reasons_and_its_parts_sum_to_the_score(calm: Run) -> None:
    (drawn, *_) = calm.told("matching.shortlist-drawn", vacancy=calm.stage.receipts["vacancy 1"].tandem_id)
    (candidate,) = drawn.data["candidates"]

    assert candidate["expert"] == calm.stage.receipts["an expert"].tandem_id
    assert sum(points for _, points in candidate["parts"]) == candidate["score"]
    assert candidate["reasons_for"]
    assert "diploma" in candidate["not_used"]


async def test_the_mediator_sees_the_candidates_with_none_chosen_beforehand(calm: Run) -> None:
    form = calm.stage.pages["the mediator picks for vacancy 1"].form("pick")

    assert form.choices["expert"] == [calm.stage.receipts["an expert"].tandem_id]
    assert "expert" not in form.shown
    assert len(calm.mails("shortlist")) == 2


@rule("R060")
async def test_both_sides_read_the_same_reasons_and_that_nobody_is_lent_out(calm: Run) -> None:
    pages = [calm.stage.pages["expert 1 says yes"], calm.stage.pages["the organisation says yes to expert 1"]]
    lists = [[item.get_text(" ", strip=True) for item in page.soup.select("main li")] for page in pages]
    mails = [calm.mails("proposal_expert")[0], calm.mails("proposal_organisation")[0]]

    assert lists[0] == lists[1] != []
    for mail in mails:
        assert "leent niemand uit" in (mail.part("text/plain") or "")
        assert "leent niemand uit" in (mail.part("text/html") or "")
    for page in pages:
        assert "leent niemand uit" in page.text


async def test_opening_a_page_changes_nothing_only_its_button_does(calm: Run) -> None:
    buttons = [act for act in calm.stage.pages if act not in ("step plan", "next step", "tandem 1", "tandem 2")]

    assert len(calm.told("notify.reply-received")) == len(buttons) == 8


@rule("R116")
@rule("R117")
@rule("R118")
async def test_the_second_yes_forms_the_tandem_and_everybody_hears_it(calm: Run) -> None:
    formed = calm.told("matching.tandem-formed")

    assert [it.data["tandem_form"] for it in formed] == ["fixed_one_to_one"] * 2
    for it in formed:
        assert [
            (answer.data["side"], answer.data["answer"]) for answer in calm.told("matching.match-answered", match=it.data["match"])
        ] == [
            ("expert", "yes"),
            ("organisation", "yes"),
        ]
        told_people = [post.role for post in calm.posts("start") if post.cause.id == it.id]
        assert sorted(told_people) == sorted(EVERYONE)


@rule("R132")
async def test_the_evaluation_is_planned_by_itself_three_calendar_months_after_the_start(calm: Run) -> None:
    for formed in calm.told("matching.tandem-formed"):
        first, *_ = calm.told("coaching.evaluation-scheduled", tandem=formed.data["tandem"])
        start, on = date.fromisoformat(formed.data["starts_on"]), date.fromisoformat(first.data["on"])
        assert 89 <= (on - start).days <= 98 and on.weekday() < 5


@rule("R132")
async def test_the_start_mail_carries_the_evaluation_for_ones_calendar(calm: Run) -> None:
    (first, *_) = calm.told("coaching.evaluation-scheduled")

    for mail in calm.mails("start"):
        event = entry(mail.part("text/calendar") or "")
        assert event.decoded("dtstart") == date.fromisoformat(first.data["on"])
        assert event["sequence"] == 0


@rule("R127")
@rule("R129")
async def test_who_has_all_in_order_starts_exploring_on_the_first_day(calm: Run) -> None:
    ready, unready = calm.told("matching.tandem-formed")

    (started,) = calm.told("coaching.exploration-started", tandem=ready.data["tandem"])
    assert started.data["started_on"] == ready.data["starts_on"]
    (later,) = calm.told("coaching.exploration-started", tandem=unready.data["tandem"])
    assert later.data["started_on"] > unready.data["starts_on"]


async def test_who_has_not_hears_once_what_is_missing(calm: Run) -> None:
    (waiting,) = calm.told("coaching.start-waiting")
    (mail,) = calm.mails("start_waiting")

    assert waiting.data["missing_items"] == calm.stage.receipts["vacancy 2"].data["missing_s"]
    assert calm.posts("start_waiting")[0].role == "coordinator"
    assert mail.part("text/plain")


@rule("R132")
async def test_when_nobody_reports_the_talk_the_whole_chain_runs_each_step_once(calm: Run) -> None:
    silent, _ = calm.told("matching.tandem-formed")
    stages = [it.data["stage"] for it in calm.told("coaching.evaluation-due", tandem=silent.data["tandem"])]
    people = {
        stage: sorted(post.role for post in calm.posts(f"evaluation_{stage}") if post.about == f"tandem/{silent.data['tandem']}")
        for stage in stages
    }

    assert stages == ["invitation", "reminder_7", "reminder_1", "coordinator", "advice_team", "lead"]
    assert people == {stage: sorted(EVERYONE) for stage in ("invitation", "reminder_7", "reminder_1")} | {
        stage: [stage] for stage in ("coordinator", "advice_team", "lead")
    }


@rule("R132")
async def test_a_talk_that_moves_takes_its_reminders_along_and_updates_the_calendars(calm: Run) -> None:
    _, formed = calm.told("matching.tandem-formed")
    first, moved = calm.told("coaching.evaluation-scheduled", tandem=formed.data["tandem"])
    due = calm.told("coaching.evaluation-due", tandem=formed.data["tandem"])
    mails = calm.mails("evaluation_moved")

    assert moved.data["move_reason"] == "start_slipped" and moved.data["on"] > first.data["on"]
    assert [(it.data["stage"], it.data["on"]) for it in due] == [
        ("invitation", first.data["on"]),
        ("reminder_7", moved.data["on"]),
        ("reminder_1", moved.data["on"]),
        ("coordinator", moved.data["on"]),
    ]
    assert len(mails) == len(EVERYONE)
    before = {entry(mail.part("text/calendar") or "")["uid"] for mail in calm.mails("start")}
    for mail in mails:
        event = entry(mail.part("text/calendar") or "")
        assert event["uid"] in before
        assert event["sequence"] == 1
        assert event.decoded("dtstart") == date.fromisoformat(moved.data["on"])


@rule("R132")
async def test_a_talk_that_was_held_ends_the_chase(calm: Run) -> None:
    _, formed = calm.told("matching.tandem-formed")
    (completed,) = calm.told("coaching.evaluation-completed")
    due = calm.told("coaching.evaluation-due", tandem=formed.data["tandem"])

    assert completed.data["tandem"] == formed.data["tandem"]
    assert all(it.time <= completed.time for it in due)
    assert {"advice_team", "lead"}.isdisjoint(it.data["stage"] for it in due)


async def test_every_letter_was_sent_once_and_every_mail_has_its_cause(calm: Run) -> None:
    assert calm.copies() == []
    assert len({(post.cause.id, post.template, post.role) for post in calm.report.mails}) == len(calm.report.mails)
    assert len(calm.report.mails) == len(calm.told("notify.email-sent"))
    assert calm.told("notify.email-failed") == []


async def test_no_message_names_a_person_or_an_address(calm: Run) -> None:
    said = " ".join(str(it.data) for it in calm.stage.observer.seen)

    for word in ("mensen.example", "Coördinator", "Deskundige", "Tandempartner", "Voorbeeldhuis"):
        assert word not in said


async def test_times_of_what_was_said_follow_the_clock_of_the_journey(calm: Run) -> None:
    formed, _ = calm.told("matching.tandem-formed")
    (started,) = calm.told("coaching.exploration-started", tandem=formed.data["tandem"])

    assert datetime.fromisoformat(started.time).astimezone(BRUSSELS).date() == date.fromisoformat(formed.data["starts_on"])


def entry(calendar: str) -> icalendar.Component:
    (event,) = icalendar.Calendar.from_ical(calendar).walk("VEVENT")
    return event
