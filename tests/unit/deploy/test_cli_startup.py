"""Commands start fast: each imports only the libraries that it needs."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.stack.current_stack import ROOT

RUN = """
import sys
from deploy.cli import app
try:
    app(sys.argv[1:])
finally:
    print(*(module for module in sys.modules if "." not in module), file=sys.stderr)
"""
SLOW = {"aiokafka", "asyncpg", "holidays", "httpx", "kafka", "pydantic", "pygments", "rich"}


def imported_by(command: str, var: Path) -> set[str]:
    """Run a command in a folder without a stack and return the modules that it imported."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("STACK_")}
    environment |= {"STACK_VAR": str(var), "PYTHONPATH": str(ROOT)}
    event = (ROOT / "services/intake/contract/examples/organisation-submitted.json").read_bytes()
    result = subprocess.run([sys.executable, "-c", RUN, *command.split()], env=environment, input=event, capture_output=True)
    return set(result.stderr.decode().split())


@pytest.mark.parametrize(
    ("command", "needed"),
    [
        ("--help", set()),
        ("--version", set()),
        ("contract --help", set()),
        ("down", set()),
        ("contract example organisation-submitted", {"pydantic"}),
        ("contract schema organisation-submitted", {"pydantic"}),
        ("contract kinds", {"pydantic", "rich"}),
        ("contract check", {"pydantic", "rich"}),
        ("clock show", {"rich"}),
        ("status", {"rich"}),
        ("dead-letters list", {"asyncpg", "rich"}),
    ],
)
def test_command_imports_no_library_that_it_does_not_need(command: str, needed: set[str], tmp_path: Path) -> None:
    assert imported_by(command, tmp_path) & SLOW <= needed
