"""PostgreSQL restarts, loses connections, has none left, cannot vacuum, changes its tables, has a full disk."""

import asyncio
from contextlib import AsyncExitStack

import asyncpg

from deploy.stack.endpoints import SERVICES
from tests.fault_injection.faults.fault import Fault
from tests.fault_injection.faults.small_disk import SmallDisk, fill
from tests.fault_injection.run_context import RunContext

CUTS = 12
MAX_CONNECTIONS = 1000
"""More than the server allows."""
FREE_DISK_BYTES = 64 << 20
KILL_HALF = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename LIKE 'tandem_%' AND random() < 0.5"
KILL_OTHERS = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename LIKE 'tandem_%' AND usename <> 'tandem_coaching'"
)


async def commit_lost(run: RunContext) -> None:
    """Cut the connection after COMMIT was sent, so that the client does not know whether it succeeded."""
    proxy = run.cluster.proxies["postgres"]
    await run.processes.restart(dict.fromkeys(SERVICES, ()), proxied=True)
    proxy.cut_text, proxy.cuts_left, proxy.cuts_made = b"COMMIT", CUTS, 0
    await run.load(6)
    proxy.cuts_left = 0
    assert proxy.cuts_made, "no connection was cut at COMMIT"
    run.notes.append(f"{proxy.cuts_made} commits without a response")
    await run.wait_quiet()
    await run.processes.restart(dict.fromkeys(SERVICES, ()))


async def restart(run: RunContext) -> None:
    """Kill the server and start it again after some seconds."""
    loading = asyncio.create_task(run.load(10))
    await asyncio.sleep(2)
    await run.cluster.infrastructure["postgres"].kill()
    await asyncio.sleep(run.random.uniform(0.5, 3))
    await run.cluster.start_postgres()
    await loading


async def backends_killed(run: RunContext) -> None:
    """Kill half of all connections, repeatedly."""
    loading = asyncio.create_task(run.load(8, rate=30))
    for _ in range(12):
        await asyncio.sleep(0.5)
        await run.cluster.fetch(KILL_HALF)
    await loading


async def no_connection_left(run: RunContext) -> None:
    """Take all free connections, then kill those of the services and take them too."""
    loading = asyncio.create_task(run.load(8))
    async with AsyncExitStack() as stack:
        await asyncio.sleep(1)
        taken = await take_all_connections(run, stack)
        await run.cluster.fetch(KILL_OTHERS)
        for _ in range(12):
            taken += await take_all_connections(run, stack)
            await asyncio.sleep(0.25)
        run.notes.append(f"{taken} connections were taken")
    await loading


async def take_all_connections(run: RunContext, stack: AsyncExitStack) -> int:
    """Open connections until the server refuses one, and return their number. Leaving the stack closes them."""
    url = run.cluster.endpoints.database_of("coaching")
    for taken in range(MAX_CONNECTIONS):
        try:
            connection = await asyncpg.connect(url, timeout=5)
        except asyncpg.TooManyConnectionsError:
            return taken
        stack.callback(connection.terminate)
    raise AssertionError(f"{MAX_CONNECTIONS} connections were taken, and the server allows more")


async def held_snapshot(run: RunContext) -> None:
    """Hold an old snapshot, so that no dead row can be vacuumed."""
    db = await asyncpg.connect(run.cluster.endpoints.database)
    try:
        async with db.transaction(isolation="repeatable_read", readonly=True):
            await db.fetch("SELECT count(*) FROM intake.outbox")
            await run.load(8, rate=30)
            await run.wait_quiet()
    finally:
        await db.close()


async def new_column(run: RunContext) -> None:
    """Add a column that the running processes do not know to a state table of each service."""
    loading = asyncio.create_task(run.load(5))
    for table in ("intake.organisations", "matching.experts", "coaching.tandems", "notify.proposals", "notify.emails"):
        await run.cluster.fetch(f"ALTER TABLE {table} ADD COLUMN IF NOT EXISTS added_later text")
    await loading


async def full_disk(run: RunContext) -> None:
    """Fill the disk of the server's data under load, then free it and restart the server."""
    cluster = run.cluster
    data = cluster.var / "postgres/data"
    await run.wait_quiet()
    await cluster.infrastructure["postgres"].stop()
    size = sum(file.stat().st_size for file in data.rglob("*") if file.is_file()) + FREE_DISK_BYTES
    with SmallDisk(data, size) as ballast:
        await cluster.start_postgres()
        loading = asyncio.create_task(run.load(14, rate=30))
        await asyncio.sleep(2)
        fill(ballast)
        await asyncio.sleep(6)
        ballast.unlink()
        await cluster.infrastructure["postgres"].kill()
        await cluster.start_postgres()
        await loading
        await run.wait_quiet()
        await cluster.infrastructure["postgres"].stop()
    await cluster.start_postgres()


FAULTS = [
    Fault("commit-lost", commit_lost),
    Fault("postgres-restart", restart),
    Fault("backends-killed", backends_killed),
    Fault("no-connection-left", no_connection_left),
    Fault("held-snapshot", held_snapshot),
    Fault("new-column", new_column),
    Fault("full-disk", full_disk, only_full=True),
]
