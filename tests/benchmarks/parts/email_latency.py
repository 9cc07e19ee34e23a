"""From a partner's event to the mail that the mail server accepted, at a hundred a second, with the whole house running."""

import asyncio
import json
import time
from contextlib import AsyncExitStack
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session

from deploy.stack.endpoints import SERVICES
from tests.benchmarks.environment import Environment
from tests.benchmarks.load import partner_events as records
from tests.benchmarks.load.publishing import HEADERS
from tests.benchmarks.metrics import Spread, percentile
from tests.benchmarks.parts.services import Done
from tests.benchmarks.report.rows import Row, limits

RATE = 100
WARM = 3
"""Seconds that do not count."""
PATIENCE = 30.0


class Accepting:
    """A mail server that notes when it accepted what for whom."""

    def __init__(self) -> None:
        self.accepted: dict[str, float] = {}

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        for reader in envelope.rcpt_tos:
            self.accepted.setdefault(reader, time.perf_counter())
        return "250 OK"


async def latency(stage: Environment, *, seconds: int, done: Done) -> list[Row]:
    """Organisations submit themselves; each gets its welcome."""
    await stage.fresh()
    catcher, loop = Accepting(), asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(catcher, hostname="bench.example", loop=loop), "127.0.0.1", 0)
    port = str(server.sockets[0].getsockname()[1])
    async with server, AsyncExitStack() as stack:
        for name in SERVICES:
            contender = stage.service(name)
            contender.environment["TANDEM_SMTP_PORT"] = port
            await stack.enter_async_context(stage.running(contender))
        sent = await _submitted(stage, (seconds + WARM) * RATE)
        async with asyncio.timeout(PATIENCE):
            while sent.keys() - catcher.accepted.keys():  # noqa: ASYNC110
                await asyncio.sleep(0.05)
    done()
    waits = [(catcher.accepted[reader] - at) * 1e3 for reader, at in list(sent.items())[WARM * RATE :]]
    found = {part: Spread(at, at, at) for part, at in (("p50", percentile(waits, 0.5)), ("p99", percentile(waits, 0.99)))}
    absolute = f"{len(waits)} mails in {seconds} s, highest {max(waits):.0f} ms"
    return [limits(f"partner event → mail accepted, at {RATE}/s", found, {"p50": 60, "p99": 250}, "ms", absolute)]


async def _submitted(stage: Environment, count: int) -> dict[str, float]:
    """Publishes them evenly; when each was handed to the bus, by the address that its mail goes to."""
    sent, begun = dict[str, float](), time.perf_counter()
    waiting = list[Any]()
    for nth in range(count):
        await asyncio.sleep(max(0.0, begun + nth / RATE - time.perf_counter()))
        reader = f"coordinator-{nth}@bench.example"
        key, value = _event(nth, reader)
        sent[reader] = time.perf_counter()
        waiting.append(await stage.producer.send(records.SUBMISSIONS, value, key=key, headers=HEADERS))
    await asyncio.gather(*waiting)
    return sent


def _event(nth: int, reader: str) -> tuple[bytes, bytes]:
    coordinator = {"name": f"Coördinator {nth}", "email": reader}
    event = records.event("organisation-submitted", nth, organisation=f"org-{nth}", coordinator=coordinator)
    return f"org-{nth}".encode(), json.dumps(event, ensure_ascii=False).encode()
