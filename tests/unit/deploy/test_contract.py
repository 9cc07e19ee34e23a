"""Events from files, and receipts in the terminal."""

import asyncio
import json
from pathlib import Path
from typing import ClassVar, cast

import pytest
from typer.testing import CliRunner

from deploy.cli import app
from deploy.errors import UserError
from deploy.partner_client.check import check
from deploy.partner_client.client import PartnerClient, Receipt, decode_receipt
from deploy.partner_client.event_files import parse_events
from deploy.partner_client.receipts_view import receipt_lines
from deploy.partner_client.record import EventRecord, RecordPosition
from deploy.partner_client.send import wait_for_receipts
from deploy.partner_client.topic_tail import TopicTail
from shared.programme.readiness_catalogue import readiness_items
from tests.support.intake_harness import IntakeHarness, event

PATH = Path("events")


def test_pretty_printed_event_is_one_record() -> None:
    (only,) = parse_events(PATH, json.dumps(event("organisation-submitted"), indent=2).encode())

    assert (only.name, only.key) == ("events", b"org-1")


def test_each_line_is_one_record_and_a_malformed_line_is_sent_unchanged() -> None:
    lines = [json.dumps(event("expert-submitted")), "", "{malformed", '{"data": []}']

    records = parse_events(PATH, "\n".join(lines).encode())

    assert [(one.name, one.key) for one in records] == [("events:1", b"expert-1"), ("events:3", None), ("events:4", None)]


def test_file_without_json_is_one_record() -> None:
    assert len(parse_events(PATH, b"one\ntwo\xff\n")) == 1


def test_malformed_pretty_printed_event_is_one_record() -> None:
    malformed = json.dumps(event("readiness-reported"), indent=2).replace('"specversion"', "specversion")

    assert len(parse_events(PATH, malformed.replace("{\n        ", "{").replace("\n      }", "}").encode())) == 1


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b" \n", "events is empty"),
        (b"\xef\xbb\xbf{}", "events begins with a byte-order mark"),
        (b"\xff\xfe{\x00}\x00", "events begins with a byte-order mark"),
        (b'[{"id": "1"},\n{"id": "2"}]', "events holds an array"),
        (b'{\n  "id": "1"\n}\n{\n  "id": "2"\n}\n', "events holds several pretty-printed events"),
    ],
    ids=["empty", "BOM", "UTF-16", "array", "several pretty-printed"],
)
def test_file_that_cannot_be_split_into_events_is_rejected_with_a_sentence(content: bytes, message: str) -> None:
    with pytest.raises(UserError, match=f"^{message}.*\\.$"):
        parse_events(PATH, content)


def test_invalid_partner_id_is_rejected_with_a_sentence() -> None:
    ran = CliRunner().invoke(app, ["contract", "check", "--partner", "Foo Bar"], input="{}")

    assert ran.exit_code == 1
    assert (
        ran.output
        == "'Foo Bar' is not a valid partner id: write two or more lowercase letters and digits, single hyphens between them.\n"
    )


def test_every_readiness_code_can_be_looked_up() -> None:
    lines = CliRunner().invoke(app, ["contract", "items"], env={"COLUMNS": "200"}).output.splitlines()

    assert [line.split()[0] for line in lines[1:]] == list(readiness_items())
    assert all(item.english in line for item, line in zip(readiness_items().values(), lines[1:], strict=True))


def test_invalid_email_address_is_explained() -> None:
    coordinator = {"name": "Coördinator Eén", "email": "invalid"}
    records = parse_events(PATH, json.dumps(event("organisation-submitted", coordinator=coordinator)).encode())

    ((_, outcome),) = check("demo", records)

    (error,) = outcome["problem"]["errors"]
    assert error["pointer"] == "/data/coordinator/email"
    assert error["detail"].startswith("must be one plain email address, such as name@organisation.example")


def test_check_validates_as_intake_does() -> None:
    records = parse_events(
        PATH, "\n".join(map(json.dumps, [event("organisation-submitted"), event("expert-submitted", hours=3)])).encode()
    )

    outcomes = [outcome for _, outcome in check("demo", records)]

    assert [outcome["outcome"] for outcome in outcomes] == ["accepted", "rejected"]
    assert outcomes[1]["problem"]["errors"] == [{"pointer": "/data/hours", "detail": "must be an object"}]


def test_receipt_is_shown_with_its_pointers_and_without_its_markup() -> None:
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

    assert list(receipt_lines("file", receipt, "rejected")) == [
        r"[red]rejected[/]  file  \[bold][dim][/]",
        "    [bold]T[/] (409; it may be accepted later). D.",
        "    [red]/data/hours[/]  why",
        "    [dim]missing:[/] RC-003",
    ]


def test_accepted_receipt_shows_the_tandem_id_and_the_missing_items() -> None:
    receipt = IntakeHarness().receipt(event("organisation-submitted"))

    lines = list(
        receipt_lines("file", {"outcome": "accepted", "tandem_id": str(receipt.tandem_id), "missing_b": ["RC-002"]}, "accepted")
    )

    assert str(receipt.tandem_id) in lines[0]
    assert lines[1] == "    [dim]before a vacancy (gate B):[/] RC-002"


def test_missing_items_of_a_vacancy_are_shown_as_such() -> None:
    receipt = {"outcome": "accepted", "about": "vacancy/1", "missing_b": [], "missing_s": ["RC-301"]}

    assert list(receipt_lines("file", receipt, "accepted"))[1:] == [
        "    [dim]before the first day of this vacancy (gate S):[/] RC-301",
        "    [dim]`tandem contract items` explains each code[/]",
    ]


class ClientWithoutReceipts:
    """A partner client that never receives a receipt."""

    published: ClassVar = {RecordPosition("t", 0, nth): EventRecord(f"event {nth}", None, b"") for nth in range(7)}
    receipts: ClassVar = TopicTail[Receipt]("unused", [], decode_receipt)


async def test_missing_receipts_are_named_with_where_to_look(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ClientWithoutReceipts.receipts, "_reader", asyncio.get_running_loop().create_future(), raising=False)

    with pytest.raises(UserError, match=r"within 0 s for event 0, .*, event 4 and 2 more\. .*`tandem status`"):
        _ = [one async for one in wait_for_receipts(cast(PartnerClient, ClientWithoutReceipts()), 0, 0.01)]
