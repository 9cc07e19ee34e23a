"""The mail server is slow, defers, loses acknowledgements, or dies."""

import asyncio

from tests.fault_injection.faults.fault import Fault, Inject
from tests.fault_injection.run_context import RunContext
from tests.support.smtp_server import Mood


def mail_server_is(mood: Mood, seconds: float = 6) -> Inject:
    """Return a fault in which the mail server misbehaves in this way for some seconds."""

    async def inject(run: RunContext) -> None:
        run.cluster.mail_server.mood = mood
        await run.load(seconds)
        run.cluster.mail_server.mood = "normal"
        await run.load(2)

    return inject


async def dead(run: RunContext) -> None:
    """Stop the mail server twice, with its connections open, and start it again."""
    loading = asyncio.create_task(run.load(8))
    for _ in range(2):
        await asyncio.sleep(1.5)
        await run.cluster.mail_server.stop()
        await asyncio.sleep(2)
        await run.cluster.mail_server.start()
    await loading


FAULTS = [
    Fault("smtp-slow", mail_server_is("slow")),
    Fault("smtp-refusing", mail_server_is("deferring")),
    Fault("smtp-closing", mail_server_is("closing", 3)),
    Fault("smtp-silent", mail_server_is("silent", 3), only_full=True),
    Fault("smtp-dead", dead),
]
