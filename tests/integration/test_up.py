"""A stack started by `tandem up`: killed processes, dead letters, failure of the database."""

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

from deploy.stack import ports_and_secrets
from deploy.stack.instance_lock import lock_holder
from deploy.stack.services import MODULES, ready_file

TANDEM = str(Path(sys.executable).with_name("tandem"))
ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith("STACK_")} | {"COLUMNS": "200"}


class UpStack:
    """The folder of a stack, and the command line for it."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.var = folder, folder / "var/up"
        self.environment = ENVIRONMENT | {"STACK_VAR": str(folder / "var")}

    def tandem(self, *arguments: str, exit_code: int = 0) -> str:
        """Run a command, check its exit code, and return its output."""
        command = [TANDEM, *arguments]
        result = subprocess.run(command, cwd="/", env=self.environment, capture_output=True, text=True, timeout=120)
        assert result.returncode == exit_code, result.stdout + result.stderr
        assert "Traceback" not in result.stderr
        return result.stdout + result.stderr

    def start_tandem(self, *arguments: str) -> "subprocess.Popen[str]":
        """Start a command and return without waiting for it; its errors are part of its output."""
        command, output = [TANDEM, *arguments], {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
        return subprocess.Popen(command, cwd="/", env=self.environment, **output)  # type: ignore[call-overload, no-any-return]

    def pid(self, name: str) -> int:
        return int((self.var / f"run/{name}.pid").read_text())

    def log(self) -> str:
        return (self.var / "log/supervisor.log").read_text()

    def is_ready(self, name: str) -> bool:
        return ready_file(self.var, name).exists()


@pytest.fixture(scope="module")
def up() -> Iterator[UpStack]:
    with tempfile.TemporaryDirectory(prefix="tandem-") as folder:
        Path(folder).chmod(0o711)
        stack = UpStack(Path(folder))
        stack.tandem("up")
        yield stack
        stack.tandem("down")


def wait_until(condition: Callable[[], bool], timeout: float = 60) -> None:
    deadline = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < deadline, "timed out"
        time.sleep(0.05)


def test_killed_processes_are_restarted_and_shown_in_status(up: UpStack) -> None:
    before = {name: up.pid(name) for name in MODULES}

    for pid in before.values():
        os.kill(pid, signal.SIGKILL)

    wait_until(lambda: all(up.pid(name) != before[name] and up.is_ready(name) for name in MODULES))
    log, status = up.log(), up.tandem("status")
    for name in MODULES:
        assert f"{name} was killed by SIGKILL: restarting it." in log
        assert re.search(rf"{name} +{up.pid(name)} +restarted 1 ×, last time killed by SIGKILL at ", status)


async def test_dead_letter_is_listed_shown_replayed_and_discarded(up: UpStack) -> None:
    assert up.tandem("dead-letters", "list") == "No dead letters.\n"
    assert up.tandem("dead-letters", "replay", "coaching") == "There is no failed message to replay.\n"

    async with AIOKafkaProducer(bootstrap_servers=ports_and_secrets.load(up.var).endpoints(up.var).kafka) as producer:
        await producer.send_and_wait("tandem.matching", b"not a message", b"a key")
    wait_until(lambda: bool(re.search(r"^ *coaching +1 ", up.tandem("dead-letters", "list"), re.MULTILINE)))

    assert "error" in up.tandem("dead-letters", "show", "coaching", "1")
    assert "not a message" in up.tandem("dead-letters", "show", "coaching", "1", "--value")
    assert "coaching has no dead letter 99" in up.tandem("dead-letters", "show", "coaching", "99", exit_code=1)
    assert "coaching has no dead letter 99" in up.tandem("dead-letters", "discard", "coaching", "99", "--yes", exit_code=1)
    assert up.tandem("dead-letters", "replay", "coaching", "99") == "There is no failed message to replay.\n"
    assert up.tandem("dead-letters", "replay", "coaching") == "Requested a replay of 1 in coaching.\n"
    assert re.search(r"dead letters: \d+ → tandem dead-letters list", up.tandem("status"))
    assert up.tandem("dead-letters", "discard", "coaching", "1", "--yes").endswith("Discarded.\n")
    assert not re.search(r"^ *coaching ", up.tandem("dead-letters", "list"), re.MULTILINE)


def test_second_stack_is_refused_with_the_running_one(up: UpStack) -> None:
    output = up.tandem("demo", exit_code=1)

    assert re.search(rf"already runs in {up.folder}/var: `make up` \(process \d+, since \d\d:\d\d \w+\)", output)


def test_second_up_shows_the_status_of_the_first(up: UpStack) -> None:
    before = up.pid("intake")

    assert "Tandem runs: `make up`" in up.tandem("up")
    assert up.pid("intake") == before


def test_failure_of_the_database_stops_everything_and_status_has_the_reason(up: UpStack) -> None:
    os.kill(up.pid("postgres"), signal.SIGKILL)

    wait_until(lambda: lock_holder(up.folder / "var") is None)
    assert "postgres was killed by SIGKILL, and nothing works without it: stopping everything." in up.log()
    assert re.match(
        rf"Nothing runs in {up.folder}/var: postgres was killed by SIGKILL at [\d :-]+ \w+, and everything stopped with it\. "
        "`make up` continues",
        up.tandem("status", exit_code=3),
    )


def test_two_ups_at_once_start_one_stack(up: UpStack) -> None:
    """Also after a kill of the database: it recovers while its port is open already."""
    starts = [up.start_tandem("up") for _ in range(2)]
    outputs = [start.communicate(timeout=120)[0] for start in starts]

    assert [start.returncode for start in starts] == [0, 0], outputs
    assert all("Tandem runs: `make up`" in output for output in outputs)
    assert sum("Another `up` is starting the stack" in output for output in outputs) == 1


def test_up_that_is_ended_by_down_gives_the_reason(up: UpStack) -> None:
    up.tandem("down")
    with subprocess.Popen(
        [TANDEM, "up"], cwd="/", env=up.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as start:
        wait_until(lambda: lock_holder(up.folder / "var") is not None)
        up.tandem("down")
        _, error = start.communicate(timeout=60)

    assert start.returncode == 1
    assert "Stopped, by `tandem down` or another signal" in error
