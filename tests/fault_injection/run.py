"""`tandem-faults`: injects faults into a real stack under load and checks what must hold; results in `var/faults`."""

import argparse
import logging
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from random import Random

import structlog
from rich.console import Console

from deploy import async_tools
from deploy.stack.embedded import kafka_jars
from deploy.stack.progress import TerminalProgress
from tests.fault_injection.faults import FAULTS
from tests.fault_injection.faults.fault import Fault
from tests.fault_injection.faults.seeded_bugs import SEEDED_BUGS
from tests.fault_injection.results import Results
from tests.fault_injection.run_context import run_context
from tests.fault_injection.run_one import run_fault, run_seeded_bug

OUTPUT_FOLDER = Path("var/faults")
QUICK_SECONDS = 285.0
"""Time limit of QUICK, seeded bugs included."""
ALWAYS_IN_QUICK = ("bad-input", "bad-email-among-many", "undecodable-record", "aborted-transaction")
"""In this order, after the crash points: what partners send by mistake."""


def main() -> None:
    """Parse the command line, run, and exit with 1 if anything failed."""
    names = [fault.name for fault in FAULTS] + list(SEEDED_BUGS)
    parser = argparse.ArgumentParser(prog="tandem-faults", description=__doc__, epilog=f"Names: {', '.join(names)}.")
    only = "run only this fault or seeded bug (names are listed below); repeatable"
    parser.add_argument("--only", action="append", metavar="NAME", choices=names, default=[], help=only)
    parser.add_argument("--seed", type=int, help="the same seed makes the same random choices; default: a new one")
    parser.add_argument(
        "--quick", action="store_true", help="seeded bugs, every crash point and some other faults, in five minutes"
    )
    parser.add_argument("--keep", action="store_true", help="keep the logs even if everything held")
    options = parser.parse_args()
    silence_logs()
    seed = int(time.time()) % 1_000_000 if options.seed is None else options.seed
    sys.exit(async_tools.run(run(options.only, seed, quick=options.quick, keep=options.keep)))


def silence_logs() -> None:
    """Hide what this process's own Kafka clients report: the outages and records that are injected."""
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))


async def run(only: Sequence[str], seed: int, *, quick: bool, keep: bool) -> bool:
    """Run the seeded bugs and faults that are selected. Return True if any failed."""
    console, started = Console(), time.monotonic()
    repeat = f"To repeat one of them: tandem-faults --only NAME --seed {seed}."
    console.print(f"Seed {seed}. {repeat} Each takes 10 to 60 s.", highlight=False)
    with TerminalProgress(console) as progress:
        await kafka_jars.fetch(progress)
    file = OUTPUT_FOLDER / f"{'+'.join(only) or ('quick' if quick else 'full')}-{seed}.json"
    results, selected = Results(console, file), select(only, seed, quick=quick)
    await run_seeded_bugs([name for name in SEEDED_BUGS if not only or name in only], seed, results)
    await run_faults(selected, seed, quick, results, lambda: time.monotonic() - started)
    results.print_table()
    if omitted := [fault.name for fault in selected if fault.name not in {result.name for result in results.results}]:
        console.print(f"Not run for lack of time: {', '.join(omitted)}", highlight=False)
    console.print(f"{file}: {time.monotonic() - started:.0f} s", highlight=False)
    if not (results.failed or keep):
        shutil.rmtree(OUTPUT_FOLDER / "log", ignore_errors=True)
    return results.failed


def select(only: Sequence[str], seed: int, *, quick: bool) -> Sequence[Fault]:
    """Return the named faults, or all; in QUICK the crash points first, then the others in an order chosen by the seed."""
    if only:
        return [fault for fault in FAULTS if fault.name in only]
    if not quick:
        return FAULTS
    by_name = {fault.name: fault for fault in FAULTS}
    first = [*filter(is_mixed_crash, FAULTS), *(by_name[name] for name in ALWAYS_IN_QUICK)]
    others = [fault for fault in FAULTS if not fault.only_full and fault not in first]
    return [*first, *Random(seed).sample(others, len(others))]


def is_mixed_crash(fault: Fault) -> bool:
    return fault.name.startswith("crashes-")


async def run_seeded_bugs(names: Sequence[str], seed: int, results: Results) -> None:
    """Run each seeded bug in a cluster of its own."""
    for name in names:
        with cluster_folder() as var:
            async with run_context(var, seed, quick=True) as context:
                results.add(await run_seeded_bug(context, name))


async def run_faults(faults: Sequence[Fault], seed: int, quick: bool, results: Results, elapsed: Callable[[], float]) -> None:
    """Run the faults in one cluster, and start a new cluster after each that failed. QUICK stops when its time is over."""
    left = list(faults)

    def has_next() -> bool:
        return bool(left) and not (quick and is_out_of_time(left[0], elapsed(), results.longest_seconds))

    while has_next():
        with cluster_folder() as var:
            async with run_context(var, seed, quick) as context:
                failed = False
                while has_next() and not failed:
                    results.add(result := await run_fault(context, left.pop(0)))
                    failed = not result.held
                if failed:
                    shutil.copytree(var / "log", OUTPUT_FOLDER / "log" / result.name, dirs_exist_ok=True)


def is_out_of_time(fault: Fault, elapsed: float, longest: float) -> bool:
    """Return True if a fault as long as the longest so far would exceed the limit; crash points always run."""
    return not is_mixed_crash(fault) and elapsed + longest > QUICK_SECONDS


@contextmanager
def cluster_folder() -> Iterator[Path]:
    """Create a folder that other users may enter: PostgreSQL does not run as root."""
    with tempfile.TemporaryDirectory(prefix="tandem-faults-") as folder:
        Path(folder).chmod(0o711)
        yield Path(folder)


if __name__ == "__main__":
    main()
