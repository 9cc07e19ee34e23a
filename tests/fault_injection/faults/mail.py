"""The mail server is slow, refuses for a while, takes a mail without saying so, or dies."""

import asyncio
from collections.abc import Awaitable, Callable

from tests.fault_injection.run_context import RunContext
from tests.fault_injection.smtp_server import Mood


def mood(mood: Mood, seconds: float = 6) -> Callable[[RunContext], Awaitable[None]]:
    """It is in this mood for so long, under load."""

    async def play(scene: RunContext) -> None:
        scene.cluster.post.mood = mood
        await scene.load(seconds)
        scene.cluster.post.mood = "well"
        await scene.load(2)

    return play


async def dead(scene: RunContext) -> None:
    """Nobody answers at its door, in the middle of a mail as well; then it is back."""
    loading = asyncio.create_task(scene.load(8))
    for _ in range(2):
        await asyncio.sleep(1.5)
        await scene.cluster.post.stop()
        await asyncio.sleep(2)
        await scene.cluster.post.start()
    await loading


FAULTS: dict[str, tuple[Callable[[RunContext], Awaitable[None]], bool]] = {
    "smtp-slow": (mood("slow"), False),
    "smtp-refusing": (mood("refusing"), False),
    "smtp-closing": (mood("closing", 3), False),
    "smtp-silent": (mood("silent", 3), True),
    "smtp-dead": (dead, False),
}
