"""CPU cost of a message when several processes of intake share the work."""

from collections import defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence

from tests.benchmarks.environment import Environment
from tests.benchmarks.load.partner_events import partner_load
from tests.benchmarks.measurement.figures import Figures, spread
from tests.benchmarks.measurement.runs import measure_load
from tests.benchmarks.parts.part import Advance
from tests.benchmarks.report.rows import Row, ratio_row
from tests.benchmarks.report.wording import rate_and_cost

PROCESSES = (1, 2, 4)
MAX_RATIO = 1.1


async def measure(environment: Environment, *, rounds: int, records: int, advance: Advance) -> AsyncIterator[Row]:
    """Run one, two and four processes of intake on the same records."""
    load, figures = partner_load(records), defaultdict[int, list[Figures]](list)
    for _ in range(rounds):
        for processes in PROCESSES:
            await environment.reset()
            figures[processes].append(await measure_load(environment, environment.service("intake", processes), load))
            advance()
    for processes in PROCESSES[1:]:
        yield _compare(processes, figures)


def _compare(processes: int, figures: Mapping[int, Sequence[Figures]]) -> Row:
    pairs = list(zip(figures[processes], figures[1], strict=True))
    ratios = [several.cpu["service"] / one.cpu["service"] for several, one in pairs]
    rate = spread(several.rate / one.rate for several, one in pairs).median
    absolute = f"{rate_and_cost(figures[processes])}; rate {rate:.2f} × one; one {rate_and_cost(figures[1])}"
    row = ratio_row(f"{processes} processes of intake: CPU per message", "one process", ratios, MAX_RATIO, absolute, at_least=False)
    row.figures |= {str(n): [run._asdict() for run in figures[n]] for n in (processes, 1)}
    return row
