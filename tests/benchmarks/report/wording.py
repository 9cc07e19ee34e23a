"""How the report writes figures."""

from collections.abc import Sequence

from tests.benchmarks.measurement.figures import Figures, spread

CPU_OF = ("service", "postgres", "kafka")


def thousands(number: float) -> str:
    """Return a number with a space between groups of three digits."""
    return f"{number:,.0f}".replace(",", " ")


def rate_and_cost(figures: Sequence[Figures]) -> str:
    """Return the median rate, and the median CPU time per message of Python, PostgreSQL and Kafka."""
    rate = spread(one.rate for one in figures).median
    cpu = " + ".join(f"{spread(one.cpu[of] for one in figures).median:.0f}" for of in CPU_OF)
    return f"{thousands(rate)}/s, {cpu} µs"
