"""Kafka's jars: the lock names them, jgo fetches them, the hash decides."""

import asyncio
import hashlib
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from deploy.errors import UserError
from deploy.stack.progress import Progress

LOCK = Path(__file__).parent / "kafka.lock"
AT_ONCE = 8
ATTEMPTS = 3


class Jar(NamedTuple):
    """One line of the lock."""

    group: str
    artifact: str
    version: str
    sha256: str

    @property
    def path(self) -> Path:
        """Where it lies in a Maven folder."""
        folder = Path(*self.group.split("."), self.artifact, self.version)
        return folder / f"{self.artifact}-{self.version}.jar"


def parse(lock: str) -> list[Jar]:
    """Lines `group:artifact:version sha256`; empty lines and comments are passed over."""
    return [read_line(line) for line in lock.splitlines() if line.strip() and not line.startswith("#")]


def read_line(line: str) -> Jar:
    coordinates, sha256 = line.split()
    group, artifact, version = coordinates.split(":")
    return Jar(group, artifact, version, sha256)


def cache() -> Path:
    """The folder that the jars share with other checkouts."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "tandem/maven"


async def fetch(progress: Progress, folder: Path | None = None) -> list[Path]:
    """Every jar of the lock, there and checked. Trouble when a registry does not answer or a jar is not what the lock says."""
    folder = folder or cache()
    jars = parse(LOCK.read_text())
    missing = [jar for jar in jars if not await asyncio.to_thread(is_sound, folder / jar.path, jar)]
    if missing:
        folder.mkdir(parents=True, exist_ok=True)
        with progress.step("Fetching Kafka's jars (38 MB)", len(missing)) as done:
            await download_all(missing, folder, done)
    return [folder / jar.path for jar in jars]


async def download_all(jars: list[Jar], folder: Path, done: Callable[[], None]) -> None:
    some = asyncio.Semaphore(AT_ONCE)

    async def one(jar: Jar) -> None:
        async with some:
            await asyncio.to_thread(download, jar, folder)
        done()

    await asyncio.gather(*(one(jar) for jar in jars))


def is_sound(path: Path, jar: Jar) -> bool:
    return path.exists() and hashlib.sha256(path.read_bytes()).hexdigest() == jar.sha256


def download(jar: Jar, folder: Path) -> None:
    """Into a folder beside, checked, then moved: what lies in the cache is whole."""
    with tempfile.TemporaryDirectory(dir=folder, prefix=".fetching-") as beside:
        fetched = resolve(jar, Path(beside))
        if not is_sound(fetched, jar):
            raise UserError(
                f"{jar.path.name} is not what deploy/embedded/kafka.lock says: the registry or a proxy on the way "
                "serves another file, so nothing was started; try another network or ask who runs the registry."
            )
        (folder / jar.path).parent.mkdir(parents=True, exist_ok=True)
        fetched.replace(folder / jar.path)


def resolve(jar: Jar, folder: Path, attempts: int = ATTEMPTS) -> Path:
    import requests
    from jgo.maven import MavenContext

    try:
        component = MavenContext(repo_cache=folder).project(jar.group, jar.artifact).at_version(jar.version)
        return Path(component.artifact().resolve())
    except (requests.RequestException, RuntimeError) as error:
        if attempts > 1:
            return resolve(jar, folder / "again", attempts - 1)
        raise UserError(
            f"The Maven registry gave no {jar.path.name} ({type(error).__name__}): check the network and try again."
        ) from error
