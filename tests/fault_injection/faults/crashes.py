"""Processes crash under load, each at a given point, and are restarted."""

from collections.abc import Callable, Mapping
from random import Random

from deploy.stack.endpoints import SERVICES
from tests.fault_injection.faults.fault import Fault, Inject
from tests.fault_injection.launcher.crash_points import CRASH_POINTS
from tests.fault_injection.run_context import RunContext

MAX_LOAD_SECONDS = 60
CONSUMER_POINTS = ("before-commit", "after-commit", "mid-batch", "before-offset-commit")
PUBLISHER_POINTS = ("before-outbox", "after-acknowledgement")
RARE_POINTS = ("before-local-input", "after-local-input", "partly-acknowledged")
PROCESSES_THAT_REACH: Mapping[str, tuple[str, ...]] = {
    "before-local-input": ("matching", "notify", "pages"),
    "after-local-input": ("matching", "notify", "pages"),
    "before-email": ("notify",),
    "after-email": ("notify",),
    "partly-acknowledged": ("intake",),
    "before-outbox": ("intake", "matching", "notify"),
    "after-acknowledgement": ("intake", "matching", "notify"),
}
"""Processes that reach a point often enough; all services reach the other points."""

PointsBySeed = Callable[[int], Mapping[str, str]]
"""Maps a seed to the crash point of each process."""


def crash_at(points_by_seed: PointsBySeed) -> Inject:
    """Return a fault in which each process crashes at its point."""

    async def inject(run: RunContext) -> None:
        points = points_by_seed(run.seed)
        options = {name: ("--at", point, "--nth", str(_nth_call(run.random, name, point))) for name, point in points.items()}
        await run.processes.restart(options)
        await run.load(3, rate=25)
        for _ in range(MAX_LOAD_SECONDS):
            if not _still_running(run, points):
                break
            await run.load(1, rate=4)
        running = _still_running(run, points)
        assert not running, f"{', '.join(f'{name} at {points[name]}' for name in running)}: never reached"
        await run.load(1)
        run.notes += [f"{name} at {point}" for name, point in points.items()]

    return inject


def _still_running(run: RunContext, points: Mapping[str, str]) -> set[str]:
    return points.keys() - {exit.name for exit in run.processes.exits}


def _nth_call(random: Random, name: str, point: str) -> int:
    """Choose at which call the process crashes: later for points that are reached often."""
    calls = 1 if name == "pages" or point in RARE_POINTS else 30 if point == "mid-batch" else 6
    return random.randint(1, max(calls // (3 if name == "coaching" else 1), 1))


def in_all_processes(point: str) -> PointsBySeed:
    """Use one point in every process that reaches it."""
    return lambda seed: dict.fromkeys(PROCESSES_THAT_REACH.get(point, SERVICES), point)


def mixed(round: int) -> PointsBySeed:
    """Return the points of one of three rounds. Together they contain every point, in a process that the seed chooses."""

    def points_by_seed(seed: int) -> Mapping[str, str]:
        random = Random(seed)
        consumer = random.sample(CONSUMER_POINTS, len(CONSUMER_POINTS))
        publisher = random.sample(PUBLISHER_POINTS, len(PUBLISHER_POINTS))
        rounds = (
            ("partly-acknowledged", publisher[0], consumer[0], "before-email", "before-local-input"),
            (publisher[1], consumer[2], consumer[1], "after-email", "after-local-input"),
            (consumer[2], "before-local-input", consumer[3], "after-local-input", "after-commit"),
        )
        return dict(zip(("intake", "matching", "coaching", "notify", "pages"), rounds[round], strict=True))

    return points_by_seed


FAULTS = [
    *(Fault(f"crashes-{round + 1}", crash_at(mixed(round))) for round in range(3)),
    *(Fault(f"crash-{point}", crash_at(in_all_processes(point)), only_full=True) for point in CRASH_POINTS),
]
