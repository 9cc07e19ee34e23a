"""A process of our own: started on a leash, its output in a log, known to be ready, stopped or killed."""

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
LEASH = Path(__file__).with_name("parent_death_signal.py")


@dataclass(frozen=True)
class ManagedProcess:
    """One process; its id lies in `pid_file` while it runs, and `since` is where in its log this run begins."""

    name: str
    process: asyncio.subprocess.Process
    pid_file: Path
    log: Path
    since: int
    stop_signal: signal.Signals

    @property
    def alive(self) -> bool:
        return self.process.returncode is None

    def said(self) -> str:
        """What this run wrote to its log so far."""
        with self.log.open("rb") as log:
            log.seek(self.since)
            return log.read().decode(errors="replace")

    def tail(self, lines: int = 15) -> str:
        return "\n".join(self.said().splitlines()[-lines:])

    def died(self) -> UserError:
        return UserError(f"{self.name} ended with code {self.process.returncode}; the end of {self.log}:\n{self.tail()}")

    async def until(self, ready: Callable[[], Awaitable[bool]], patience: float = 60) -> None:
        """Returns when it is ready; killed and Trouble when it dies or is not ready within `patience` seconds."""
        try:
            async with asyncio.timeout(patience):
                while not await ready():
                    if not self.alive:
                        raise self.died()
                    await asyncio.sleep(0.02)
        except TimeoutError:
            await self.kill()
            raise UserError(f"{self.name} was not ready within {patience:.0f} s; the end of {self.log}:\n{self.tail()}") from None
        except BaseException:
            await self.kill()
            raise

    async def said_ready(self) -> bool:
        return any(is_ready_line(line) for line in self.said().splitlines())

    async def stop(self, patience: float = 20) -> None:
        """Asks it to end; after `patience` seconds it is killed."""
        self._signal(self.stop_signal)
        try:
            await asyncio.wait_for(self.process.wait(), patience)
            self.pid_file.unlink(missing_ok=True)
        except TimeoutError:
            await self.kill()

    async def kill(self) -> None:
        """SIGKILL, to its own children as well."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        await self.process.wait()
        self.pid_file.unlink(missing_ok=True)

    def _signal(self, number: signal.Signals) -> None:
        if self.alive:
            with contextlib.suppress(ProcessLookupError):
                self.process.send_signal(number)


def is_ready_line(line: str) -> bool:
    """Whether a line of a log is `{"event": "ready", …}`."""
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
    nobody: Path | None = None,
) -> ManagedProcess:
    """Starts a command in a session of its own, with `var/log/NAME.log` and `var/run/NAME.pid`.

    It gets `stop_signal` when we go. `nobody` is the folder of a program that refuses root: see `leash.py`.
    Call it from the main thread: the leash follows the thread that spawned.
    """
    log, pid_file = files(var, name)
    leash = [sys.executable, "-I", "-S", str(LEASH), str(os.getpid()), str(int(stop_signal)), str(nobody or "-")]
    with log.open("ab") as output:
        since = output.tell()
        process = await asyncio.create_subprocess_exec(
            *leash,
            *command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env=environment,
            cwd="/" if nobody else ROOT,
            start_new_session=True,
        )
    pid_file.write_text(str(process.pid))
    return ManagedProcess(name, process, pid_file, log, since, stop_signal)


def files(var: Path, name: str) -> tuple[Path, Path]:
    """Where a process of this name keeps its log and its id."""
    for folder in ("log", "run"):
        (var / folder).mkdir(parents=True, exist_ok=True)
    return var / f"log/{name}.log", var / f"run/{name}.pid"


async def run(name: str, command: list[str], var: Path, *, nobody: Path | None = None) -> None:
    """Runs a command to its end; Trouble with the tail of its log when it fails."""
    child = await spawn(name, command, var, nobody=nobody)
    try:
        if await child.process.wait():
            raise child.died()
    finally:
        await child.kill()


async def port_answers(port: int) -> bool:
    """Whether somebody on this machine accepts connections there."""
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    return True
