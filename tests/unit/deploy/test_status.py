"""`tandem status` shows what is known of a stack, and assumes nothing."""

from datetime import timedelta
from pathlib import Path

import pytest
from rich.console import Console
from rich.table import Table

from deploy.operations import dev_clock
from deploy.stack import current_stack, status
from deploy.stack.external_stack import ExternalStackSettings
from tests.unit.deploy.test_endpoints import ENDPOINTS

NAMED = {"STACK_KAFKA": "kafka.example:9092", "STACK_DATABASE": "postgresql://user:password@db.example/tandem"}


@pytest.fixture
def external(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """An environment that names a stack elsewhere, and the folder of a local one with a clock and logs."""
    monkeypatch.setattr(current_stack, "VAR", tmp_path)
    for name, value in NAMED.items():
        monkeypatch.setenv(name, value)
    (tmp_path / "log").mkdir()
    dev_clock.write(tmp_path / "clock", timedelta(days=200))
    return tmp_path


def shown(*parts: str | Table) -> str:
    console = Console(width=150, force_terminal=False)
    with console.capture() as captured:
        for part in parts:
            console.print(part)
    return captured.get()


def status_of_the_environment() -> str:
    endpoints = ExternalStackSettings().endpoints()
    return shown(status.heading(endpoints), status.addresses_table(endpoints))


def test_only_what_was_set_is_shown_of_a_stack_elsewhere(external: Path) -> None:
    assert [line.strip() for line in status_of_the_environment().splitlines()] == [
        "The stack that the environment names.",
        "Kafka       kafka.example:9092",
        "PostgreSQL  db.example/tandem",
    ]


def test_everything_that_was_set_is_shown_of_a_stack_elsewhere(external: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STACK_VAR", str(external))
    monkeypatch.setenv("STACK_PAGES_URL", "http://pages.example")
    monkeypatch.setenv("STACK_MAIL_CATCHER_URL", "http://mail-catcher:8025")
    monkeypatch.setenv("STACK_PUBLIC_MAIL_CATCHER_URL", "http://127.0.0.1:8025")

    text = status_of_the_environment()

    assert "in Europe/Brussels, 200.0 days ahead" in text
    assert "Emails      http://127.0.0.1:8025" in text
    assert "Pages       http://pages.example" in text
    assert "Logs" in text


def test_local_stack_shows_all_addresses(tmp_path: Path) -> None:
    assert [line.split()[0] for line in shown(status.addresses_table(ENDPOINTS)).splitlines()] == [
        "Emails",
        "Pages",
        "Kafka",
        "PostgreSQL",
    ]


def test_each_column_of_the_processes_has_a_heading() -> None:
    table = status.processes_table([status.ProcessStatus("intake", 7, "")])

    assert [column.header for column in table.columns] == ["Process", "Process id", "Remark"]
