"""A server is ready when it answers a request, not when its port is open."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from deploy.stack.embedded import readiness
from deploy.stack.ports_and_secrets import administrator_url, free_ports

Behaviour = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
STARTING_UP = b"SFATAL\0VFATAL\0C57P03\0Mthe database system is starting up\0\0"


async def stay_silent(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
    await reader.read()


async def hang_up(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
    await reader.read(1)


async def refuse_while_starting_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer as PostgreSQL does during recovery: no TLS, then error 57P03 on the start-up message."""
    if (await reader.readexactly(8))[4:] == b"\x04\xd2\x16\x2f":
        writer.write(b"N")
        await reader.readexactly(8)
    writer.write(b"E" + (len(STARTING_UP) + 4).to_bytes(4, "big") + STARTING_UP)
    await writer.drain()


@asynccontextmanager
async def server(behaviour: Behaviour) -> AsyncIterator[int]:
    """A server that accepts connections and does no more than `behaviour`; yields its port."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await behaviour(reader, writer)
        finally:
            writer.close()

    listener = await asyncio.start_server(serve, "127.0.0.1", 0)
    yield listener.sockets[0].getsockname()[1]
    listener.close()


@pytest.fixture(autouse=True)
def short_timeout(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readiness, "CHECK_TIMEOUT", 0.3)


@pytest.mark.parametrize("behaviour", [stay_silent, hang_up, refuse_while_starting_up])
async def test_open_port_of_a_recovering_database_is_not_ready(behaviour: Behaviour) -> None:
    async with server(behaviour) as port:
        assert not await readiness.answers_query(administrator_url(port, "secret"))


@pytest.mark.parametrize("behaviour", [stay_silent, hang_up])
async def test_open_port_of_a_broker_that_does_not_answer_is_not_ready(behaviour: Behaviour) -> None:
    async with server(behaviour) as port:
        assert not await readiness.answers_metadata(port)


async def test_closed_port_is_not_ready() -> None:
    (port,) = free_ports(1)

    assert not await readiness.answers_query(administrator_url(port, "secret"))
    assert not await readiness.answers_metadata(port)
