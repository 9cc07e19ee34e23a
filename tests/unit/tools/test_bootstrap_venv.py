"""The installer: of several at once, one installs and the others wait for it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[3] / "tools/bootstrap_venv.py"
INPUTS = ("locks/bootstrap.txt", "locks/run.txt", "pyproject.toml")
STAND_IN = """#!/bin/sh
echo "$*" >> calls
case "$*" in *sync*) touch installing; while [ ! -e proceed ]; do sleep 0.05; done;; esac
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A folder with the installer's inputs, and a virtual environment whose pip and uv only note that they were called."""
    for folder in ("locks", "tools", ".venv/bin"):
        (tmp_path / folder).mkdir(parents=True)
    for name in INPUTS:
        (tmp_path / name).touch()
    for name in ("pip", "uv"):
        (tmp_path / ".venv/bin" / name).write_text(STAND_IN)
        (tmp_path / ".venv/bin" / name).chmod(0o755)
    (tmp_path / "tools/bootstrap_venv.py").write_text(SCRIPT.read_text())
    return tmp_path


def start(checkout: Path) -> "subprocess.Popen[str]":
    command = [sys.executable, "tools/bootstrap_venv.py", "locks/run.txt", ".venv/.run", *INPUTS]
    return subprocess.Popen(command, cwd=checkout, stdout=subprocess.PIPE, text=True)


def line(installer: "subprocess.Popen[str]") -> str:
    assert installer.stdout is not None
    return installer.stdout.readline()


def installations(checkout: Path) -> int:
    calls = [call for call in (checkout / "calls").read_text().splitlines() if call.startswith("pip sync")]
    assert all("--quiet" in call for call in calls)
    return len(calls)


def test_second_installer_waits_and_then_has_nothing_to_do(checkout: Path) -> None:
    first = start(checkout)
    assert line(first) == "Installing locks/run.txt in .venv\n"
    second = start(checkout)
    assert line(second) == "Another `make` is installing in .venv; waiting for it.\n"

    (checkout / "proceed").touch()

    assert (first.communicate()[0], second.communicate()[0]) == ("", "")
    assert (first.returncode, second.returncode, installations(checkout)) == (0, 0, 1)


def test_second_installer_takes_over_when_the_first_is_killed(checkout: Path) -> None:
    first = start(checkout)
    line(first)
    second = start(checkout)
    line(second)

    first.kill()
    (checkout / "proceed").touch()

    assert second.communicate()[0] == "Installing locks/run.txt in .venv\n"
    first.communicate()
    assert (second.returncode, installations(checkout)) == (0, 2)


def test_changed_lock_is_installed_again(checkout: Path) -> None:
    (checkout / "proceed").touch()
    start(checkout).communicate()
    later = (checkout / ".venv/.run").stat().st_mtime + 1
    os.utime(checkout / "locks/run.txt", (later, later))

    start(checkout).communicate()

    assert installations(checkout) == 2
