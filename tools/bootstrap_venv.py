"""Builds `.venv` from a lock of hashes: `python3 tools/bootstrap_venv.py locks/run.txt`. Needs nothing but Python."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

VENV = Path(".venv")
PIP = VENV / "bin/pip"
OLDEST = (3, 11)
WIDTH = 20
STUCK = "The packages could not be installed: check the network and the room on the disk, and try again."


def main(lock: str) -> None:
    if sys.version_info < OLDEST:
        version = "{}.{}".format(*sys.version_info)
        sys.exit(f"Tandem needs Python 3.11 or later and this is {version}: try `make PYTHON=python3.13`.")
    if not PIP.exists():
        make_venv()
    install(lock)
    pip("--no-deps", "--no-build-isolation", "--editable", ".", on_line=lambda _: None)


def make_venv() -> None:
    if subprocess.call([sys.executable, "-m", "venv", "--clear", str(VENV)]):
        sys.exit("Python could not make .venv: install its venv module (Debian: `apt install python3-venv`) and try again.")


def install(lock: str) -> None:
    """Installs what the lock names, each file checked against its hash, with a bar."""
    total = sum("==" in line for line in Path(lock).read_text().splitlines())
    done = 0

    def count(line: str) -> None:
        nonlocal done
        done += line.startswith(("Collecting ", "Requirement already satisfied"))
        show(done, total)

    pip("--require-hashes", "--only-binary", ":all:", "--no-compile", "--requirement", lock, on_line=count)
    show(total, total)
    print()


def show(done: int, total: int) -> None:
    if sys.stdout.isatty() or done == total:
        filled = WIDTH * done // total
        print(f"\r  Packages of the lock {'━' * filled:{WIDTH}} {done}/{total}", end="", flush=True)


def pip(*arguments: str, on_line: Callable[[str], None]) -> None:
    """Runs `pip install`; when it fails, the end of what it said and what to do."""
    command = [str(PIP), "--disable-pip-version-check", "install", "--progress-bar", "off", *arguments]
    said = []
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as running:
        for line in running.stdout or ():
            said.append(line)
            on_line(line)
    if running.returncode:
        sys.exit("\n" + "".join(said[-5:]) + STUCK)


if __name__ == "__main__":
    main(sys.argv[1])
