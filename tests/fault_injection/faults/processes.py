"""The faults themselves, each under load: what is done to the house, and how long it lasts."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from random import Random

from deploy.operations import dev_clock
from deploy.stack.endpoints import SERVICES
from tests.fault_injection.faults import bad_input, poison_messages
from tests.fault_injection.faults import broker as bus_faults
from tests.fault_injection.faults import database as database_faults
from tests.fault_injection.faults import mail as mail_faults
from tests.fault_injection.launcher.__main__ import POINTS
from tests.fault_injection.run_context import RunContext

Play = Callable[[RunContext], Awaitable[None]]
FREEZE = 9.0
"""Seconds beyond the session of a consumer (6) and the lease of a relay (4)."""


@dataclass(frozen=True)
class Fault:
    """What is played. QUICK plays the mixed crashes, and the others in turn; `long` ones never."""

    name: str
    play: Play
    long: bool = False


def crashes(points: Callable[[int], Mapping[str, str]]) -> Play:
    """Processes die under load, each at the point that the seed gives it, and are started again."""

    async def play(scene: RunContext) -> None:
        site, dies_at = scene.cluster, points(scene.seed)
        await site.again({name: ("--at", point, "--nth", str(nth(scene, name, point))) for name, point in dies_at.items()})
        await scene.load(3, rate=25)
        for _ in range(LONGEST_LOAD):
            if {death.name for death in site.died} >= dies_at.keys():
                break
            await scene.load(1, rate=4)
        alive = dies_at.keys() - {death.name for death in site.died}
        assert not alive, f"{', '.join(f'{name} at {dies_at[name]}' for name in alive)}: never reached"
        await scene.load(1)
        scene.notes += [f"{name} at {point}" for name, point in dies_at.items()]

    return play


def nth(scene: RunContext, name: str, point: str) -> int:
    """At which time the point kills: later where it is often reached."""
    often = 1 if name == "pages" or point in RARE else 30 if point == "mid-batch" else 6
    return scene.random.randint(1, max(often // (3 if name == "coaching" else 1), 1))


def everywhere(point: str) -> Callable[[int], Mapping[str, str]]:
    return lambda seed: dict.fromkeys(WHERE.get(point, SERVICES), point)


def mixed(round: int) -> Callable[[int], Mapping[str, str]]:
    """Three rounds in which every point is somebody's who often comes by there; the seed says whose."""

    def points(seed: int) -> Mapping[str, str]:
        random = Random(seed)
        hearing = random.sample(HEARING, len(HEARING))
        saying = random.sample(SAYING, len(SAYING))
        rounds = (
            ("partly-acknowledged", saying[0], hearing[0], "before-mail", "before-own-door"),
            (saying[1], hearing[2], hearing[1], "after-mail", "after-own-door"),
            (hearing[2], "before-own-door", hearing[3], "after-own-door", "after-commit"),
        )
        return dict(zip(("intake", "matching", "coaching", "notify", "pages"), rounds[round], strict=True))

    return points


HEARING = ("before-commit", "after-commit", "mid-batch", "before-offset-commit")
SAYING = ("before-outbox", "after-acknowledgement")
RARE = ("before-own-door", "after-own-door", "partly-acknowledged")
WHERE: Mapping[str, tuple[str, ...]] = {
    "before-own-door": ("matching", "notify", "pages"),
    "after-own-door": ("matching", "notify", "pages"),
    "before-mail": ("notify",),
    "after-mail": ("notify",),
    "partly-acknowledged": ("intake",),
    "before-outbox": ("intake", "matching", "notify"),
    "after-acknowledgement": ("intake", "matching", "notify"),
}
LONGEST_LOAD = 60
"""Seconds of load after which everybody must have died."""


async def join_and_leave(scene: RunContext) -> None:
    """Second processes come, the first ones go, one after the other."""
    loading = asyncio.create_task(scene.load(12))
    await scene.cluster.again({f"{name}-2": () for name in SERVICES})
    for name in SERVICES:
        await scene.cluster.again({name: ()})
        await scene.cluster.stop(f"{name}-2")
    await loading


