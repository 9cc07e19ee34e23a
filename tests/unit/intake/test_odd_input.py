"""Odd but real input at the entry: addresses, names, zones, numbers, times and attributes."""

import json
from typing import Any

import pytest

from tests.support.intake_harness import IntakeHarness, event


def errors_of(made: Any) -> list[str]:
    body = made if isinstance(made, bytes) else json.dumps(made).encode()
    problem = IntakeHarness().receipt(body).problem
    return [error.pointer for error in problem.errors] if problem else []


def person(**changed: Any) -> dict[str, Any]:
    return {"name": "Coördinator Eén", "email": "coordinator@huis.example", **changed}


@pytest.mark.parametrize("address", ["foo<bar@huis.example", "a,b@huis.example", "jörg@huis.example", "jan\u007f@huis.example"])
def test_no_event_carries_an_address_that_is_not_plain(address: str) -> None:
    partner = {"form": "fixed_one_to_one", "partner_type": "helper", "partners": [{**person(email=address), "willing": True}]}

    assert errors_of(event("organisation-submitted", coordinator=person(email=address))) == ["/data/coordinator/email"]
    assert errors_of(event("expert-submitted", email=address)) == ["/data/email"]
    assert errors_of(event("vacancy-submitted", tandem=partner)) == ["/data/tandem/partners/0/email"]


@pytest.mark.parametrize(
    "name", ["\u200b", "Jan \u202egnirts", "Jan\u2028Bcc: x", "https://huis.example", "Jan www.huis.example", "\u3164"]
)
def test_no_name_or_title_is_invisible_turns_the_line_or_is_a_link(name: str) -> None:
    dialogue = {"owner": name, "hours_per_week": 2}

    assert errors_of(event("organisation-submitted", coordinator=person(name=name), name=name, place=name, dialogue=dialogue)) == [
        "/data/name", "/data/place", "/data/dialogue/owner", "/data/coordinator/name",
    ]  # fmt: skip
    assert errors_of(event("expert-submitted", name=name)) == ["/data/name"]
    assert errors_of(event("vacancy-submitted", title=name, place=name)) == ["/data/title", "/data/place"]


@pytest.mark.parametrize(
    "zone", ["Factory", "localtime", "EST", "posixrules", "Etc/Unknown", "../etc/passwd", "europe/brussels", ""]
)
def test_a_zone_is_that_of_a_place(zone: str) -> None:
    assert errors_of(event("organisation-submitted", zone=zone)) == ["/data/zone"]
    assert errors_of(event("expert-submitted", zone=zone)) == ["/data/zone"]


@pytest.mark.parametrize(
    "phone", ["+          ", "+0 2 000 00 00", "+32 2", "+32  2 000 00 00", "+32 2 000 00 00 ", "+1234567890123456", ""]
)
def test_a_phone_number_has_digits(phone: str) -> None:
    assert errors_of(event("expert-submitted", phone=phone)) == ["/data/phone"]


@pytest.mark.parametrize("number", ["1e400", "-1e400", "1" + "0" * 400 + ".0"])
def test_a_number_beyond_a_double_is_refused_wherever_it_stands(number: str) -> None:
    body = json.dumps(event("expert-submitted", own={"size": [1]})).replace("[1]", f"[{number}]").encode()

    assert errors_of(body) == ["/data/own/size/0"]


@pytest.mark.parametrize(
    ("time", "accepted"),
    [
        ("2016-12-31T23:59:60Z", True), ("2017-01-01T00:59:60+01:00", True), ("2016-12-31T22:59:60Z", False),
        ("2016-12-31T23:59:61Z", False), ("2026-11-20T09:30:00.1234567890+01:00", True), ("2026-11-20T09:30:00.0000000000001Z",
        True),
        ("2026-11-20t09:30:00z", True), ("2026-11-20T09:30:00.Z", False), ("２０26-11-20T09:30:00Z", False),
    ],
)  # fmt: skip
def test_times_are_those_of_rfc_3339(time: str, accepted: bool) -> None:
    assert (errors_of(event("expert-submitted") | {"time": time}) == []) is accepted


@pytest.mark.parametrize("name", ["iodebeziumtxtotalorder", "x" * 200, "1"])
def test_extension_names_of_any_length_are_accepted_and_listed(name: str) -> None:
    receipt = IntakeHarness().receipt(event("expert-submitted") | {name: "1"})

    assert (receipt.outcome, receipt.unknown_attributes) == ("accepted", (name,))


@pytest.mark.parametrize(
    ("below", "accepted"),
    [
        ("", True), ("/", True), ("/desk", True), ("/desk/1?x=y#z", True), ("/..x", True), ("/a.b/c%20d", True), ("/../other",
        False),
        ("/%2e%2E/other", False), ("/.", False), ("/desk/..", False), ("/..%2fother", False), ("/a b", False), ("/é", False),
        ("-other", False), ("/..\\other", False),
    ],
)  # fmt: skip
def test_source_is_the_partners_own_or_a_path_below_it(below: str, accepted: bool) -> None:
    assert (errors_of(event("expert-submitted") | {"source": f"/partner/demo{below}"}) == []) is accepted


@pytest.mark.parametrize("attribute", ["id", "subject"])
@pytest.mark.parametrize("blank", ["", " ", "   ", "\xa0", "\u3000", "\u3164", "\u200b", "a\u202eb", "a\u2028b"])
def test_an_attribute_is_one_line_that_a_reader_sees(attribute: str, blank: str) -> None:
    assert errors_of(event("expert-submitted") | {attribute: blank}) == [f"/{attribute}"]
