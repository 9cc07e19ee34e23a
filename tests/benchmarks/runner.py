"""Measures parts one after the other. A part that fails is reported, and the others continue."""

import asyncio
import time
import traceback
from collections.abc import Sequence

from deploy.errors import UserError
from deploy.stack.progress import Progress
from tests.benchmarks.environment import Environment
from tests.benchmarks.parts.part import Advance, Part
from tests.benchmarks.report.results import Results


async def run_parts(parts: Sequence[Part], environment: Environment, results: Results, progress: Progress, deadline: float) -> None:
    """Measure all parts, and add each row to the results as soon as it is known. No part continues after the deadline.

    `deadline` is a value of `time.monotonic`.
    """
    for part in parts:
        with progress.step(f"Measuring {part.name}", part.steps) as advance:
            await _run_part(part, environment, results, advance, progress, deadline)


async def _run_part(
    part: Part, environment: Environment, results: Results, advance: Advance, progress: Progress, deadline: float
) -> None:
    seconds = max(0.1, min(part.max_seconds, deadline - time.monotonic()))
    try:
        async with asyncio.timeout(seconds):
            async for row in part.measure(environment, advance):
                results.add(row)
    except TimeoutError as error:
        results.add_failure(part.name, str(error) or f"not finished after {seconds:.0f} s")
    except UserError as error:
        results.add_failure(part.name, str(error))
    except Exception as error:
        progress.log("".join(traceback.format_exception(error)))
        results.add_failure(part.name, f"{type(error).__name__}: {error}")
