"""The first working day, and what blocks it."""

from datetime import date
from uuid import UUID

import pytest

from shared.messages.coaching import ExplorationStarted, StartWaiting
from shared.messages.envelope import Message
from shared.messages.intake import OrganisationRegistered
from shared.messages.notify import CandidatePicked, ReplyReceived
from tests.unit.coaching.given import (
    FORMED,
    IDS,
    ORGANISATION,
    ORGANISATION_READY,
    TANDEM,
    VACANCY,
    VACANCY_READY,
    History,
    due,
    formed,
    progressed,
)


def ready() -> History:
    history = formed()
    history.handle(ORGANISATION_READY)
    history.handle(VACANCY_READY)
    return history


@pytest.mark.rule("R127", "R129")
def test_the_exploration_phase_starts_on_the_agreed_day_if_nothing_is_missing() -> None:
    assert ready().fire("first_day") == [ExplorationStarted(*IDS, started_on=date(2027, 3, 1))]


def test_the_first_day_timer_names_the_vacancy_and_the_organisation() -> None:
    timer = formed().pending["first_day"]

    assert (timer.subject, timer.day) == (f"tandem/{TANDEM}", FORMED.starts_on)
    assert timer.related_keys == (f"vacancy/{VACANCY}", f"organisation/{ORGANISATION}")


@pytest.mark.rule("R127")
def test_missing_items_are_reported_to_the_coordinator_once() -> None:
    history = ready()
    history.handle(progressed("RC-005", "RC-202"))
    history.handle(progressed("RC-601", vacancy=VACANCY))

    assert history.fire("first_day") == [
        StartWaiting(*IDS, starts_on=date(2027, 3, 1), missing_items=("RC-005", "RC-202", "RC-601"))
    ]
    assert history.pending["first_day"].day == date(2027, 3, 2)
    assert history.fire("first_day") == []


def test_it_starts_on_the_working_day_after_the_gate_is_met() -> None:
    history = ready()
    history.handle(progressed("RC-005"))
    for _ in range(5):  # Monday to Friday
        history.fire("first_day")
    history.handle(ORGANISATION_READY)

    assert history.fire("first_day")[0] == ExplorationStarted(*IDS, started_on=date(2027, 3, 8))
    assert "first_day" not in history.pending


@pytest.mark.parametrize("known", [ORGANISATION_READY, VACANCY_READY])
def test_unknown_readiness_blocks_the_start_without_a_message(known: Message) -> None:
    history = formed()
    history.handle(known)

    assert history.fire("first_day") == []
    history.handle(ORGANISATION_READY)
    history.handle(VACANCY_READY)
    assert history.fire("first_day")[0] == ExplorationStarted(*IDS, started_on=date(2027, 3, 2))


def test_items_missing_at_registration_block_the_start() -> None:
    history = ready()
    history.handle(
        OrganisationRegistered(
            ORGANISATION, "taking_part", "ocmw", ("fit",), ("other",), "tandem", True, "nl-BE", "Europe/Brussels",
            missing_b=("RC-001",), missing_s=("RC-005",),
        )
    )  # fmt: skip

    (published,) = history.fire("first_day")

    assert isinstance(published, StartWaiting) and published.missing_items == ("RC-001", "RC-005")


@pytest.mark.rule("R069", "R127")
@pytest.mark.parametrize("vacancy", [None, VACANCY])
def test_a_reopened_item_of_gate_b_blocks_the_start(vacancy: UUID | None) -> None:
    history = ready()
    history.handle(progressed(vacancy=vacancy, missing_b=("RC-001",)))

    assert history.fire("first_day") == [StartWaiting(*IDS, starts_on=date(2027, 3, 1), missing_items=("RC-001",))]
    history.handle(progressed(vacancy=vacancy))
    assert history.fire("first_day")[0] == ExplorationStarted(*IDS, started_on=date(2027, 3, 2))


def test_it_starts_once() -> None:
    history = ready()
    again = due(history.pending["first_day"])
    history.fire("first_day")

    assert history.handle(again) == []


def test_a_reply_for_another_service_changes_nothing() -> None:
    pick = CandidatePicked(VACANCY, IDS[3], "fits_tasks", None, 1)

    assert formed().handle(ReplyReceived("mediator", pick)) == []
