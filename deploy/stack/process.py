"""Child processes: started with their output in a log file, awaited until ready, stopped or killed."""

import asyncio
import contextlib
import json
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from deploy.errors import UserError

ROOT = Path(__file__).parents[2]
LAUNCHER = Path(__file__).with_name("parent_death_signal.py")
READY_POLL_INTERVAL = 0.02


@dataclass(frozen=True)
class ManagedProcess:
    """A child process. `pid_file` exists while it runs; `log_offset` is where this run begins in its log file."""

    name: str
    process: asyncio.subprocess.Process
    pid_file: Path
    log: Path
    log_offset: int
    stop_signal: signal.Signals

    @property
    def alive(self) -> bool:
        return self.process.returncode is None

    def output(self) -> str:
        """The output of this run so far."""
        with self.log.open("rb") as log:
            log.seek(self.log_offset)
            return log.read().decode(errors="replace")

    def output_tail(self, lines: int = 15) -> str:
        return "\n".join(self.output().splitlines()[-lines:]) or "(it wrote nothing)"

    def exit_error(self) -> UserError:
        """Return an error that describes the exit and ends with the end of the log."""
        return UserError(f"{self.name} {self.describe_exit()}; the end of {self.log}:\n{self.output_tail()}")

    def describe_exit(self) -> str:
        """Describe the exit: `was killed by SIGKILL`, `exited with code 1`."""
        return describe_exit_code(self.process.returncode)

    async def wait_until(self, is_ready: Callable[[], Awaitable[bool]], within: float = 60) -> None:
        """Wait until the process is ready. If it exits first or is not ready `within` seconds, kill it and raise UserError."""
        try:
            async with asyncio.timeout(within):
                while not await is_ready():
                    if not self.alive:
                        raise self.exit_error()
                    await asyncio.sleep(READY_POLL_INTERVAL)
        except TimeoutError:
            await self.kill()
            raise UserError(
                f"{self.name} was not ready within {within:.0f} s, so it was stopped. Its data are kept: start again to give it "
                f"more time. The end of {self.log}:\n{self.output_tail()}"
            ) from None
        except BaseException:
            await self.kill()
            raise

    async def logged_ready(self) -> bool:
        """Return True once the process has logged the event `ready`."""
        return any(_is_ready_line(line) for line in self.output().splitlines())

    async def stop(self, grace_period: float = 20) -> None:
        """Send `stop_signal`; kill the process if it still runs after `grace_period` seconds."""
        self._signal(self.stop_signal)
        try:
            await asyncio.wait_for(self.process.wait(), grace_period)
            self.pid_file.unlink(missing_ok=True)
        except TimeoutError:
            await self.kill()

    async def kill(self) -> None:
        """Send SIGKILL to the process and its own children."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        await self.process.wait()
        self.pid_file.unlink(missing_ok=True)

    def _signal(self, number: signal.Signals) -> None:
        if self.alive:
            with contextlib.suppress(ProcessLookupError):
                self.process.send_signal(number)


def describe_exit_code(code: int | None) -> str:
    """Describe the exit of a process by its code; a negative one is the number of a signal."""
    return f"was killed by {signal.Signals(-code).name}" if code and code < 0 else f"exited with code {code}"


def _is_ready_line(line: str) -> bool:
    if not line.startswith("{"):
        return False
    try:
        return bool(json.loads(line).get("event") == "ready")
    except ValueError:
        return False


async def spawn(
    name: str,
    command: list[str],
    var: Path,
    *,
    stop_signal: signal.Signals = signal.SIGTERM,
    environment: Mapping[str, str] | None = None,
    unprivileged_folder: Path | None = None,
) -> ManagedProcess:
    """Start a command in its own session, with its output in `var/log/NAME.log` and its id in `var/run/NAME.pid`.

    It receives `stop_signal` when this process ends. `unprivileged_folder` is the data folder of a program that refuses to run
    as root (see `parent_death_signal.py`). Call from the main thread: the signal is tied to the thread that spawned.
    """
    log, pid_file = _prepare_files(var, name)
    launcher = [sys.executable, "-I", "-S", str(LAUNCHER), str(os.getpid()), str(int(stop_signal)), str(unprivileged_folder or "-")]
    with log.open("ab") as output:
        log_offset = output.tell()
        process = await asyncio.create_subprocess_exec(
            *launcher,
            *command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env=environment,
            cwd="/" if unprivileged_folder else ROOT,
            start_new_session=True,
        )
    pid_file.write_text(str(process.pid))
    return ManagedProcess(name, process, pid_file, log, log_offset, stop_signal)


def _prepare_files(var: Path, name: str) -> tuple[Path, Path]:
    """Create the folders of the log file and the pid file, and return both paths."""
    for folder in ("log", "run"):
        (var / folder).mkdir(parents=True, exist_ok=True)
    return var / f"log/{name}.log", var / f"run/{name}.pid"


async def run_to_completion(name: str, command: list[str], var: Path, *, unprivileged_folder: Path | None = None) -> None:
    """Run a command and wait for it. Raises UserError with the end of its log if it fails."""
    child = await spawn(name, command, var, unprivileged_folder=unprivileged_folder)
    try:
        if await child.process.wait():
            raise child.exit_error()
    finally:
        await child.kill()
