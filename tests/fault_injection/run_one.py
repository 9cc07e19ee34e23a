"""Runs one fault or one seeded bug in a running cluster, waits until it is quiet, and checks the history."""

import asyncio
import time
from collections import Counter
from collections.abc import Sequence
from random import Random

from tests.fault_injection.faults.fault import Fault
from tests.fault_injection.faults.seeded_bugs import SEEDED_BUGS
from tests.fault_injection.history.model import Violation
from tests.fault_injection.results import Result
from tests.fault_injection.run_context import RunContext

FAULT_TIMEOUT = 900.0
"""Seconds for one fault, with load and wait: a hundred thousand bad records take half of it on a busy machine."""
LAST_CHECK_TIMEOUT = 30.0


async def run_fault(run: RunContext, fault: Fault) -> Result:
    """Inject a fault and check what must hold. An error of the run itself is a failure too."""
    started, failures = time.monotonic(), list[str]()
    run.notes.clear()
    run.processes.exits.clear()
    run.random = Random(f"{run.seed}/{fault.name}")
    try:
        async with asyncio.timeout(FAULT_TIMEOUT):
            await fault.inject(run)
            await run.processes.wait_all_ready()
            await run.wait_quiet()
            failures += _describe(await run.check()) + run.unexpected_ends()
    except Exception as error:
        failures.append(f"{type(error).__name__}: {error}")
        failures += _describe(await _check_anyway(run))
    return Result(fault.name, run.seed, round(time.monotonic() - started, 1), failures, list(run.notes))


async def _check_anyway(run: RunContext) -> Sequence[Violation]:
    """Check a cluster that is not quiet; return nothing if it cannot be queried any more."""
    try:
        async with asyncio.timeout(LAST_CHECK_TIMEOUT):
            return await run.check()
    except Exception:
        return []


async def run_seeded_bug(run: RunContext, name: str) -> Result:
    """Check that the cluster is healthy, then inject the bug. The result fails if the checker does not detect the bug."""
    bug, started, detected = SEEDED_BUGS[name], time.monotonic(), Counter[str]()
    try:
        async with asyncio.timeout(FAULT_TIMEOUT):
            await run.load(1)
            await run.wait_quiet()
            if violations := _describe(await run.check()):
                raise AssertionError(f"violations without the bug: {violations}")
            await bug.inject(run)
        detected.update(violation.invariant for violation in await run.check())
        failures = [] if detected[bug.invariant] else [f"no violation of {bug.invariant} was detected, only {dict(detected)}"]
    except Exception as error:
        failures = [f"{type(error).__name__}: {error}"]
    seconds = round(time.monotonic() - started, 1)
    return Result(f"seeded bug: {name}", run.seed, seconds, failures, [f"detected: {dict(detected)}"])


def _describe(violations: Sequence[Violation]) -> list[str]:
    return [f"{violation.invariant} {violation.description}" for violation in violations]
