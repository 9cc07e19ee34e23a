"""The mail server is slow, refuses for a while, takes a mail without saying so, or dies."""

import asyncio
from collections.abc import Awaitable, Callable

from tests.faults.post_office import Mood
from tests.faults.scene import Scene


def mood(mood: Mood, seconds: float = 6) -> Callable[[Scene], Awaitable[None]]:
    """It is in this mood for so long, under load."""

    async def play(scene: Scene) -> None:
        scene.site.post.mood = mood
        await scene.load(seconds)
        scene.site.post.mood = "well"
        await scene.load(2)

    return play


async def dead(scene: Scene) -> None:
    """Nobody answers at its door, in the middle of a mail as well; then it is back."""
    loading = asyncio.create_task(scene.load(8))
    for _ in range(2):
        await asyncio.sleep(1.5)
        await scene.site.post.stop()
        await asyncio.sleep(2)
        await scene.site.post.start()
    await loading


FAULTS: dict[str, tuple[Callable[[Scene], Awaitable[None]], bool]] = {
    "smtp-slow": (mood("slow"), False),
    "smtp-refusing": (mood("refusing"), False),
    "smtp-closing": (mood("closing", 3), False),
    "smtp-silent": (mood("silent", 3), True),
    "smtp-dead": (dead, False),
}
