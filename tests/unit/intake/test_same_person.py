"""One person under two ids: advice in the receipt, and a mark with ids only."""

from typing import Any

import pytest

from services.intake.domain.expert import MAX_DUPLICATES
from services.intake.identity import person_key
from shared.messages.intake import ExpertRegistered, Receipt
from tests.support.intake_harness import IntakeHarness, event, of_kind, tandem_id

SECRET = b"a secret of this deployment"


def submit(intake: IntakeHarness, id: str, partner: str = "demo", **data: Any) -> tuple[Receipt, ExpertRegistered | None]:
    submit.count += 1  # type: ignore[attr-defined]  # each event has an id of its own
    outputs = intake.process(event("expert-submitted", f"event-{submit.count}", partner, expert=id, **data), partner)  # type: ignore[attr-defined]
    receipt = outputs[0]
    assert isinstance(receipt, Receipt) and receipt.outcome == "accepted"
    return receipt, next(iter(of_kind(outputs, ExpertRegistered)), None)


submit.count = 0  # type: ignore[attr-defined]


@pytest.mark.parametrize("partner", ["demo", "other", "school"])
def test_same_name_and_address_under_another_id_is_marked_whoever_submits_it(partner: str) -> None:
    intake = IntakeHarness()
    first, registered = submit(intake, "one")
    assert registered and registered.possible_duplicate_of == () and first.advice == ()

    second, registered = submit(intake, "two", partner)

    assert registered and registered.possible_duplicate_of == (tandem_id(first),)
    assert [advice.pointer for advice in second.advice] == ["/data/expert"]


def test_the_same_expert_again_is_no_duplicate() -> None:
    intake = IntakeHarness()
    submit(intake, "one")

    receipt, registered = submit(intake, "one", hours={"min": 8, "max": 12})

    assert registered and registered.possible_duplicate_of == () and receipt.advice == ()


@pytest.mark.parametrize("changed", [{"email": "ander@mensen.example"}, {"name": "Deskundige Twee"}])
def test_another_name_or_another_address_is_another_person(changed: dict[str, str]) -> None:
    intake = IntakeHarness()
    submit(intake, "one")

    assert submit(intake, "two", **changed)[0].advice == ()


def test_mark_is_taken_back_when_the_address_turns_out_to_be_another() -> None:
    intake = IntakeHarness()
    first, _ = submit(intake, "one")
    submit(intake, "two")

    _, registered = submit(intake, "two", email="ander@mensen.example")

    assert registered and registered.possible_duplicate_of == ()
    assert registered.no_longer_duplicate_of == (tandem_id(first),)


def test_first_of_two_learns_of_the_second_when_it_comes_again() -> None:
    intake = IntakeHarness()
    submit(intake, "one")
    second, _ = submit(intake, "two")

    _, registered = submit(intake, "one")

    assert registered and registered.possible_duplicate_of == (tandem_id(second),)


def test_ids_of_one_person_are_limited() -> None:
    intake = IntakeHarness()
    for nth in range(MAX_DUPLICATES + 5):
        _, registered = submit(intake, f"expert-{nth}")

    assert registered and len(registered.possible_duplicate_of) == MAX_DUPLICATES


def test_no_message_but_those_of_the_private_topic_has_a_name_or_an_address() -> None:
    intake = IntakeHarness()
    submit(intake, "one")
    outputs = intake.process(event("expert-submitted", "last", expert="two"))

    public = [message for message in outputs if message.topic != "tandem.private"]
    assert not any(text in repr(public) for text in ("Deskundige", "mensen.example", "person/"))


@pytest.mark.parametrize(
    "name", ["Zoë de Wit", "ZOE DE WIT", "Zoe  de-Wit", "Zoë de Wit", "Zo\u200be de Wit", "zoe dewit", "Ｚoe de Wit"]
)
def test_spellings_of_a_name_are_one_person(name: str) -> None:
    assert person_key(SECRET, name, "Zoe@huis.example") == person_key(SECRET, "Zoë de Wit", "zoe@huis.example")


def test_hash_depends_on_the_secret_of_the_deployment() -> None:
    assert person_key(SECRET, "Jan", "jan@huis.example") != person_key(b"another secret", "Jan", "jan@huis.example")


@pytest.mark.parametrize("name", ["李明", "محمد", "אסתר"])
def test_names_of_every_script_count(name: str) -> None:
    assert person_key(SECRET, name, "a@huis.example") != person_key(SECRET, "", "a@huis.example")
