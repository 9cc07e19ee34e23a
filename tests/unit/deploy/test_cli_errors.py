"""What a person can mend is said in one sentence, whatever the command; a fault of ours keeps its traceback."""

import pytest
from typer.testing import CliRunner

from deploy.cli import app
from deploy.cli.errors import user_message

NOBODY = {"STACK_KAFKA": "127.0.0.1:1", "STACK_DATABASE": "postgresql://nobody:none@127.0.0.1:1/none"}
COMMANDS = ["status", "db status", "db migrate", "parked list", "parked show intake 1", "kafka plan", "kafka apply"]


def said(command: str, **environment: str) -> str:
    """What the command says as it fails."""
    result = CliRunner().invoke(app, command.split(), env=NOBODY | environment)
    assert (result.exit_code, isinstance(result.exception, SystemExit)) == (1, True), result.exception
    return result.stderr.strip()


@pytest.mark.parametrize("command", COMMANDS)
def test_a_stack_that_does_not_answer_is_one_sentence_that_says_what_to_do(command: str) -> None:
    sentence = said(command)

    assert "does not answer" in sentence
    assert "\n" not in sentence
    assert "is it running" in sentence or "make up" in sentence


@pytest.mark.parametrize("database", ["nonsense", "postgresql://nobody:none@nowhere.invalid/none"])
def test_a_database_address_that_leads_nowhere_is_one_sentence(database: str) -> None:
    assert "STACK_DATABASE" in said("db status", STACK_DATABASE=database)


def test_a_kafka_address_that_is_none_is_one_sentence() -> None:
    assert said("kafka plan", STACK_KAFKA="nonsense") == "'nonsense' is no address of Kafka: write host:port."


def test_half_the_settings_of_a_stack_are_one_sentence_that_names_the_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("STACK_KAFKA", raising=False)

    result = CliRunner().invoke(app, ["db", "status"], env={"STACK_DATABASE": NOBODY["STACK_DATABASE"]})

    assert "STACK_KAFKA" in result.stderr
    assert "\n" not in result.stderr.strip()


def test_a_fault_of_ours_is_not_hushed_up() -> None:
    assert user_message(KeyError("ours")) is None
    assert user_message(ValueError("ours")) is None
