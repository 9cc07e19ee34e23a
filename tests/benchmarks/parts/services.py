"""Rows 1 to 4: services against the naive service and the ceiling, and what a message costs with more processes."""

import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence

from tests.benchmarks import profile
from tests.benchmarks.environment import Contender, Environment
from tests.benchmarks.load import partner_events as records
from tests.benchmarks.load import service_messages as service_load
from tests.benchmarks.load.publishing import Load
from tests.benchmarks.metrics import Figures, spread
from tests.benchmarks.report.rows import Row, ratio, shown

Done = Callable[[], None]
SHAPES = ("naive", "ceiling", "intake", "matching", "coaching")
SCALES = (1, 2, 4)


async def services(stage: Environment, *, rounds: int, count: int, few: int, seconds: float, why: bool, done: Done) -> list[Row]:
    """Each round runs all of them once, in another order; a ratio is of one round. A round too long for `seconds` is not begun."""
    found = defaultdict[str, list[Figures]](list)
    loads = {
        "naive": records.load(few),
        "ceiling": records.load(count),
        "matching": service_load.for_matching(count),
        "coaching": service_load.for_coaching(count),
    }
    begun = time.monotonic()
    for nth in range(rounds):
        if (time.monotonic() - begun) * (nth + 1) > seconds * max(nth, 1):
            break
        turn = nth % len(SHAPES)
        for name in (*SHAPES[turn:], *SHAPES[:turn]):
            found[name].append(await _one(stage, name, loads.get(name, loads["ceiling"])))
            done()
    rows = _compared(found, {name: len(load.records) for name, load in loads.items()})
    if why:
        await _explained(stage, rows, loads)
    return rows


async def _one(stage: Environment, name: str, work: Load) -> Figures:
    return await stage.measured(await _prepared(stage, name, work), work)


async def _prepared(stage: Environment, name: str, work: Load) -> Contender:
    await stage.fresh()
    if name == "matching":
        await service_load.shortlists(stage.endpoints.database_of("matching"), len(work.records))
    return stage.reference(name) if name in ("naive", "ceiling") else stage.service(name)


async def _explained(stage: Environment, rows: Sequence[Row], loads: Mapping[str, Load]) -> None:
    """A row that missed its goal says where the time goes."""
    for row, name in zip(rows, ("intake", "intake", "matching", "coaching"), strict=True):
        if not row.met:
            work = loads.get(name, loads["ceiling"])
            row.why = profile.told(await profile.profiled(stage, await _prepared(stage, name, work), work))


def _compared(found: dict[str, list[Figures]], counts: Mapping[str, int]) -> list[Row]:
    def against(name: str, other: str, bound: float, label: str) -> Row:
        ratios = [mine.rate / theirs.rate for mine, theirs in zip(found[name], found[other], strict=True)]
        absolute = f"{told(found[name])}; {other} {told(found[other])}, {counts[other]:,} records".replace(",", " ")
        row = ratio(label, other, ratios, bound, absolute, least=True, digits=1 if bound > 5 else 2)
        row.figures |= {one: [run._asdict() for run in found[one]] for one in (name, other)}
        return row

    record = "partner record → receipt and event, one intake (2.9 messages out)"
    return [
        against("intake", "naive", 40, record),
        against("intake", "ceiling", 0.75, record),
        against("matching", "ceiling", 0.9, "the same through matching (replies, 1 message out)"),
        against("coaching", "ceiling", 0.9, "the same through coaching (tandems, readiness; 0.5 messages out)"),
    ]


def told(figures: Sequence[Figures]) -> str:
    """Rate and cost in words."""
    rate = shown([f.rate for f in figures], lambda n: f"{n:,.0f}/s".replace(",", " "))
    parts = {"service": "Python", "postgres": "PostgreSQL", "kafka": "Kafka"}
    cpu = " + ".join(f"{spread(f.cpu[part] for f in figures).middle:.0f}" for part in parts)
    return f"{rate}, {cpu} µs"


async def scale(stage: Environment, *, rounds: int, count: int, done: Done) -> list[Row]:
    """One, two and four processes of intake on the same records."""
    work, found = records.load(count), defaultdict[int, list[Figures]](list)
    for _ in range(rounds):
        for processes in SCALES:
            await stage.fresh()
            contender: Contender = stage.service("intake", processes)
            found[processes].append(await stage.measured(contender, work))
            done()
    return [_scaled(processes, found) for processes in SCALES[1:]]


def _scaled(processes: int, found: dict[int, list[Figures]]) -> Row:
    pairs = list(zip(found[processes], found[1], strict=True))
    ratios = [many.cpu["service"] / one.cpu["service"] for many, one in pairs]
    rates = spread(many.rate / one.rate for many, one in pairs).middle
    absolute = f"{told(found[processes])}; rate {rates:.2f} × one; one {told(found[1])}"
    row = ratio(f"{processes} processes of intake: CPU a message", "one process", ratios, 1.1, absolute, least=False)
    row.figures |= {str(n): [run._asdict() for run in found[n]] for n in (processes, 1)}
    return row
