"""The policy file: the same rules for addresses, names, numbers and zones as partners' events."""

import tomllib
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from services.matching.app import service
from services.notify.app import pages
from shared.programme.policy import InvalidPolicy, Policy, load_policy
from shared.runtime.process import run

POLICY = tomllib.loads(Path("deploy/config/policy.toml").read_text())
CONTACT = POLICY["mediator"]


def errors_of(**changed: Any) -> list[tuple[str | int, ...]]:
    try:
        Policy.model_validate({**POLICY, **changed})
    except ValidationError as error:
        return [found["loc"] for found in error.errors()]
    return []


@pytest.mark.parametrize(
    "address", ["foo<bar@huis.example", "a,b@huis.example", "jörg@huis.example", "jan@huis", "Jan <jan@huis.example>"]
)
def test_every_address_of_the_policy_is_plain(address: str) -> None:
    assert errors_of(sender_address=address) == [("sender_address",)]
    for role in ("mediator", "advice_team", "lead"):
        assert errors_of(**{role: {**CONTACT, "email": address}}) == [(role, "email")]


@pytest.mark.parametrize("name", ["\u200b\u200b", "Jan\u202egnirts", "Jan\u2028Bcc: x", "www.huis.example"])
def test_every_contact_has_a_name_that_a_reader_sees(name: str) -> None:
    assert errors_of(lead={**CONTACT, "name": name}) == [("lead", "name")]


@pytest.mark.parametrize("name", ["", "\u200b", "a\nb", "a\u2028b"])
def test_programme_and_sender_have_a_name_on_one_line(name: str) -> None:
    assert errors_of(programme=name) == [("programme",)]
    assert errors_of(sender_name=name) == [("sender_name",)]


def test_phone_numbers_and_zones_are_real_ones() -> None:
    assert errors_of(lead={**CONTACT, "phone": "+          "}) == [("lead", "phone")]
    assert errors_of(zone="Factory") == [("zone",)]


def test_international_domain_names_travel_in_ascii() -> None:
    assert Policy.model_validate({**POLICY, "sender_address": "info@straße.example"}).sender_address == "info@xn--strae-oqa.example"


@pytest.mark.parametrize(
    "content",
    [
        b"version = 'secret'",
        b"secret = 1",
        b"version = secret",
        b"\xff",
        b"version = " + b"1" * 5_000,
        b"version = " + b"[" * 5_000,
        b"lead = {name = 'secret', email = 'secret'}",
    ],
    ids=["invalid", "unknown", "no TOML", "no UTF-8", "long number", "nested", "contact"],
)
def test_invalid_file_is_described_without_its_values(tmp_path: Path, content: bytes) -> None:
    (file := tmp_path / "policy.toml").write_bytes(content)

    with pytest.raises(InvalidPolicy, match=r"policy\.toml must be corrected: ") as error:
        load_policy(file)

    assert "'secret'" not in str(error.value)


def test_rule_of_the_programme_is_explained_in_our_own_words(tmp_path: Path) -> None:
    (file := tmp_path / "policy.toml").write_text('sender_name = "Armoede"')

    with pytest.raises(InvalidPolicy, match="sender_name: bystanders can read this name"):
        load_policy(file)


def test_missing_file_is_described(tmp_path: Path) -> None:
    with pytest.raises(InvalidPolicy, match="cannot be read"):
        load_policy(tmp_path / "policy.toml")


def test_process_with_an_invalid_policy_ends_with_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (file := tmp_path / "policy.toml").write_text("version = 0")
    monkeypatch.setenv("TANDEM_DATABASE", "postgresql://x")
    monkeypatch.setenv("TANDEM_POLICY", str(file))

    with pytest.raises(SystemExit, match="must be corrected: version: "):
        run(service)


def test_process_without_a_proper_secret_ends_with_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TANDEM_DATABASE", "postgresql://x")
    monkeypatch.setenv("TANDEM_LINK_SECRET", "short")

    with pytest.raises(SystemExit, match="TANDEM_LINK_SECRET must have at least"):
        run(pages, "pages")
