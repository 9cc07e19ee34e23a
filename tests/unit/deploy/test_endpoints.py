"""What a service process is told of the stack it runs on, and no more."""

from pathlib import Path

import pytest

from deploy.stack.endpoints import ROLES, Endpoints, environment

HERE = Endpoints(
    kafka="127.0.0.1:9092",
    database="postgresql://tandem:admins@127.0.0.1:5432/postgres",
    smtp_host="127.0.0.1",
    smtp_port=1025,
    pages_url="http://127.0.0.1:8080",
    pages_port=8080,
    mailbox_url="http://127.0.0.1:8025",
    passwords={role: f"p@ss/{role}" for role in ROLES},
    link_secret="signs",
    var=Path("/somewhere/var"),
)


def test_a_service_gets_the_database_with_its_own_role() -> None:
    told = environment(HERE, "matching")

    assert told["TANDEM_DATABASE"] == "postgresql://tandem_matching:p%40ss%2Ftandem_matching@127.0.0.1:5432/postgres"


def test_the_pages_run_with_the_role_of_notify() -> None:
    assert "//tandem_notify:" in environment(HERE, "pages")["TANDEM_DATABASE"]


def test_the_clock_moves_in_the_development_profile_alone() -> None:
    told = environment(HERE, "coaching")

    assert (told["TANDEM_PROFILE"], told["TANDEM_CLOCK_FILE"]) == ("development", "/somewhere/var/clock")


@pytest.mark.parametrize("process", ["intake", "matching", "coaching"])
def test_only_notify_knows_the_secret_of_the_links(process: str) -> None:
    assert "TANDEM_LINK_SECRET" not in environment(HERE, process)
    assert environment(HERE, "notify")["TANDEM_LINK_SECRET"] == "signs"


def test_a_stray_setting_of_the_shell_reaches_no_service(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TANDEM_STRAY", "1")

    assert "TANDEM_STRAY" not in environment(HERE, "intake")


def test_secrets_are_not_shown_with_the_rest() -> None:
    shown = repr(HERE)

    assert "admins" not in shown and "p@ss" not in shown and "signs" not in shown
