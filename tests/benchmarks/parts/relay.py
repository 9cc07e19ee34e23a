"""The rows of the relay: alone, over growing backlogs, under a held snapshot, from commit to acknowledgement."""

import asyncpg

from tests.benchmarks.environment import Environment
from tests.benchmarks.load import outbox_backlog as backlog
from tests.benchmarks.metrics import Figures, Spread, spread
from tests.benchmarks.parts.services import Done, told
from tests.benchmarks.report.rows import Row, limits, ratio

FLAT = 1.25
"""How much more memory the longest backlog may take than the shortest."""
SIZES = (1_000, 10_000, 100_000, 1_000_000)


async def alone(stage: Environment, *, rounds: int, count: int, few: int, done: Done) -> list[Row]:
    """The same messages, ours and theirs in turn."""
    ours, theirs = list[Figures](), list[Figures]()
    for _ in range(rounds):
        await stage.fresh()
        await backlog.fill(stage.endpoints.database_of("intake"), count)
        ours.append(await stage.drained(stage.relay(), backlog.TOPIC, count))
        done()
        await stage.fresh()
        await backlog.fill_reference(stage.endpoints.database, few)
        theirs.append(await stage.drained(stage.reference("outbox"), backlog.TOPIC, few))
        done()
    ratios = [mine.rate / other.rate for mine, other in zip(ours, theirs, strict=True)]
    absolute = f"{told(ours)}; faststream-outbox {told(theirs)}, {few:,} messages".replace(",", " ")
    name = f"relay alone, {count:,} messages of 1 KB".replace(",", " ")
    row = ratio(name, "faststream-outbox", ratios, 20, absolute, least=True, digits=1)
    row.goal += ", ≥ 20 000/s"
    row.met = row.met and spread(f.rate for f in ours).middle >= 20_000
    row.figures |= {"relay": [run._asdict() for run in ours], "faststream-outbox": [run._asdict() for run in theirs]}
    return [row]


async def snapshot(stage: Environment, *, count: int, held: int, done: Done) -> list[Row]:
    """How fast it is after `held` messages whose rows no vacuum may take away, compared with before."""
    await stage.fresh()
    before = await _drained(stage, count, 0)
    done()
    holder = await asyncpg.connect(stage.endpoints.database)
    async with holder.transaction(isolation="repeatable_read"):
        await holder.fetchval("SELECT count(*) FROM intake.outbox")
        await _drained(stage, held, count)
        done()
        after = await _drained(stage, count, count + held)
        done()
    await holder.close()
    absolute = f"{told([after])}; before {told([before])}"
    name = f"relay under a snapshot held over {held:,} messages".replace(",", " ")
    return [ratio(name, "before it", [after.rate / before.rate], 0.5, absolute, least=True)]


async def _drained(stage: Environment, count: int, already: int) -> Figures:
    await backlog.fill(stage.endpoints.database_of("intake"), count)
    return await stage.drained(stage.relay(), backlog.TOPIC, count, already)


async def backlogs(stage: Environment, *, rounds: int, done: Done) -> list[Row]:
    """What a message costs, and the memory, with so many waiting; the longest against the shortest."""
    found: dict[int, list[dict[str, float]]] = {size: [] for size in SIZES}
    for _ in range(rounds):
        for size in SIZES:
            await stage.fresh()
            found[size].append(await stage.told("tests.benchmarks.processes.drain", "intake", str(size)))
            done()
    cost = {size: spread(one["micros"] for one in found[size]).middle for size in SIZES}
    memory = {size: spread(one["memory"] for one in found[size]).middle for size in SIZES}
    ratios = [last["micros"] / first["micros"] for last, first in zip(found[SIZES[-1]], found[SIZES[0]], strict=True)]
    absolute = "; ".join(f"{size // 1000} k: {cost[size]:.0f} µs, {memory[size]:.0f} MB" for size in SIZES)
    row = ratio("backlog 1 k → 1 M: cost a message", "at 1 k", ratios, 1.15, absolute, least=False)
    row.goal += f", memory ≤ {FLAT} ×"
    row.met = row.met and memory[SIZES[-1]] <= memory[SIZES[0]] * FLAT
    row.figures |= {"memory": memory}
    return [row]


async def acknowledged(stage: Environment, *, seconds: int, done: Done) -> list[Row]:
    """From a commit to the acknowledgement of what it said, at a thousand messages a second."""
    await stage.fresh()
    found = await stage.told("tests.benchmarks.processes.commit_latency", "intake", str(seconds))
    done()
    spreads = {part: Spread(found[part], found[part], found[part]) for part in ("p50", "p99")}
    absolute = f"{found['count']:.0f} messages in {seconds} s, highest {found['most']:.0f} ms"
    return [limits("commit → acknowledged at 1 000/s", spreads, {"p50": 10, "p99": 60}, "ms", absolute)]
