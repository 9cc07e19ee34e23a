"""The first working day, and what it waits for."""

from datetime import date
from uuid import UUID

import pytest

from shared.messages.coaching import ExplorationStarted, StartWaiting
from shared.messages.envelope import Message
from shared.messages.intake import OrganisationRegistered
from shared.messages.notify import CandidatePicked, ReplyReceived
from tests.unit.coaching.given import (
    FORMED,
    HOUSE,
    IDS,
    ORGANISATION_READY,
    PAIR,
    PLACE,
    VACANCY_READY,
    History,
    due,
    formed,
    missing,
)


def ready() -> History:
    history = formed()
    history.tell(ORGANISATION_READY)
    history.tell(VACANCY_READY)
    return history


@pytest.mark.rule("R127", "R129")
def test_the_exploration_phase_starts_on_the_agreed_day_when_all_is_ready() -> None:
    assert ready().rings("first_day") == [ExplorationStarted(*IDS, started_on=date(2027, 3, 1))]


def test_the_first_day_wakes_the_tandem_with_its_vacancy_and_its_organisation() -> None:
    timer = formed().pending["first_day"]

    assert (timer.subject, timer.day) == (f"tandem/{PAIR}", FORMED.starts_on)
    assert timer.related_keys == (f"vacancy/{PLACE}", f"organisation/{HOUSE}")


@pytest.mark.rule("R127")
def test_the_coordinator_hears_once_what_is_missing() -> None:
    history = ready()
    history.tell(missing("RC-005", "RC-202"))
    history.tell(missing("RC-601", vacancy=PLACE))

    assert history.rings("first_day") == [
        StartWaiting(*IDS, starts_on=date(2027, 3, 1), missing_items=("RC-005", "RC-202", "RC-601"))
    ]
    assert history.pending["first_day"].day == date(2027, 3, 2)
    assert history.rings("first_day") == []


def test_it_starts_on_the_working_day_after_the_gate_is_met() -> None:
    history = ready()
    history.tell(missing("RC-005"))
    for _ in range(5):  # Monday to Friday
        history.rings("first_day")
    history.tell(ORGANISATION_READY)

    assert history.rings("first_day")[0] == ExplorationStarted(*IDS, started_on=date(2027, 3, 8))
    assert "first_day" not in history.pending


@pytest.mark.parametrize("known", [ORGANISATION_READY, VACANCY_READY])
def test_late_company_is_waited_for_in_silence(known: Message) -> None:
    history = formed()
    history.tell(known)

    assert history.rings("first_day") == []
    history.tell(ORGANISATION_READY)
    history.tell(VACANCY_READY)
    assert history.rings("first_day")[0] == ExplorationStarted(*IDS, started_on=date(2027, 3, 2))


def test_what_was_missing_at_the_registration_counts() -> None:
    history = ready()
    history.tell(
        OrganisationRegistered(
            HOUSE, "taking_part", "ocmw", ("fit",), ("other",), "tandem", True, "nl-BE", "Europe/Brussels",
            missing_b=("RC-001",), missing_s=("RC-005",),
        )
    )  # fmt: skip

    (said,) = history.rings("first_day")

    assert isinstance(said, StartWaiting) and said.missing_items == ("RC-001", "RC-005")


@pytest.mark.rule("R069", "R127")
@pytest.mark.parametrize("place", [None, PLACE])
def test_an_item_before_the_vacancy_that_opens_again_holds_the_start_up(place: UUID | None) -> None:
    history = ready()
    history.tell(missing(vacancy=place, b=("RC-001",)))

    assert history.rings("first_day") == [StartWaiting(*IDS, starts_on=date(2027, 3, 1), missing_items=("RC-001",))]
    history.tell(missing(vacancy=place))
    assert history.rings("first_day")[0] == ExplorationStarted(*IDS, started_on=date(2027, 3, 2))


def test_it_starts_once() -> None:
    history = ready()
    again = due(history.pending["first_day"])
    history.rings("first_day")

    assert history.tell(again) == []


def test_a_reply_that_is_for_another_service_touches_nothing() -> None:
    pick = CandidatePicked(PLACE, IDS[3], "fits_tasks", None, 1)

    assert formed().tell(ReplyReceived("mediator", pick)) == []
