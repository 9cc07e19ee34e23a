"""PostgreSQL goes away, loses connections, has none left, is held back, is full."""

import asyncio
import subprocess
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import asyncpg

from deploy.stack.endpoints import SERVICES
from tests.fault_injection.run_context import RunContext

MORE_THAN_THERE_ARE = 1000
KILL = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename LIKE 'tandem_%' AND random() < $1"


async def commit_lost(scene: RunContext) -> None:
    """The connection ends when COMMIT has gone out, before anybody knows whether it was taken."""
    proxy, site = scene.cluster.proxies["postgres"], scene.cluster
    await site.again(dict.fromkeys(SERVICES, ()), proxied=True)
    proxy.cut, proxy.cuts, proxy.done = b"COMMIT", 12, 0
    await scene.load(6)
    proxy.cuts = 0
    assert proxy.done, "no COMMIT was cut off"
    scene.notes.append(f"{proxy.done} commits without an answer")
    await scene.quiet()
    await site.again(dict.fromkeys(SERVICES, ()))


async def restarted(scene: RunContext) -> None:
    """It stops at once and comes back after some seconds."""
    loading = asyncio.create_task(scene.load(10))
    await asyncio.sleep(2)
    await scene.cluster.stack["postgres"].kill()
    await asyncio.sleep(scene.random.uniform(0.5, 3))
    await scene.cluster.start_postgres()
    await loading


async def backends_killed(scene: RunContext) -> None:
    """Half of all connections end, again and again."""
    loading = asyncio.create_task(scene.load(8, rate=30))
    for _ in range(12):
        await asyncio.sleep(0.5)
        await scene.cluster.fetch(KILL, 0.5)
    await loading


async def none_left(scene: RunContext) -> None:
    """Somebody takes every connection that there is, and those that the services lose as well."""
    loading = asyncio.create_task(scene.load(8))
    async with AsyncExitStack() as stack:
        await asyncio.sleep(1)
        taken = await taken_all(scene, stack)
        await scene.cluster.fetch(KILL.replace("AND random() < $1", "AND usename <> 'tandem_coaching' AND $1 > 0"), 1.0)
        for _ in range(12):
            taken += await taken_all(scene, stack)
            await asyncio.sleep(0.25)
        scene.notes.append(f"{taken} connections were taken")
    await loading


async def taken_all(scene: RunContext, stack: AsyncExitStack) -> int:
    """Takes connections until none is given any more; how many that were."""
    url, taken = scene.cluster.endpoints.database_of("coaching"), 0
    while taken < MORE_THAN_THERE_ARE:
        try:
            connection = await asyncpg.connect(url, timeout=5)
        except asyncpg.TooManyConnectionsError:
            return taken
        taken += 1
        stack.callback(connection.terminate)
    raise AssertionError(f"{taken} connections were taken, and there were more")


async def held_snapshot(scene: RunContext) -> None:
    """Somebody looks at an old picture of the tables all the while; nothing dead can be cleared away."""
    db = await asyncpg.connect(scene.cluster.endpoints.database)
    try:
        async with db.transaction(isolation="repeatable_read", readonly=True):
            await db.fetch("SELECT count(*) FROM intake.outbox")
            await scene.load(8, rate=30)
            await scene.quiet()
    finally:
        await db.close()


async def new_column(scene: RunContext) -> None:
    """Each table of states gets a column that the running processes do not know."""
    loading = asyncio.create_task(scene.load(5))
    for table in ("intake.organisations", "matching.experts", "coaching.tandems", "notify.proposals", "notify.emails"):
        await scene.cluster.fetch(f"ALTER TABLE {table} ADD COLUMN IF NOT EXISTS of_tomorrow text")
    await loading


async def full_disk(scene: RunContext) -> None:
    """PostgreSQL's data lie on a small disk that fills up under load and is emptied again."""
    site = scene.cluster
    data = site.var / "postgres/data"
    await scene.quiet()
    await site.stack["postgres"].stop()
    room = sum(file.stat().st_size for file in data.rglob("*") if file.is_file()) + (64 << 20)
    with SmallDisk(data, room) as ballast:
        await site.start_postgres()
        loading = asyncio.create_task(scene.load(14, rate=30))
        await asyncio.sleep(2)
        fill(ballast)
        await asyncio.sleep(6)
        ballast.unlink()
        await site.stack["postgres"].kill()
        await site.start_postgres()
        await loading
        await scene.quiet()
        await site.stack["postgres"].stop()
    await site.start_postgres()


class SmallDisk:
    """A file system in memory under a folder, with what was in it; afterwards the folder holds what it holds then."""

    def __init__(self, folder: Path, size: int) -> None:
        self.folder, self.beside, self.size = folder, folder.with_name("beside"), size

    def __enter__(self) -> Path:
        self._run("cp", "-a", str(self.folder), str(self.beside))
        self._run("mount", "-t", "tmpfs", "-o", f"size={self.size}", "tmpfs", str(self.folder))
        self._run("sh", "-c", f"cp -a {self.beside}/. {self.folder}/")
        return self.folder / "ballast"

    def __exit__(self, *_: object) -> None:
        self._run("rm", "-rf", str(self.beside))
        self._run("cp", "-a", str(self.folder), str(self.beside))
        self._run("umount", str(self.folder))
        self._run("sh", "-c", f"rm -rf {self.folder} && mv {self.beside} {self.folder}")

    def _run(self, *command: str) -> None:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            why = "no small disk can be mounted on this machine: " if command[0] == "mount" else ""
            raise AssertionError(f"{why}{' '.join(command)}: {done.stderr.strip()}")


def fill(file: Path) -> None:
    """Takes all the room that is left."""
    with file.open("wb") as ballast:
        try:
            while True:
                ballast.write(b"\0" * (1 << 20))
                ballast.flush()
        except OSError:
            return


FAULTS: dict[str, tuple[Callable[[RunContext], Awaitable[None]], bool]] = {
    "commit-lost": (commit_lost, False),
    "postgres-restart": (restarted, False),
    "backends-killed": (backends_killed, False),
    "no-connection-left": (none_left, False),
    "held-snapshot": (held_snapshot, False),
    "new-column": (new_column, False),
    "full-disk": (full_disk, True),
}
