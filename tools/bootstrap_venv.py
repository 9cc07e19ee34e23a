"""Installs locked packages and the project in `.venv`: `python3 tools/bootstrap_venv.py locks/run.txt`. Needs only Python.

pip installs uv from `locks/bootstrap.txt`; uv then makes `.venv` match the given lock. Every file is checked against its hash.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

VENV = Path(".venv")
PIP = VENV / "bin/pip"
OLDEST_PYTHON = (3, 11)
VERIFIED = ("--require-hashes", "--only-binary", ":all:")
ADVICE = "check the network and the free disk space, and try again."


def main(lock: str) -> None:
    if sys.version_info < OLDEST_PYTHON:
        version = "{}.{}".format(*sys.version_info)
        sys.exit(f"Tandem needs Python 3.11 or later and this is {version}: try `make PYTHON=python3.13`.")
    if not PIP.exists():
        create_venv()
    install_uv()
    print(f"Installing {lock} in {VENV}", flush=True)
    uv("sync", *VERIFIED, lock)
    uv("install", "--quiet", "--no-deps", "--no-build-isolation", "--editable", ".")


def create_venv() -> None:
    if subprocess.call([sys.executable, "-m", "venv", "--clear", str(VENV)]):
        sys.exit("Python could not create .venv: install its venv module (Debian: `apt install python3-venv`) and try again.")


def install_uv() -> None:
    options = ("--quiet", "--disable-pip-version-check", *VERIFIED)
    if subprocess.call([str(PIP), "install", *options, "--requirement", "locks/bootstrap.txt"]):
        sys.exit(f"uv could not be installed: {ADVICE}")


def uv(command: str, *arguments: str) -> None:
    if subprocess.call([str(VENV / "bin/uv"), "pip", command, "--python", str(VENV / "bin/python"), *arguments]):
        sys.exit(f"The packages could not be installed: {ADVICE} For a package index of your own, set UV_DEFAULT_INDEX.")


if __name__ == "__main__":
    main(sys.argv[1])
