"""What partners read names no row of our checklist, and no page that does not exist."""

import json
import re
from pathlib import Path

import pytest

from services.intake.contract import KINDS, schema
from services.intake.problems import CATALOGUE, problem
from tests.support.intake_harness import event
from tests.unit.intake.given import ready, registered, report

ROW = re.compile(r"\bR\d{3}\b")


@pytest.mark.parametrize("kind", KINDS)
def test_schemas_and_descriptions_of_kinds_name_no_row(kind: str) -> None:
    published = json.dumps(schema(kind)) + str([model.__doc__ for model in KINDS[kind].values()])

    assert not ROW.search(published)
    assert "https://tandem.example" not in published


def test_contract_names_no_row_and_no_page_that_does_not_exist() -> None:
    text = Path("services/intake/contract.md").read_text(encoding="utf-8")

    assert not ROW.search(text)
    assert "https://tandem.example" not in text


@pytest.mark.parametrize("name", CATALOGUE)
def test_problem_types_are_names_not_addresses(name: str) -> None:
    assert problem(name, "detail").type == f"urn:tandem:problem:{name}"  # type: ignore[arg-type]  # a name of the catalogue


def test_receipts_name_no_row() -> None:
    intake = ready(first_time=True)
    sent = [
        registered().process(event("vacancy-submitted", diploma_required=True)),
        intake.process(event("vacancy-submitted", id="v", diploma_required=True)),
        intake.process(event("organisation-submitted", id="o", first_time=True)),
        intake.process(event("organisation-submitted", id="p", without=["offer_to_improve"])),
        intake.process(event("expert-submitted", criteria={"own_experience": False, "behind_the_person": False})),
        report(intake, ["RC-301"]),
    ]

    assert not ROW.search(repr([messages[0] for messages in sent]))


def test_receipt_of_a_whole_event_without_its_header_names_the_header_to_add() -> None:
    receipt = registered().receipt(event("expert-submitted"), headers=())

    assert receipt.problem and receipt.problem.status == 415
    assert "add the header content-type: application/cloudevents+json" in receipt.problem.detail
