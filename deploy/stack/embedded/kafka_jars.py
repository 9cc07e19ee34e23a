"""Kafka's jars: `kafka.lock` lists them, jgo fetches them, their hashes are verified."""

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
MAX_CONCURRENT_DOWNLOADS = 8
MAX_ATTEMPTS = 3


class Jar(NamedTuple):
    """One line of the lock."""

    group: str
    artifact: str
    version: str
    sha256: str

    @property
    def path(self) -> Path:
        """Its path in a Maven repository."""
        folder = Path(*self.group.split("."), self.artifact, self.version)
        return folder / f"{self.artifact}-{self.version}.jar"


def parse_lock(text: str) -> list[Jar]:
    """Parse lines of the form `group:artifact:version sha256`; skip empty lines and comments."""
    return [_parse_line(line) for line in text.splitlines() if line.strip() and not line.startswith("#")]


def _parse_line(line: str) -> Jar:
    coordinates, sha256 = line.split()
    group, artifact, version = coordinates.split(":")
    return Jar(group, artifact, version, sha256)


def cache_folder() -> Path:
    """The user's cache of jars, shared by all checkouts."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "tandem/maven"


async def fetch(progress: Progress, folder: Path | None = None) -> list[Path]:
    """Download the jars that are missing in `folder` and return the paths of all, with verified hashes.

    Raises UserError if the registry does not answer or serves a jar with another hash.
    """
    folder = folder or cache_folder()
    jars = parse_lock(LOCK.read_text())
    missing = [jar for jar in jars if not await asyncio.to_thread(has_expected_hash, folder / jar.path, jar)]
    if missing:
        folder.mkdir(parents=True, exist_ok=True)
        with progress.step("Downloading Kafka's jars (38 MB)", len(missing)) as advance:
            await _download_all(missing, folder, advance)
    return [folder / jar.path for jar in jars]


async def _download_all(jars: list[Jar], folder: Path, on_done: Callable[[], None]) -> None:
    slots = asyncio.Semaphore(MAX_CONCURRENT_DOWNLOADS)

    async def download_one(jar: Jar) -> None:
        async with slots:
            await asyncio.to_thread(_download, jar, folder)
        on_done()

    await asyncio.gather(*(download_one(jar) for jar in jars))


def has_expected_hash(path: Path, jar: Jar) -> bool:
    return path.exists() and hashlib.sha256(path.read_bytes()).hexdigest() == jar.sha256


def _download(jar: Jar, folder: Path) -> None:
    """Download to a temporary folder, verify, then move: the cache never holds a partial file."""
    with tempfile.TemporaryDirectory(dir=folder, prefix=".download-") as temporary:
        downloaded = _resolve(jar, Path(temporary))
        if not has_expected_hash(downloaded, jar):
            raise UserError(
                f"{jar.path.name} does not have the hash in {LOCK.name}: the registry or a proxy serves another file, "
                "so nothing was started. Try another network or ask the operator of the registry."
            )
        (folder / jar.path).parent.mkdir(parents=True, exist_ok=True)
        downloaded.replace(folder / jar.path)


def _resolve(jar: Jar, folder: Path, attempts: int = MAX_ATTEMPTS) -> Path:
    import requests
    from jgo.maven import MavenContext

    try:
        component = MavenContext(repo_cache=folder).project(jar.group, jar.artifact).at_version(jar.version)
        return Path(component.artifact().resolve())
    except (requests.RequestException, RuntimeError) as error:
        if attempts > 1:
            return _resolve(jar, folder / "retry", attempts - 1)
        raise UserError(
            f"The Maven registry did not deliver {jar.path.name} ({type(error).__name__}): check the network and try again."
        ) from error
