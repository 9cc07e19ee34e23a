"""A process stops in time whatever is away, and loses nothing by it."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from urllib.parse import urlsplit

import pytest

from tests.fault_injection.cluster.proxy import Proxy
from tests.integration.pipeline.test_process import start_process
from tests.support.counter_service import Harness

STOP_WITHIN = 13
SESSION_TIMEOUT = 6


@pytest.fixture
async def proxy(harness: Harness) -> AsyncIterator[Proxy]:
    """The way to PostgreSQL, which a test may close."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    target = urlsplit(harness.database).port
    assert target
    proxy = Proxy(port, target, seed=1)
    await proxy.start()
    yield proxy
    await proxy.stop()


async def start_behind(proxy: Proxy, harness: Harness) -> asyncio.subprocess.Process:
    """Start a process that reaches PostgreSQL through the proxy; return once it is ready."""
    direct = urlsplit(harness.settings.database.get_secret_value())
    url = direct._replace(netloc=f"{direct.username}:{direct.password}@127.0.0.1:{proxy.port}").geturl()
    process = await start_process(harness, TANDEM_DATABASE=url, TANDEM_LOG_LEVEL="INFO", stdout=asyncio.subprocess.PIPE)
    assert process.stdout is not None
    async with asyncio.timeout(30):
        while b'"ready"' not in await process.stdout.readline():
            pass
    return process


async def stop(process: asyncio.subprocess.Process) -> bytes:
    """Ask a process to stop; return its output since it was ready. Raises `TimeoutError` if it does not end in time."""
    process.terminate()
    try:
        output, _ = await asyncio.wait_for(process.communicate(), STOP_WITHIN)
    finally:
        if process.returncode is None:
            process.kill()
    return output


async def break_off(proxy: Proxy) -> None:
    await proxy.stop()


async def go_silent(proxy: Proxy) -> None:
    proxy.delay = 3600


@pytest.mark.parametrize("outage", [break_off, go_silent])
async def test_a_process_that_waits_for_postgresql_in_a_rebalance_stops_in_time(
    harness: Harness, proxy: Proxy, outage: Callable[[Proxy], Awaitable[None]]
) -> None:
    first, second = await asyncio.gather(start_behind(proxy, harness), start_behind(proxy, harness))
    await harness.publish(*(harness.added(f"{n % 20}", n=n) for n in range(200)))
    await harness.wait_until_processed(200)

    await outage(proxy)
    await harness.publish(*(harness.added(f"{n % 20}", n=n) for n in range(200, 400)))
    second.kill()
    await second.wait()
    await asyncio.sleep(SESSION_TIMEOUT + 4)
    output = await stop(first)

    assert first.returncode == 0, output[-2000:]
    assert b"message_dead_lettered" not in output and b"service_failed" not in output and b"stop_forced" not in output
    async with harness.running():
        await harness.wait_until_processed(400)
    assert await harness.published_numbers() == {f"thing/{n}": list(range(n, 400, 20)) for n in range(20)}


async def test_a_process_with_a_batch_in_flight_stops_in_time(harness: Harness, proxy: Proxy) -> None:
    process = await start_behind(proxy, harness)
    await break_off(proxy)
    await harness.publish(*(harness.added("1", n=n) for n in range(50)))
    await asyncio.sleep(3)

    output = await stop(process)

    assert process.returncode == 0, output[-2000:]
    assert b"service_failed" not in output and b"stop_forced" not in output
    async with harness.running():
        await harness.wait_until_processed(50)
    assert await harness.numbers("1") == list(range(50))
