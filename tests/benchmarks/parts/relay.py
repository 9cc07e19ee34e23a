"""The relay: alone, with growing backlogs, under a held snapshot, and from commit to acknowledgement."""

from collections.abc import AsyncIterator

import asyncpg

from tests.benchmarks.environment import Environment
from tests.benchmarks.load import outbox_backlog
from tests.benchmarks.measurement.figures import Figures, spread
from tests.benchmarks.measurement.runs import measure_backlog, run_script
from tests.benchmarks.parts.part import Advance
from tests.benchmarks.report.rows import Row, limits_row, ratio_row
from tests.benchmarks.report.wording import rate_and_cost, thousands

BACKLOG_SIZES = (1_000, 10_000, 100_000, 1_000_000)
MAX_MEMORY_RATIO = 1.25
"""How much more memory the largest backlog may take than the smallest."""
MIN_RATE = 20_000


async def alone(environment: Environment, *, rounds: int, count: int, reference_count: int, advance: Advance) -> AsyncIterator[Row]:
    """Publish the same messages with our relay and with the reference, in turn."""
    ours, reference = list[Figures](), list[Figures]()
    for _ in range(rounds):
        await environment.reset()
        ours.append(await _publish_backlog(environment, count, already=0))
        advance()
        await environment.reset()
        await outbox_backlog.fill_reference(environment.endpoints.database, reference_count)
        contender = environment.reference("outbox")
        reference.append(await measure_backlog(environment, contender, outbox_backlog.TOPIC, reference_count))
        advance()
    ratios = [one.rate / other.rate for one, other in zip(ours, reference, strict=True)]
    absolute = f"{rate_and_cost(ours)}; faststream-outbox {rate_and_cost(reference)}, {thousands(reference_count)} messages"
    name = f"relay alone, {thousands(count)} messages of 1 KB"
    row = ratio_row(name, "faststream-outbox", ratios, 20, absolute, at_least=True, digits=1)
    row.goal += f", ≥ {thousands(MIN_RATE)}/s"
    row.met = row.met and spread(one.rate for one in ours).median >= MIN_RATE
    row.figures |= {"relay": [run._asdict() for run in ours], "faststream-outbox": [run._asdict() for run in reference]}
    yield row


async def held_snapshot(environment: Environment, *, count: int, held: int, advance: Advance) -> AsyncIterator[Row]:
    """Compare the rate before and after `held` messages whose dead rows no vacuum can remove."""
    await environment.reset()
    before = await _publish_backlog(environment, count, already=0)
    advance()
    holder = await asyncpg.connect(environment.endpoints.database)
    async with holder.transaction(isolation="repeatable_read"):
        await holder.fetchval("SELECT count(*) FROM intake.outbox")
        await _publish_backlog(environment, held, already=count)
        advance()
        after = await _publish_backlog(environment, count, already=count + held)
        advance()
    await holder.close()
    absolute = f"{rate_and_cost([after])}; before {rate_and_cost([before])}"
    name = f"relay under a snapshot held over {thousands(held)} messages"
    yield ratio_row(name, "before it", [after.rate / before.rate], 0.5, absolute, at_least=True)


async def _publish_backlog(environment: Environment, count: int, already: int) -> Figures:
    """Fill intake's outbox and measure how the relay publishes it; `already` messages are on the topic."""
    await outbox_backlog.fill(environment.endpoints.database_of("intake"), count)
    return await measure_backlog(environment, environment.relay(), outbox_backlog.TOPIC, count, already)


async def backlogs(environment: Environment, *, rounds: int, advance: Advance) -> AsyncIterator[Row]:
    """Measure cost per message and memory with backlogs of several sizes, and compare the largest with the smallest."""
    figures: dict[int, list[dict[str, float]]] = {size: [] for size in BACKLOG_SIZES}
    for _ in range(rounds):
        for size in BACKLOG_SIZES:
            await environment.reset()
            figures[size].append(await run_script(environment, "tests.benchmarks.processes.drain", "intake", str(size)))
            advance()
    smallest, largest = BACKLOG_SIZES[0], BACKLOG_SIZES[-1]
    cost = {size: spread(run["micros"] for run in figures[size]).median for size in BACKLOG_SIZES}
    memory = {size: spread(run["memory"] for run in figures[size]).median for size in BACKLOG_SIZES}
    ratios = [last["micros"] / first["micros"] for last, first in zip(figures[largest], figures[smallest], strict=True)]
    absolute = "; ".join(f"{size // 1000} k: {cost[size]:.0f} µs, {memory[size]:.0f} MB" for size in BACKLOG_SIZES)
    row = ratio_row("backlog 1 k → 1 M: cost per message", "at 1 k", ratios, 1.15, absolute, at_least=False)
    row.goal += f", memory ≤ {MAX_MEMORY_RATIO} ×"
    row.met = row.met and memory[largest] <= memory[smallest] * MAX_MEMORY_RATIO
    row.figures |= {"memory": memory}
    yield row


async def commit_latency(environment: Environment, *, seconds: int, advance: Advance) -> AsyncIterator[Row]:
    """Measure the time from a commit to the acknowledgement of its messages, at 1,000 messages per second."""
    await environment.reset()
    found = await run_script(environment, "tests.benchmarks.processes.commit_latency", "intake", str(seconds))
    advance()
    absolute = f"{found['count']:.0f} messages in {seconds} s, highest {found['max']:.0f} ms"
    yield limits_row("commit → acknowledged at 1 000/s", found, {"p50": 10, "p99": 60}, "ms", absolute)
