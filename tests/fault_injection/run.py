"""`tandem-faults`: plays faults on the real house, has each audited, and tells what held: a table, and JSON in `var/faults`."""

import argparse
import asyncio
import json
import logging
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from random import Random

from rich.console import Console
from rich.table import Table

from deploy import async_tools
from deploy.stack.embedded import kafka_jars
from deploy.stack.progress import TerminalProgress
from tests.fault_injection.checker import Violation
from tests.fault_injection.faults.processes import FAULTS, Fault
from tests.fault_injection.faults.seeded_bugs import BUGS
from tests.fault_injection.run_context import RunContext, run_context

OUT = Path("var/faults")
BUDGET = 285.0
"""Seconds that QUICK may take in all."""
LONGEST = 900.0
"""Seconds that one fault may take, load and quiet included: a hundred thousand bad records take half of it on a busy machine."""


@dataclass
class Result:
    """What became of one fault. `broken`: what does not hold, or what went wrong in the playing."""

    name: str
    seed: int
    seconds: float
    broken: Sequence[str] = field(default_factory=list)
    notes: Sequence[str] = field(default_factory=list)

    @property
    def held(self) -> bool:
        return not self.broken


def main() -> None:
    """The command."""
    names = [fault.name for fault in FAULTS] + list(BUGS)
    asked = argparse.ArgumentParser(prog="tandem-faults", description=__doc__, epilog=f"Names: {', '.join(names)}.")
    asked.add_argument(
        "--only",
        action="append",
        metavar="NAME",
        choices=names,
        help="this one alone (the names stand below); may be said again",
    )
    asked.add_argument("--seed", type=int, help="the same seed throws the same dice; none: a new one")
    asked.add_argument("--quick", action="store_true", help="every crash point, and some of the others in turn, in five minutes")
    asked.add_argument("--keep", action="store_true", help="keep the logs of a run in which all held")
    given = asked.parse_args()
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # that the bus is away is what is played
    seed = int(time.time()) % 1_000_000 if given.seed is None else given.seed
    sys.exit(async_tools.run(play(given.only or [], seed, given.quick, given.keep)))


async def play(only: Sequence[str], seed: int, quick: bool, keep: bool) -> int:
    """Plays what is chosen; the number of faults in which something did not hold."""
    console, began = Console(), time.monotonic()
    console.print(
        f"Seed {seed}. Again, one alone: tandem-faults --only NAME --seed {seed}. Each takes 10 to 60 s.", highlight=False
    )
    with TerminalProgress(console) as progress:
        await kafka_jars.fetch(progress)
    results, report = list[Result](), OUT / f"{'+'.join(only) or ('quick' if quick else 'full')}-{seed}.json"

    def keep_result(result: Result) -> None:
        results.append(result)
        say(console, result)
        written(results, report)

    await bugs([name for name in BUGS if not only or name in only], seed, keep_result)
    await faults(wanted := chosen(only, seed, quick), seed, quick, began, keep_result)
    console.print(table(results))
    if left := [fault.name for fault in wanted if fault.name not in {result.name for result in results}]:
        console.print(f"Not played, there was no time left: {', '.join(left)}", highlight=False)
    console.print(f"{report}: {time.monotonic() - began:.0f} s", highlight=False)
    failed = sum(not result.held for result in results)
    if not (failed or keep):
        shutil.rmtree(OUT / "log", ignore_errors=True)
    return failed


def chosen(only: Sequence[str], seed: int, quick: bool) -> list[Fault]:
    """All, those named, or for QUICK the crash points and the others in an order of the seed's."""
    if only:
        return [fault for fault in FAULTS if fault.name in only]
    if not quick:
        return FAULTS
    crashes = [fault for fault in FAULTS if fault.name.startswith("crashes-")]
    bad = [fault for fault in FAULTS if fault.name == "bad-input"]
    others = [fault for fault in FAULTS if not fault.long and fault not in crashes and fault not in bad]
    return [*crashes, *bad, *Random(seed).sample(others, len(others))]


