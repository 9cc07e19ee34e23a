"""Events out of files, and receipts in words."""

import asyncio
import json
from pathlib import Path
from typing import ClassVar, cast

import pytest
from typer.testing import CliRunner

from deploy.cli import app
from deploy.errors import UserError
from deploy.partner_client.client import Partner, Receipt, receipt
from deploy.partner_client.event_files import EventRecord, events
from deploy.partner_client.send import answered, checked, shown
from deploy.partner_client.topic_tail import RecordPosition, TopicTail
from shared.programme.readiness_catalogue import readiness_items
from tests.support.intake_harness import IntakeHarness, event

HERE = Path("events")


def test_a_file_holds_one_event_even_over_several_lines() -> None:
    (only,) = events(HERE, json.dumps(event("organisation-submitted"), indent=2).encode())

    assert (only.name, only.key) == ("events", b"org-1")


def test_a_file_holds_one_event_a_line_and_a_broken_line_is_sent_as_it_is() -> None:
    lines = [json.dumps(event("expert-submitted")), "", "{broken", '{"data": []}']

    made = events(HERE, "\n".join(lines).encode())

    assert [(one.name, one.key) for one in made] == [("events:1", b"expert-1"), ("events:3", None), ("events:4", None)]


def test_what_is_no_json_at_all_is_one_event() -> None:
    assert len(events(HERE, b"one\ntwo\xff\n")) == 1


def test_a_broken_event_over_several_lines_is_one_event() -> None:
    broken = json.dumps(event("readiness-reported"), indent=2).replace('"specversion"', "specversion")

    assert len(events(HERE, broken.replace("{\n        ", "{").replace("\n      }", "}").encode())) == 1


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b" \n", "events is empty"),
        (b"\xef\xbb\xbf{}", "events begins with a byte-order mark"),
        (b"\xff\xfe{\x00}\x00", "events begins with a byte-order mark"),
        (b'[{"id": "1"},\n{"id": "2"}]', "events holds a list"),
        (b'{\n  "id": "1"\n}\n{\n  "id": "2"\n}\n', "events holds several events over several lines"),
    ],
    ids=["nothing", "BOM", "UTF-16", "list", "several pretty-printed"],
)
def test_a_file_that_is_not_told_apart_into_events_is_refused_in_a_sentence(content: bytes, said: str) -> None:
    with pytest.raises(UserError, match=f"^{said}.*\\.$"):
        events(HERE, content)


def test_a_name_that_no_partner_can_have_is_refused_in_a_sentence() -> None:
    ran = CliRunner().invoke(app, ["contract", "check", "--partner", "Foo Bar"], input="{}")

    assert ran.exit_code == 1
    assert (
        ran.output
        == "'Foo Bar' is not a valid partner id: write two or more lowercase letters and digits, single hyphens between them.\n"
    )


def test_every_code_that_a_receipt_may_name_can_be_looked_up_with_what_it_asks() -> None:
    lines = CliRunner().invoke(app, ["contract", "items"], env={"COLUMNS": "200"}).output.splitlines()

    assert [line.split()[0] for line in lines[1:]] == list(readiness_items())
    assert all(item.english in line for item, line in zip(readiness_items().values(), lines[1:], strict=True))


def test_a_bad_address_is_told_in_words() -> None:
    coordinator = {"name": "Coördinator Eén", "email": "nobody"}
    made = events(HERE, json.dumps(event("organisation-submitted", coordinator=coordinator)).encode())

    ((_, outcome),) = checked("demo", made)

    assert outcome["problem"]["errors"] == [
        {"pointer": "/data/coordinator/email", "detail": "must be an e-mail address, as name@organisation.example"}
    ]


def test_checking_says_what_the_door_would_say() -> None:
    made = events(HERE, "\n".join(map(json.dumps, [event("organisation-submitted"), event("expert-submitted", hours=3)])).encode())

    outcomes = [outcome for _, outcome in checked("demo", made)]

    assert [outcome["outcome"] for outcome in outcomes] == ["accepted", "rejected"]
    assert outcomes[1]["problem"]["errors"] == [{"pointer": "/data/hours", "detail": "must be an object"}]


def test_a_receipt_is_told_with_its_pointers_and_never_as_markup() -> None:
    receipt = {
        "outcome": "rejected",
        "event_id": "[bold]",
        "problem": {
            "title": "T",
            "status": 409,
            "detail": "D.",
            "retryable": True,
            "missing": ["RC-003"],
            "errors": [{"pointer": "/data/hours", "detail": "why"}],
        },
    }

    assert list(shown("file", receipt, "rejected")) == [
        r"[red]rejected[/]  file  \[bold][dim][/]",
        "    [bold]T[/] (409; it may be accepted later). D.",
        "    [red]/data/hours[/]  why",
        "    [dim]missing:[/] RC-003",
    ]


def test_an_accepted_receipt_tells_the_tandem_id_and_what_is_still_missing() -> None:
    receipt = IntakeHarness().receipt(event("organisation-submitted"))

    lines = list(shown("file", {"outcome": "accepted", "tandem_id": str(receipt.tandem_id), "missing_b": ["RC-002"]}, "accepted"))

    assert str(receipt.tandem_id) in lines[0]
    assert lines[1] == "    [dim]before a vacancy (gate B):[/] RC-002"


def test_what_a_vacancy_misses_is_told_as_its_own() -> None:
    told = {"outcome": "accepted", "about": "vacancy/1", "missing_b": [], "missing_s": ["RC-301"]}

    assert list(shown("file", told, "accepted"))[1:] == [
        "    [dim]before the first day of this vacancy (gate S):[/] RC-301",
        "    [dim]`tandem contract items` says what each code asks[/]",
    ]


class Unheard:
    """A partner of whose records nobody says anything."""

    published: ClassVar = {RecordPosition("t", 0, nth): EventRecord(f"event {nth}", None, b"") for nth in range(7)}
    receipts: ClassVar = TopicTail[Receipt]("nowhere", [], receipt)


async def test_who_gets_no_receipt_hears_where_to_look(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Unheard.receipts, "_reading", asyncio.get_running_loop().create_future(), raising=False)

    with pytest.raises(UserError, match=r"within 0 s for event 0, .*, event 4 and 2 more\. .*`tandem status`"):
        _ = [one async for one in answered(cast(Partner, Unheard()), 0, 0.01)]
