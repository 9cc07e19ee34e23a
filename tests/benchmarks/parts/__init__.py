"""The parts of a full and of a quick benchmark."""

from collections.abc import Sequence

from tests.benchmarks.parts import email_latency, relay, rendering, scaling, services, shortlist
from tests.benchmarks.parts.part import Part

FULL: Sequence[Part] = (
    Part(
        "services",
        25,
        600,
        lambda on, advance: services.measure(
            on, rounds=5, records=60_000, naive_records=1_500, max_seconds=480, with_profile=True, advance=advance
        ),
    ),
    Part("processes", 9, 240, lambda on, advance: scaling.measure(on, rounds=3, records=60_000, advance=advance)),
    Part("relay", 6, 240, lambda on, advance: relay.alone(on, rounds=3, count=100_000, reference_count=10_000, advance=advance)),
    Part("acknowledged", 1, 60, lambda on, advance: relay.commit_latency(on, seconds=20, advance=advance)),
    Part("emails", 1, 120, lambda on, advance: email_latency.measure(on, seconds=20, advance=advance)),
    Part("backlog", 12, 420, lambda on, advance: relay.backlogs(on, rounds=3, advance=advance)),
    Part("snapshot", 3, 180, lambda on, advance: relay.held_snapshot(on, count=100_000, held=500_000, advance=advance)),
    Part("shortlist", 1, 180, lambda on, advance: shortlist.measure(on, vacancies=40, advance=advance)),
    Part("rendering", 8, 60, lambda _, advance: rendering.measure(rounds=7, advance=advance)),
)
QUICK: Sequence[Part] = (
    Part(
        "services",
        10,
        60,
        lambda on, advance: services.measure(
            on, rounds=2, records=12_000, naive_records=400, max_seconds=48, with_profile=False, advance=advance
        ),
    ),
    Part("relay", 2, 20, lambda on, advance: relay.alone(on, rounds=1, count=100_000, reference_count=3_000, advance=advance)),
    Part("snapshot", 3, 20, lambda on, advance: relay.held_snapshot(on, count=20_000, held=50_000, advance=advance)),
)
MAX_SECONDS = {"full": 1_750.0, "quick": 85.0}
"""After this time no other part begins, and what was not measured is reported as failed."""
