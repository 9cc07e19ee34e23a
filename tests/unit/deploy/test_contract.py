"""Events out of files, and receipts in words."""

import json
from pathlib import Path

from deploy.contract import checked, events, shown
from tests.contracts.books import Books, event

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
    receipt = Books().receipt(event("organisation-submitted"))

    lines = list(shown("file", {"outcome": "accepted", "tandem_id": str(receipt.tandem_id), "missing_b": ["RC-002"]}, "accepted"))

    assert str(receipt.tandem_id) in lines[0]
    assert lines[1] == "    [dim]before a vacancy (gate B):[/] RC-002"
