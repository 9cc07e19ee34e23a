"""Installs locked packages and the project in `.venv`: `python3 tools/bootstrap_venv.py LOCK STAMP INPUT…`. Needs only Python.

pip installs uv from `locks/bootstrap.txt`; uv then makes `.venv` match the given lock. Every file is checked against its hash.
Of several at once, one installs and the others wait for it. STAMP is touched at the end; nothing is done if it is newer than
every INPUT.
"""

from __future__ import annotations

import fcntl
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

VENV = Path(".venv")
PIP = VENV / "bin/pip"
OLDEST_PYTHON = (3, 11)
VERIFIED = ("--require-hashes", "--only-binary", ":all:")
ADVICE = "check the network and the free disk space, and try again."


def main(lock: str, stamp: Path, *inputs: Path) -> None:
    if sys.version_info < OLDEST_PYTHON:
        version = "{}.{}".format(*sys.version_info)
        sys.exit(f"Tandem needs Python 3.11 or later and this is {version}: try `make PYTHON=python3.13`.")
    with sole_installer():
        if not is_current(stamp, inputs):
            install(lock)
            stamp.touch()


@contextmanager
def sole_installer() -> Iterator[None]:
    """Wait while another process installs in this folder. The lock ends with the process, however that ends."""
    with Path(__file__).open() as this_file:
        try:
            fcntl.flock(this_file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print(f"Another `make` is installing in {VENV}; waiting for it.", flush=True)
            fcntl.flock(this_file, fcntl.LOCK_EX)
        yield


def is_current(stamp: Path, inputs: Sequence[Path]) -> bool:
    """Return True if another process has installed meanwhile."""
    return stamp.exists() and all(stamp.stat().st_mtime >= input.stat().st_mtime for input in inputs)


def install(lock: str) -> None:
    if not PIP.exists():
        create_venv()
    install_uv()
    print(f"Installing {lock} in {VENV}", flush=True)
    uv("sync", "--quiet", *VERIFIED, lock)
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
    try:
        main(sys.argv[1], *map(Path, sys.argv[2:]))
    except KeyboardInterrupt:
        sys.exit("\nInterrupted: the next `make` installs what is missing.")
