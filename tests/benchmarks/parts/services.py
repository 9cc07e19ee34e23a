"""Throughput of each service, compared with the naive service and with the ceiling."""

import time
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence

from tests.benchmarks.environment import Contender, Environment
from tests.benchmarks.load.partner_events import partner_load
from tests.benchmarks.load.publishing import Load
from tests.benchmarks.load.service_messages import coaching_load, insert_shortlists_for, matching_load
from tests.benchmarks.measurement.figures import Figures
from tests.benchmarks.measurement.profile import profile_or_reason
from tests.benchmarks.measurement.runs import measure_load
from tests.benchmarks.parts.part import Advance
from tests.benchmarks.report.rows import Row, ratio_row
from tests.benchmarks.report.wording import rate_and_cost, thousands

CONTENDERS = ("naive", "ceiling", "intake", "matching", "coaching")
COMPARISONS = (
    ("intake", "naive", 40, "partner record → receipt and event, one intake (2.9 messages out)"),
    ("intake", "ceiling", 0.75, "partner record → receipt and event, one intake (2.9 messages out)"),
    ("matching", "ceiling", 0.9, "the same through matching (replies, 1 message out)"),
    ("coaching", "ceiling", 0.9, "the same through coaching (tandems, readiness; 0.5 messages out)"),
)
"""Contender, reference, lowest ratio that meets the goal, and name of the row."""


async def measure(
    environment: Environment,
    *,
    rounds: int,
    records: int,
    naive_records: int,
    max_seconds: float,
    with_profile: bool,
    advance: Advance,
) -> AsyncIterator[Row]:
    """Measure all contenders, yield the rows, and then profile the services that missed their goals."""
    loads = _loads(records, naive_records)
    figures = await _run_rounds(environment, loads, rounds, max_seconds, advance)
    rows = [_compare(figures, loads, *comparison) for comparison in COMPARISONS]
    for row in rows:
        yield row
    for row, (name, *_) in zip(rows, COMPARISONS, strict=True):
        if with_profile and not row.met:
            contender = await _prepare(environment, name, loads[name])
            row.profile = await profile_or_reason(environment, contender, loads[name])


async def _run_rounds(
    environment: Environment, loads: Mapping[str, Load], rounds: int, max_seconds: float, advance: Advance
) -> Mapping[str, Sequence[Figures]]:
    """Run every contender once per round, each time in another order. A ratio compares the runs of one round.

    No round begins that would probably end after `max_seconds`.
    """
    figures, started = defaultdict[str, list[Figures]](list), time.monotonic()
    for round in range(rounds):
        if (time.monotonic() - started) * (round + 1) > max_seconds * max(round, 1):
            break
        first = round % len(CONTENDERS)
        for name in (*CONTENDERS[first:], *CONTENDERS[:first]):
            contender = await _prepare(environment, name, loads[name])
            figures[name].append(await measure_load(environment, contender, loads[name]))
            advance()
    return figures


def _loads(records: int, naive_records: int) -> Mapping[str, Load]:
    full = partner_load(records)
    return {
        "naive": partner_load(naive_records),
        "ceiling": full,
        "intake": full,
        "matching": matching_load(records),
        "coaching": coaching_load(records),
    }


async def _prepare(environment: Environment, name: str, load: Load) -> Contender:
    await environment.reset()
    if name == "matching":
        await insert_shortlists_for(environment.endpoints.database_of("matching"), load)
    return environment.reference(name) if name in ("naive", "ceiling") else environment.service(name)


def _compare(
    figures: Mapping[str, Sequence[Figures]], loads: Mapping[str, Load], name: str, reference: str, bound: float, label: str
) -> Row:
    ratios = [one.rate / other.rate for one, other in zip(figures[name], figures[reference], strict=True)]
    count = thousands(len(loads[reference].records))
    absolute = f"{rate_and_cost(figures[name])}; {reference} {rate_and_cost(figures[reference])}, {count} records"
    row = ratio_row(label, reference, ratios, bound, absolute, at_least=True, digits=1 if bound > 5 else 2)
    row.figures |= {one: [run._asdict() for run in figures[one]] for one in (name, reference)}
    return row
