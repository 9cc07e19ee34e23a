"""Brings each service's schema up to date: plain SQL files, forward only, each applied once and never changed after."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import asyncpg

from deploy.errors import UserError
from deploy.provision.scram import verifier
from deploy.stack.endpoints import SERVICES

ROOT = Path(__file__).parents[2]
LOCK = 0x7A9DE  # one runner at a time in a database; any number will do that nobody else takes


class MigrationError(UserError):
    """The schemas cannot be brought up to date; the message says why and what to do."""


class File(NamedTuple):
    """One file of SQL: its source (`shared` or a service), its name, its text."""

    source: str
    name: str
    text: str

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.text.encode()).hexdigest()


class Applied(NamedTuple):
    """A file as it stands in one schema; without a moment it still waits."""

    schema: str
    source: str
    name: str
    at: datetime | None


def files(service: str, root: Path = ROOT) -> list[File]:
    """What a service's schema is built from, in order: the shared files, then its own."""
    folders = {"shared": root / "shared/pipeline/migrations", service: root / "services" / service / "migrations"}
    return [
        File(source, path.stem, path.read_text(encoding="utf-8"))
        for source, folder in folders.items()
        for path in sorted(folder.glob("*.sql"))
    ]


def pending(wanted: Sequence[File], known: Mapping[tuple[str, str], str]) -> list[File]:
    """Which files still wait, given the checksums of those applied.

    Raises MigrationError where an applied file has changed, or where a new one would go before an applied one."""
    for file in wanted:
        if known.get((file.source, file.name), file.sha256) != file.sha256:
            raise MigrationError(
                f"{file.source}/{file.name} was changed after it was applied. Put it back as it was and write what is new "
                "in a next file; where the data may go, `make clean` starts over."
            )
    waiting = [file for file in wanted if (file.source, file.name) not in known]
    for file in waiting:
        last = max((name for source, name in known if source == file.source), default="")
        if file.name < last:
            raise MigrationError(
                f"{file.source}/{file.name} comes before {last}, which is applied already: number it after that one."
            )
    return waiting


async def migrate(admin_url: str, passwords: Mapping[str, str]) -> list[Applied]:
    """Makes roles and schemas and applies what waits; says which files it applied. `passwords` by name of the login role
    (`tandem_intake`). One runner at a time: a second one waits, then finds nothing to do. Raises MigrationError."""
    connection = await asyncpg.connect(admin_url)
    try:
        await connection.execute("SELECT pg_advisory_lock($1)", LOCK)
        return [applied for service in SERVICES for applied in await _bring_up(connection, service, passwords)]
    finally:
        await connection.close()


async def status(admin_url: str) -> list[Applied]:
    """Every file of every schema, applied or waiting; one that only the database knows is listed as well."""
    connection = await asyncpg.connect(admin_url)
    try:
        return [row for service in SERVICES for row in await _stand(connection, service)]
    finally:
        await connection.close()


async def _bring_up(connection: asyncpg.Connection, service: str, passwords: Mapping[str, str]) -> list[Applied]:
    role = f"tandem_{service}"
    if role not in passwords:
        raise MigrationError(f"no password is given for the role {role}")
    async with connection.transaction():
        await connection.execute((Path(__file__).parent / "roles.sql").read_text().replace("SERVICE", service))
        await connection.execute(f"ALTER ROLE {role} PASSWORD '{verifier(passwords[role])}'")
    rows = await connection.fetch(f"SELECT source, name, sha256 FROM {service}.migrations")
    known = {(row["source"], row["name"]): row["sha256"] for row in rows}
    return [await _apply(connection, service, file) for file in pending(files(service), known)]


async def _apply(connection: asyncpg.Connection, service: str, file: File) -> Applied:
    try:
        async with connection.transaction():
            await connection.execute(f"SET LOCAL ROLE tandem_{service}_owner; SET LOCAL search_path = {service}")
            await connection.execute(file.text)
            at = await connection.fetchval(
                "INSERT INTO migrations (source, name, sha256) VALUES ($1, $2, $3) RETURNING applied_at",
                file.source,
                file.name,
                file.sha256,
            )
    except asyncpg.PostgresError as error:
        raise MigrationError(f"{file.source}/{file.name} does not apply to {service}, nothing of it stays: {error}") from error
    return Applied(service, file.source, file.name, at)


async def _stand(connection: asyncpg.Connection, service: str) -> list[Applied]:
    rows = []
    if await connection.fetchval("SELECT to_regclass($1)", f"{service}.migrations"):
        rows = await connection.fetch(f"SELECT source, name, applied_at FROM {service}.migrations ORDER BY applied_at, name")
    moments = {(row["source"], row["name"]): row["applied_at"] for row in rows}
    names = dict.fromkeys([*((file.source, file.name) for file in files(service)), *moments])
    return [Applied(service, source, name, moments.get((source, name))) for source, name in names]
