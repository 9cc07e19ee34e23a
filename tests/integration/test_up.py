"""A house that `tandem up` opened, as an operator has it: processes that die, messages that were put aside, its end."""

import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from aiokafka import AIOKafkaProducer

from deploy.stack.embedded import ports_and_secrets
from deploy.stack.instance_lock import lock_holder
from deploy.stack.services import MODULES, ready_file

TANDEM = Path(sys.executable).with_name("tandem")
WIDE = {name: value for name, value in os.environ.items() if not name.startswith("STACK_")} | {"COLUMNS": "200"}


class Up:
    """The folder of a house, and the command line in it."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.var = folder, folder / "var/up"

    def tandem(self, *words: str, code: int = 0) -> str:
        """What it prints, and it ends with this code."""
        ran = subprocess.run([TANDEM, *words], cwd=self.folder, env=WIDE, capture_output=True, text=True, timeout=120)
        assert ran.returncode == code, ran.stdout + ran.stderr
        assert "Traceback" not in ran.stderr
        return ran.stdout + ran.stderr

    def pid(self, name: str) -> int:
        return int((self.var / f"run/{name}.pid").read_text())

    def log(self) -> str:
        return (self.var / "log/supervisor.log").read_text()

    def is_well(self, name: str) -> bool:
        return ready_file(self.var, name).exists()


@pytest.fixture(scope="module")
def up() -> Iterator[Up]:
    with tempfile.TemporaryDirectory(prefix="tandem-") as folder:
        Path(folder).chmod(0o711)
        opened = Up(Path(folder))
        opened.tandem("up")
        yield opened
        opened.tandem("down")


def until(reached: Callable[[], bool], patience: float = 60) -> None:
    end = time.monotonic() + patience
    while not reached():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.05)


def test_processes_that_are_killed_are_started_again_and_status_says_so(up: Up) -> None:
    before = {name: up.pid(name) for name in MODULES}

    for pid in before.values():
        os.kill(pid, signal.SIGKILL)

    until(lambda: all(up.pid(name) != before[name] and up.is_well(name) for name in MODULES))
    log, status = up.log(), up.tandem("status")
    for name in MODULES:
        assert f"{name} was killed by SIGKILL: it is started again." in log
        assert re.search(rf"{name} +{up.pid(name)} +started again 1 × \(last: was killed by SIGKILL at ", status)


async def test_what_was_put_aside_is_listed_shown_tried_again_and_given_up(up: Up) -> None:
    assert up.tandem("parked", "list") == "Nothing is parked.\n"
    assert up.tandem("parked", "replay", "coaching") == "None of these waits to be asked.\n"

    async with AIOKafkaProducer(bootstrap_servers=ports_and_secrets.load(up.var).endpoints(up.var).kafka) as producer:
        await producer.send_and_wait("tandem.matching", b"no message", b"a key")
    until(lambda: bool(re.search(r"^ *coaching +1 ", up.tandem("parked", "list"), re.MULTILINE)))

    assert "error" in up.tandem("parked", "show", "coaching", "1")
    assert "no message" in up.tandem("parked", "show", "coaching", "1", "--value")
    assert "coaching has no parked message 99" in up.tandem("parked", "show", "coaching", "99", code=1)
    assert "coaching has no parked message 99" in up.tandem("parked", "discard", "coaching", "99", "--yes", code=1)
    assert up.tandem("parked", "replay", "coaching", "99") == "None of these waits to be asked.\n"
    assert up.tandem("parked", "replay", "coaching") == "Asked coaching to try 1 again.\n"
    assert re.search(r"parked \d+ → tandem parked list", up.tandem("status"))
    assert up.tandem("parked", "discard", "coaching", "1", "--yes").endswith("Given up.\n")
    assert not re.search(r"^ *coaching ", up.tandem("parked", "list"), re.MULTILINE)


def test_a_second_house_hears_which_runs(up: Up) -> None:
    said = up.tandem("demo", code=1)

    assert re.search(r"already runs in this folder: `make up` \(process \d+, since \d\d:\d\d\)", said)


def test_when_the_database_dies_everything_ends_and_status_says_why(up: Up) -> None:
    os.kill(up.pid("postgres"), signal.SIGKILL)

    until(lambda: lock_holder(up.folder / "var") is None)
    assert "postgres was killed by SIGKILL, and nothing works without it: everything ends." in up.log()
    assert re.match(
        r"Nothing runs here: postgres was killed by SIGKILL at [\d :-]+, and everything ended with it\. `make up` goes on",
        up.tandem("status"),
    )
