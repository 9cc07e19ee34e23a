"""The environment of a service process: the settings of its stack, and no others."""

from pathlib import Path

import pytest

from deploy.stack.endpoints import ROLES, Endpoints, environment

ENDPOINTS = Endpoints(
    kafka="127.0.0.1:9092",
    database="postgresql://tandem:admins@127.0.0.1:5432/postgres",
    smtp_host="127.0.0.1",
    smtp_port=1025,
    pages_url="http://127.0.0.1:8080",
    pages_port=8080,
    mail_catcher_url="http://127.0.0.1:8025",
    passwords={role: f"p@ss/{role}" for role in ROLES},
    link_secret="signs",
    person_secret="hashes",
    var=Path("/somewhere/var"),
)


def test_service_connects_with_its_own_role() -> None:
    variables = environment(ENDPOINTS, "matching")

    assert variables["TANDEM_DATABASE"] == "postgresql://tandem_matching:p%40ss%2Ftandem_matching@127.0.0.1:5432/postgres"


def test_pages_connect_with_the_role_of_notify() -> None:
    assert "//tandem_notify:" in environment(ENDPOINTS, "pages")["TANDEM_DATABASE"]


def test_clock_file_is_set_with_the_development_profile() -> None:
    variables = environment(ENDPOINTS, "coaching")

    assert (variables["TANDEM_PROFILE"], variables["TANDEM_CLOCK_FILE"]) == ("development", "/somewhere/var/clock")


@pytest.mark.parametrize("process", ["intake", "matching", "coaching"])
def test_only_notify_gets_the_link_secret(process: str) -> None:
    assert "TANDEM_LINK_SECRET" not in environment(ENDPOINTS, process)
    assert environment(ENDPOINTS, "notify")["TANDEM_LINK_SECRET"] == "signs"


@pytest.mark.parametrize("process", ["notify", "pages", "matching", "coaching"])
def test_only_intake_gets_the_person_secret(process: str) -> None:
    assert "TANDEM_PERSON_SECRET" not in environment(ENDPOINTS, process)
    assert environment(ENDPOINTS, "intake")["TANDEM_PERSON_SECRET"] == "hashes"


def test_stray_variable_of_the_shell_reaches_no_service(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TANDEM_STRAY", "1")

    assert "TANDEM_STRAY" not in environment(ENDPOINTS, "intake")


def test_repr_shows_no_secrets() -> None:
    text = repr(ENDPOINTS)

    assert "admins" not in text and "p@ss" not in text and "signs" not in text and "hashes" not in text
