"""Fuzzes `tandem contract`: odd files and arguments end in a result or a sentence, never in a traceback."""

import asyncio
import sys
from collections.abc import Iterator
from pathlib import Path
from random import Random

from tests.fault_injection.run_context import RunContext
from tests.fuzz.events import PARTNER, mutated
from tests.fuzz.odd_values import odd_text
from tests.fuzz.oracles import TRACEBACK
from tests.fuzz.report import Report

TANDEM = (sys.executable, "-c", "from deploy.cli import app; app()")
INTERVAL, TIMEOUT = 0.5, 60
EXIT_CODES = (0, 1, 2)


async def fuzz(run: RunContext, random: Random, report: Report) -> None:
    """Run commands, one after another, until cancelled."""
    folder = run.cluster.var / "files"
    folder.mkdir()
    contents = file_contents(random, run)
    while True:
        files = [folder / f"{nth}.json" for nth in range(random.choice((0, 1, 1, 3)))]
        for file in files:
            file.write_bytes(next(contents))
        await execute(arguments(random, files, run.cluster.endpoints.kafka), report)
        await asyncio.sleep(INTERVAL)


def file_contents(random: Random, run: RunContext) -> Iterator[bytes]:
    """Yield one mutated event, several on lines or joined otherwise, or other bytes."""
    events = mutated(random, run.partner_events(PARTNER, "files", bad=0))
    while True:
        values = [next(events).value or b"" for _ in range(random.choice((1, 1, 1, 3, 20)))]
        yield random.choice((b"\n", b"\n", b"\r\n", b"\x00", b"")).join(values)
        yield random.choice((b"", b"\n", random.randbytes(300), b"[]", b"{}", b"\xff" * 9, b"null", b"{" * 3_000))


def arguments(random: Random, files: list[Path], kafka: str) -> list[str]:
    """Return the arguments of one command: mostly `check` and `send`, with odd files and options."""
    odd = _argument(odd_text(random))
    paths = [str(random.choice((file, file, file, file.with_name("missing"), file.parent, Path("/dev/null")))) for file in files]
    partner = random.choice((PARTNER, PARTNER, PARTNER, "unknown", odd))
    command = random.choice(("check", "check", "check", "send", "send", "example", "schema", "kinds", "items", odd))
    match command:
        case "check":
            chosen = [*paths, "--partner", partner]
        case "send":
            chosen = [
                *paths,
                "--partner",
                partner,
                "--kafka",
                kafka,
                "--wait",
                random.choice(("5", "5", "5", "0", "-1", "nan", odd)),
            ]
        case "example" | "schema":
            chosen = [random.choice(("organisation-submitted", odd))]
        case _:
            chosen = []
    return ["contract", command, *chosen, *([odd] if random.random() < 0.1 else [])]


def _argument(text: str) -> str:
    """Return the text as an operating system can pass it."""
    return text.encode("utf-8", "replace").decode().replace("\x00", "")


async def execute(chosen: list[str], report: Report) -> None:
    """Run the command and judge its exit code and output."""
    pipe, null = asyncio.subprocess.PIPE, asyncio.subprocess.DEVNULL
    process = await asyncio.create_subprocess_exec(*TANDEM, *chosen, stdin=null, stdout=pipe, stderr=asyncio.subprocess.STDOUT)
    try:
        async with asyncio.timeout(TIMEOUT):
            output = (await process.communicate())[0].decode(errors="replace")
    except TimeoutError:
        report.add("command line: no end within a minute", chosen)
        return
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    report.counts[f"command line: {chosen[1] if len(chosen[1]) < 8 else 'odd command'}, exit code {process.returncode}"] += 1
    if process.returncode not in EXIT_CODES or TRACEBACK in output:
        report.add(f"command line: exit code {process.returncode} and {output.splitlines()[-1:]}", chosen)