async def faults(wanted: Sequence[Fault], seed: int, quick: bool, began: float, keep_result: Callable[[Result], None]) -> None:
    """One house for all of them; a new one after a fault in which something broke."""
    results: list[Result] = []
    left = list(wanted)
    while left and not (quick and over(results, began, left[0])):
        with folder() as var:
            async with run_context(var, seed, quick) as here:
                while left and not (quick and over(results, began, left[0])):
                    results.append(result := await fault(here, left.pop(0)))
                    keep_result(result)
                    if not result.held:
                        shutil.copytree(var / "log", OUT / "log" / result.name, dirs_exist_ok=True)
                        break


@contextmanager
def folder() -> Iterator[Path]:
    """A house's own folder. Others may pass through it: where root runs this, PostgreSQL runs as somebody else."""
    with tempfile.TemporaryDirectory(prefix="tandem-faults-") as made:
        Path(made).chmod(0o711)
        yield Path(made)


def over(results: Sequence[Result], began: float, next: Fault) -> bool:
    """Whether another one like the longest so far would be too much; the crash points are played whatever it takes."""
    longest = max((result.seconds for result in results), default=0)
    return not next.name.startswith("crashes-") and time.monotonic() - began + longest > BUDGET


async def fault(here: RunContext, fault: Fault) -> Result:
    """Plays one, waits until all is quiet, and has it audited."""
    began, broken = time.monotonic(), list[str]()
    here.notes.clear()
    here.cluster.died.clear()
    here.random = Random(f"{here.seed}/{fault.name}")
    try:
        async with asyncio.timeout(LONGEST):
            await fault.play(here)
            await here.cluster.all_ready()
            await here.quiet()
            broken += told(await here.audit()) + here.sound()
    except Exception as error:
        broken.append(f"{type(error).__name__}: {error}")
        broken += told(await audited_anyway(here))
    return Result(fault.name, here.seed, round(time.monotonic() - began, 1), broken, list(here.notes))


async def audited_anyway(here: RunContext) -> list[Violation]:
    """What the auditor says of a house that is not quiet, where it can still be asked."""
    try:
        async with asyncio.timeout(30):
            return await here.audit()
    except Exception:
        return []


async def bugs(wanted: Sequence[str], seed: int, keep_result: Callable[[Result], None]) -> None:
    """Planted bugs, each in a house of its own: it is well when the auditor finds the invariant broken."""
    for name in wanted:
        with folder() as var:
            async with run_context(var, seed, quick=True) as here:
                keep_result(await bug(here, name))


async def bug(here: RunContext, name: str) -> Result:
    """Plays a load in which all must hold, and then one with the bug, in which it may not."""
    play, invariant = BUGS[name]
    began = time.monotonic()
    try:
        async with asyncio.timeout(LONGEST):
            await here.load(1)
            await here.quiet()
            if without := told(await here.audit()):
                raise AssertionError(f"broken without the bug: {without}")
            await play(here)
        caught = Counter[str](violation.invariant for violation in await here.audit())
        broken = [] if caught[invariant] else [f"{invariant} was not found broken: {dict(caught)}"]
    except Exception as error:
        caught, broken = Counter(), [f"{type(error).__name__}: {error}"]
    return Result(f"planted: {name}", here.seed, round(time.monotonic() - began, 1), broken, [f"caught: {dict(caught)}"])


def written(results: Sequence[Result], report: Path) -> None:
    """The results so far, as JSON."""
    OUT.mkdir(parents=True, exist_ok=True)
    report.write_text(json.dumps([asdict(result) | {"held": result.held} for result in results], indent=2) + "\n")


def told(violations: Sequence[Violation]) -> list[str]:
    return [f"{violation.invariant} {violation.what}" for violation in violations]


def say(console: Console, result: Result) -> None:
    """One line, and what broke."""
    mark = "[green]held[/green]" if result.held else "[red]broke[/red]"
    console.print(f"{mark} {result.name}: {result.seconds} s {'; '.join(result.notes)}", highlight=False)
    for line in result.broken[:12]:
        console.print(f"    {line}", highlight=False, markup=False)
    if len(result.broken) > 12:
        console.print(f"    … {len(result.broken)} in all", highlight=False)


def table(results: Sequence[Result]) -> Table:
    """Fault, seed, result."""
    shown = Table("Fault", "Seed", "Seconds", "Result", "Notes", box=None)
    for result in results:
        told = "[green]held" if result.held else f"[red]broke: {len(result.broken)}"
        shown.add_row(result.name, str(result.seed), str(result.seconds), told, "; ".join(result.notes))
    return shown


if __name__ == "__main__":
    main()
