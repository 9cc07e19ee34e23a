"""What replaces removes: a text that a later submission leaves out is erased from the private topic."""

from typing import Any

import pytest

from shared.messages.envelope import Message
from shared.messages.intake import PrivateDataErased, TextFiled
from tests.support.intake_harness import event, of_kind
from tests.unit.intake.given import ready, registered

NO_OFFER: dict[str, Any] = {"without": ["offer_to_improve"], "motives": ["participation"]}
INTEREST = {"wishes": ["Een wens."], "sessions": []}


def erased(messages: list[Message]) -> list[str]:
    return [message.key.partition("/text/")[2] for message in of_kind(messages, PrivateDataErased)]


def test_left_out_texts_of_an_organisation_are_erased_once() -> None:
    intake = registered(interest=INTEREST)

    assert erased(intake.process(event("organisation-submitted", id="2", **NO_OFFER))) == ["offer-to-improve", "wishes"]
    assert erased(intake.process(event("organisation-submitted", id="3", **NO_OFFER))) == []


def test_nothing_is_erased_that_was_never_filed() -> None:
    intake = registered(**NO_OFFER)

    assert erased(intake.process(event("organisation-submitted", id="2", **NO_OFFER))) == []


def test_text_that_is_filed_again_can_be_erased_again() -> None:
    intake = registered()

    for round in range(2):
        assert erased(intake.process(event("organisation-submitted", id=f"without-{round}", **NO_OFFER))) == ["offer-to-improve"]
        assert erased(intake.process(event("organisation-submitted", id=f"with-{round}"))) == []


@pytest.mark.parametrize("wishes", [[], ["Een andere."]])
def test_wishes_are_replaced_as_one_text(wishes: list[str]) -> None:
    intake = registered(interest=INTEREST)

    outputs = intake.process(event("organisation-submitted", id="2", interest={"wishes": wishes, "sessions": []}))

    assert erased(outputs) == ([] if wishes else ["wishes"])


def test_later_answer_without_a_note_erases_the_note_of_that_item_only() -> None:
    intake = registered()
    both = [{"item": "RC-002", "answer": "in_progress", "note": "Een."}, {"item": "RC-003", "answer": "yes", "note": "Twee."}]
    intake.process(event("readiness-reported", id="2", answers=both))

    outputs = intake.process(event("readiness-reported", id="3", answers=[{"item": "RC-002", "answer": "yes"}]))

    assert erased(outputs) == ["note-RC-002"]
    assert erased(intake.process(event("organisation-submitted", id="4"))) == []


def test_notes_of_a_vacancy_are_erased_too() -> None:
    intake = ready()
    intake.process(event("vacancy-submitted", id="2"))
    with_note = {"item": "RC-301", "answer": "yes", "note": "Een."}
    without_note = {"item": "RC-301", "answer": "yes"}

    intake.process(event("readiness-reported", id="3", vacancy="vacancy-1", answers=[with_note]))
    outputs = intake.process(event("readiness-reported", id="4", vacancy="vacancy-1", answers=[without_note]))

    (tombstone,) = of_kind(outputs, PrivateDataErased)
    assert tombstone.subject.startswith("vacancy/") and tombstone.key.endswith("/text/note-RC-301")


def test_spaces_around_a_text_are_removed() -> None:
    outputs = registered().process(event("organisation-submitted", id="2", name=" Huis "))

    assert [text.text for text in of_kind(outputs, TextFiled) if text.field == "name"] == ["Huis"]
