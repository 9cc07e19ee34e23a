"""Errors that the user can fix are one sentence, whatever the command; a bug keeps its traceback."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import ValidationError
from typer.testing import CliRunner

from deploy.cli import app
from deploy.error_messages import user_message
from deploy.provision.topology import load_declaration
from deploy.stack import current_stack
from deploy.stack.current_stack import ROOT
from deploy.stack.endpoints import ROLES

UNREACHABLE = {"STACK_KAFKA": "127.0.0.1:1", "STACK_DATABASE": "postgresql://user:password@127.0.0.1:1/none"}
COMMANDS = ["status", "db status", "db migrate", "dead-letters list", "dead-letters show intake 1", "kafka plan", "kafka apply"]


@pytest.fixture
def no_stack(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """An empty folder in which no stack runs, and an environment that names none."""
    for name in [name for name in os.environ if name.startswith("STACK_")]:
        monkeypatch.delenv(name)
    monkeypatch.setattr(current_stack, "VAR", tmp_path)
    return tmp_path


def error_of(command: str, **environment: str) -> str:
    """The error output of a command that fails."""
    result = CliRunner().invoke(app, command.split(), env=UNREACHABLE | environment)
    assert (result.exit_code, isinstance(result.exception, SystemExit)) == (1, True), result.exception
    return result.stderr.strip()


@pytest.mark.parametrize("command", COMMANDS)
def test_unreachable_stack_is_one_sentence_with_what_to_do(command: str) -> None:
    sentence = error_of(command, **{f"STACK_PASSWORDS__{role}".upper(): "password" for role in ROLES})

    assert "does not answer" in sentence
    assert "\n" not in sentence
    assert "is it running" in sentence or "make up" in sentence


@pytest.mark.parametrize("database", ["nonsense", "postgresql://user:password@nowhere.invalid/none"])
def test_unusable_database_url_is_one_sentence(database: str) -> None:
    assert "STACK_DATABASE" in error_of("db status", STACK_DATABASE=database)


def test_invalid_kafka_address_is_one_sentence() -> None:
    assert error_of("kafka plan", STACK_KAFKA="nonsense") == "'nonsense' is not a Kafka address: write host:port."


@pytest.mark.parametrize("name", ["STACK_KAFKA", "STACK_DATABASE", "STACK_PAGES_URL", "STACK_PASSWORDS__TANDEM_INTAKE"])
@pytest.mark.parametrize("command", ["status", "db status"])
def test_half_of_an_external_stack_is_refused_with_what_is_missing(name: str, command: str, no_stack: Path) -> None:
    result = CliRunner().invoke(app, command.split(), env={name: UNREACHABLE.get(name, "value")})

    assert result.exit_code == 1
    for missing in {"STACK_KAFKA", "STACK_DATABASE"} - {name}:
        assert missing in result.stderr
    assert "\n" not in result.stderr.strip()


@pytest.mark.parametrize("command", ["up", "down", "demo"])
def test_command_for_this_checkout_is_refused_while_the_environment_names_another_stack(command: str, no_stack: Path) -> None:
    assert "STACK_KAFKA, STACK_DATABASE names another: unset it first" in error_of(command)


@pytest.mark.parametrize("command", ["clock to 2027-02-12", "clock reset", "clock show"])
@pytest.mark.parametrize("var", ["", "/nowhere"])
def test_clock_of_a_stack_elsewhere_is_moved_only_where_its_file_is(command: str, var: str, no_stack: Path) -> None:
    assert error_of(command, STACK_VAR=var) == (
        "The clock of this stack can only be moved where its clock file is: set STACK_VAR to that folder."
    )
    assert not list(no_stack.iterdir())


def test_simulation_of_a_stack_elsewhere_needs_its_emails_and_pages(no_stack: Path) -> None:
    assert "set STACK_MAIL_CATCHER_URL to" in error_of("simulate", STACK_PAGES_URL="http://127.0.0.1:1")
    assert "set STACK_PAGES_URL and STACK_MAIL_CATCHER_URL to" in error_of("simulate")


def test_migration_elsewhere_names_each_password_that_is_not_set(no_stack: Path) -> None:
    given = {"STACK_PASSWORDS__TANDEM_MATCHING": "m", "STACK_PASSWORDS__tandem_notify": "n"}

    assert error_of("db migrate", **given) == (
        "Set STACK_PASSWORDS__TANDEM_INTAKE, STACK_PASSWORDS__TANDEM_COACHING: "
        "the passwords that the services' roles get in the database."
    )


def test_invalid_declaration_of_topics_is_one_sentence(tmp_path: Path) -> None:
    file = tmp_path / "topology.toml"
    file.write_text('replication_factor = "many"')
    with pytest.raises(ValidationError) as raised:
        load_declaration(file)

    sentence = user_message(raised.value)

    assert sentence and sentence.startswith("topology.toml must be corrected: ")
    assert "Value error" not in sentence and "\n" not in sentence


def test_help_of_the_clock_is_written_in_sentences() -> None:
    text = " ".join(CliRunner().invoke(app, ["clock", "to", "--help"]).output.split())

    assert "[OPTIONS] {MOMENT}" in text
    assert "The clock can be set at most five years from the real time." in text


def test_empty_variable_counts_as_unset(no_stack: Path) -> None:
    result = CliRunner().invoke(app, ["status"], env=dict.fromkeys(UNREACHABLE, ""))

    assert (result.exit_code, result.stdout[:16]) == (3, "Nothing runs in ")


def test_status_without_a_stack_names_the_folder_and_exits_with_3(no_stack: Path) -> None:
    result = CliRunner().invoke(app, ["status"])

    assert (result.exit_code, result.stdout.partition(": ")[0]) == (3, f"Nothing runs in {no_stack}")


def test_version_is_that_of_the_project() -> None:
    assert CliRunner().invoke(app, ["--version"]).stdout == "tandem 0.1.0\n"


def test_commands_find_the_checkout_from_any_folder(tmp_path: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("STACK_")} | {"PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", "from deploy.stack.current_stack import VAR; print(VAR)"]

    output = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True).stdout

    assert Path(output.strip()) == ROOT / "var"


def test_bug_has_no_user_message() -> None:
    assert user_message(KeyError("bug")) is None
    assert user_message(ValueError("bug")) is None
