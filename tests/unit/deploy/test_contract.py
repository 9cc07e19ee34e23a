"""Events from files, and receipts in the terminal."""

import asyncio
import json
import re
from datetime import timedelta
from pathlib import Path
from typing import ClassVar, cast

import pytest
from typer.testing import CliRunner

from deploy.cli import app
from deploy.errors import UserError
from deploy.operations import dev_clock
from deploy.partner_client.check import check
from deploy.partner_client.client import PartnerClient, Receipt, decode_receipt
from deploy.partner_client.event_files import parse_events
from deploy.partner_client.receipts_view import receipt_lines
from deploy.partner_client.record import EventRecord, RecordPosition
from deploy.partner_client.send import wait_for_receipts
from deploy.partner_client.topic_tail import TopicTail
from deploy.stack import current_stack
from deploy.stack.instance_lock import instance_lock
from services.intake.contract import KINDS
from services.intake.problems import SEE_ERRORS
from shared.programme.readiness_catalogue import readiness_items
from tests.support.intake_harness import IntakeHarness, event

PATH = Path("events")
NOW = dev_clock.real_now()


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


def listed_items() -> list[str]:
    return CliRunner().invoke(app, ["contract", "items"], env={"COLUMNS": "250"}).output.splitlines()


def test_every_readiness_code_can_be_looked_up() -> None:
    lines = listed_items()

    assert [line.split()[0] for line in lines[1:]] == list(readiness_items())
    assert all(item.english in line for item, line in zip(readiness_items().values(), lines[1:], strict=True))


def test_item_that_is_not_asked_of_all_is_marked() -> None:
    conditions = {"always": "", "municipality": "(only for some sectors)", "tandem": "(only with a tandem partner)"}

    for item, line in zip(readiness_items().values(), listed_items()[1:], strict=True):
        assert "".join(re.findall(r"\(only [^)]*\)", line)) == conditions[item.condition]


@pytest.fixture
def ahead(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> timedelta:
    """A stack elsewhere whose clock is this far ahead."""
    monkeypatch.setattr(current_stack, "VAR", tmp_path)
    for name, value in {"STACK_KAFKA": "127.0.0.1:1", "STACK_VAR": str(tmp_path)}.items():
        monkeypatch.setenv(name, value)
    dev_clock.write(tmp_path / "clock", timedelta(days=200))
    return timedelta(days=200)


def example(kind: str) -> str:
    return CliRunner().invoke(app, ["contract", "example", kind]).output


@pytest.mark.parametrize("kind", KINDS)
def test_example_is_valid_on_the_stacks_clock(kind: str, ahead: timedelta) -> None:
    printed = example(kind)
    event, date = json.loads(printed), (NOW + ahead).date()

    checked = CliRunner().invoke(app, ["contract", "check"], input=printed)

    assert event["time"].startswith(str(date))
    assert all(event["data"][name] > str(date) for name in ("starts_on", "available_from") if name in event["data"])
    assert checked.exit_code == 0
    assert checked.output.startswith(f"Checked as on {date}: the stack's clock shows that date.\nvalid ")


def test_time_that_is_ahead_of_the_stacks_clock_is_rejected_by_check(ahead: timedelta, tmp_path: Path) -> None:
    printed = example("organisation-submitted")
    (tmp_path / "clock").unlink()

    checked = CliRunner().invoke(app, ["contract", "check"], input=printed)

    assert checked.exit_code == 1
    assert "/time" in checked.output and "Checked as on" not in checked.output


def test_clock_of_a_local_stack_is_found(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(current_stack, "VAR", tmp_path)
    assert current_stack.clock_file() is None

    with instance_lock(tmp_path, tmp_path / "up"):
        assert current_stack.clock_file() == tmp_path / "up/clock"


def test_clock_of_a_stack_elsewhere_is_not_assumed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(current_stack, "VAR", tmp_path)
    monkeypatch.setenv("STACK_KAFKA", "127.0.0.1:1")

    with instance_lock(tmp_path, tmp_path / "up"):
        assert current_stack.clock_file() is None


def test_invalid_email_address_is_explained() -> None:
    coordinator = {"name": "Coördinator Eén", "email": "invalid"}
    records = parse_events(PATH, json.dumps(event("organisation-submitted", coordinator=coordinator)).encode())

    ((_, outcome),) = check("demo", records, NOW)

    (error,) = outcome["problem"]["errors"]
    assert error["pointer"] == "/data/coordinator/email"
    assert error["detail"].startswith("must be one plain email address, such as name@organisation.example")


def test_check_validates_as_intake_does() -> None:
    records = parse_events(
        PATH, "\n".join(map(json.dumps, [event("organisation-submitted"), event("expert-submitted", hours=3)])).encode()
    )

    outcomes = [outcome for _, outcome in check("demo", records, NOW)]

    assert [outcome["outcome"] for outcome in outcomes] == ["accepted", "rejected"]
    assert outcomes[1]["problem"]["errors"] == [{"pointer": "/data/hours", "detail": "must be an object"}]


def test_receipt_is_shown_with_its_pointers_and_without_its_markup() -> None:
    receipt = {
        "outcome": "rejected",
        "event_id": "[bold]",
        "problem": {
            "title": "T",
            "status": 409,
            "detail": f"D. {SEE_ERRORS} And more.",
            "retryable": True,
            "missing": ["RC-003"],
            "errors": [{"pointer": "/data/hours", "detail": "why"}],
        },
    }

    assert list(receipt_lines("file", receipt, "rejected")) == [
        r"[red]rejected[/]  file  \[bold][dim][/]",
        "    [bold]T[/] (409; it may be accepted later). D. And more.",
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