async def frozen(scene: RunContext) -> None:
    """Every service has two processes; of each one stands still for longer than its session and its lease."""
    site, names = scene.cluster, SERVICES
    await site.again({f"{name}-2": () for name in names})
    loading = asyncio.create_task(scene.load(FREEZE + 3))
    await asyncio.sleep(1)
    still = [scene.random.choice([name, f"{name}-2"]) for name in names]
    for name in still:
        site.freeze(name)
    await asyncio.sleep(FREEZE)
    for name in still:
        site.thaw(name)
    await loading
    await scene.quiet()
    await asyncio.gather(*(site.stop(f"{name}-2") for name in names))


async def polite_stop(scene: RunContext) -> None:
    """SIGTERM under load: nothing is said twice on the clean path, no mail goes twice, and every exit code is 0."""
    await scene.quiet()
    before, copies = await scene.repeats(), scene.copies()
    loading = asyncio.create_task(scene.load(10))
    for name in ("intake", "matching", "coaching", "notify", "pages"):
        await asyncio.sleep(0.5)
        code = await scene.cluster.stop(name)
        assert code == 0, f"{name} left with {code}"
        await scene.cluster.start(name)
    await loading
    await scene.quiet()
    after = await scene.repeats()
    assert after == before, f"{after - before} messages were said twice though every stop was polite"
    assert scene.copies() == copies, f"{scene.copies() - copies} mails went twice though every stop was polite"


async def kills_at_random(scene: RunContext) -> None:
    """SIGKILL to whoever the dice say, several times."""
    loading = asyncio.create_task(scene.load(10, rate=30))
    for _ in range(4):
        await asyncio.sleep(scene.random.uniform(0.5, 2))
        scene.cluster.children[scene.random.choice(list(scene.cluster.children))].process.kill()
    await loading


async def burst(scene: RunContext) -> None:
    """Ten times the load, at once."""
    await scene.load(2)
    await scene.load(2, rate=200)


async def hot_key(scene: RunContext) -> None:
    """Nine in ten events are about one organisation."""
    await scene.load(4, rate=150, hot=0.9)


async def clock_jumps(scene: RunContext) -> None:
    """The clock goes forward by weeks, a bit back, and on, while people are being asked."""
    file = scene.cluster.endpoints.clock
    start = dev_clock.offset(file)
    for days in (3.0, 2.9, 20.0, 36.0, 53.0, 70.0, 87.0, 104.0, 120.0, 136.0):
        dev_clock.write(file, start + days * dev_clock.DAY)
        await scene.load(1.5)
    await scene.quiet()


async def reordered(scene: RunContext) -> None:
    """A partner's events in no order: each gets its answer, and what is sent again in order is accepted in the end."""
    events = [replace(event, expected=None) for event in islice(scene.stream("second", "r"), 300) if event.expected == "accepted"]
    await scene.sent("second", scene.random.sample(events, len(events)))
    await scene.sent("second", events)
    places = await scene.sent("second", events)
    await scene.answered(places, 60)
    outcomes = Counter(scene.receipts[place].outcome for place in places)
    assert set(outcomes) <= {"accepted", "duplicate"}, outcomes


FAULTS: list[Fault] = [
    *(Fault(f"crashes-{round + 1}", crashes(mixed(round))) for round in range(3)),
    *(Fault(f"crash-{point}", crashes(everywhere(point)), long=True) for point in POINTS),
    Fault("kills-at-random", kills_at_random),
    Fault("join-and-leave", join_and_leave),
    Fault("frozen", frozen),
    Fault("polite-stop", polite_stop),
    Fault("burst", burst),
    Fault("hot-key", hot_key),
    Fault("clock-jumps", clock_jumps),
    Fault("reordered", reordered),
    *(Fault(name, play, long) for name, (play, long) in database_faults.FAULTS.items()),
    *(Fault(name, play, long) for name, (play, long) in bus_faults.FAULTS.items()),
    *(Fault(name, play, long) for name, (play, long) in mail_faults.FAULTS.items()),
    *(Fault(name, play, long) for name, (play, long) in poison_messages.FAULTS.items()),
    Fault("bad-input", bad_input.play),
]
