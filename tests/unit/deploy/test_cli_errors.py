"""Errors that the user can fix are one sentence, whatever the command; a bug keeps its traceback."""

import pytest
from typer.testing import CliRunner

from deploy.cli import app
from deploy.cli.errors import user_message

UNREACHABLE = {"STACK_KAFKA": "127.0.0.1:1", "STACK_DATABASE": "postgresql://user:password@127.0.0.1:1/none"}
COMMANDS = ["status", "db status", "db migrate", "dead-letters list", "dead-letters show intake 1", "kafka plan", "kafka apply"]


def error_of(command: str, **environment: str) -> str:
    """The error output of a command that fails."""
    result = CliRunner().invoke(app, command.split(), env=UNREACHABLE | environment)
    assert (result.exit_code, isinstance(result.exception, SystemExit)) == (1, True), result.exception
    return result.stderr.strip()


@pytest.mark.parametrize("command", COMMANDS)
def test_unreachable_stack_is_one_sentence_with_what_to_do(command: str) -> None:
    sentence = error_of(command)

    assert "does not answer" in sentence
    assert "\n" not in sentence
    assert "is it running" in sentence or "make up" in sentence


@pytest.mark.parametrize("database", ["nonsense", "postgresql://user:password@nowhere.invalid/none"])
def test_unusable_database_url_is_one_sentence(database: str) -> None:
    assert "STACK_DATABASE" in error_of("db status", STACK_DATABASE=database)


def test_invalid_kafka_address_is_one_sentence() -> None:
    assert error_of("kafka plan", STACK_KAFKA="nonsense") == "'nonsense' is not a Kafka address: write host:port."


def test_missing_stack_settings_are_named_in_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("STACK_KAFKA", raising=False)

    result = CliRunner().invoke(app, ["db", "status"], env={"STACK_DATABASE": UNREACHABLE["STACK_DATABASE"]})

    assert "STACK_KAFKA" in result.stderr
    assert "\n" not in result.stderr.strip()


def test_bug_has_no_user_message() -> None:
    assert user_message(KeyError("bug")) is None
    assert user_message(ValueError("bug")) is None
