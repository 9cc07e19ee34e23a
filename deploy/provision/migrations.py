"""Schema migrations: plain SQL files, forward only, each applied once and never changed afterwards."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import asyncpg

from deploy.errors import UserError
from deploy.provision.scram import scram_verifier
from deploy.stack.endpoints import ROLES, SERVICES

ROOT = Path(__file__).parents[2]
ADVISORY_LOCK = 0x7A9DE  # an arbitrary number that nothing else in the database uses


class MigrationError(UserError):
    """The schemas cannot be migrated; the message has the reason and what to do."""


class MigrationFile(NamedTuple):
    """A SQL file: its source (`shared` or a service), its name, its text."""

    source: str
    name: str
    text: str

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.text.encode()).hexdigest()


class MigrationStatus(NamedTuple):
    """A file's state in one schema; `applied_at` is None while it is pending."""

    schema: str
    source: str
    name: str
    applied_at: datetime | None


def migration_files(service: str, root: Path = ROOT) -> list[MigrationFile]:
    """The files of a service's schema in the order of application: the shared ones, then its own."""
    folders = {"shared": root / "shared/pipeline/migrations", service: root / "services" / service / "migrations"}
    return [
        MigrationFile(source, path.stem, path.read_text(encoding="utf-8"))
        for source, folder in folders.items()
        for path in sorted(folder.glob("*.sql"))
    ]


def pending(files: Sequence[MigrationFile], applied: Mapping[tuple[str, str], str]) -> list[MigrationFile]:
    """The files that are not applied yet, given the checksums of the applied ones by source and name.

    Raises MigrationError if an applied file has changed, or if a new one is numbered before an applied one.
    """
    for file in files:
        if applied.get((file.source, file.name), file.sha256) != file.sha256:
            raise MigrationError(
                f"{file.source}/{file.name} was changed after it was applied. Restore it and put the change in a new file; "
                "if the data may be lost, `make clean` starts over."
            )
    result = [file for file in files if (file.source, file.name) not in applied]
    for file in result:
        last = max((name for source, name in applied if source == file.source), default="")
        if file.name < last:
            raise MigrationError(
                f"{file.source}/{file.name} comes before {last}, which is already applied: give it a higher number."
            )
    return result


async def migrate(admin_url: str, passwords: Mapping[str, str]) -> list[MigrationStatus]:
    """Create roles and schemas and apply pending files; return the files that were applied.

    `passwords` are by login role (`tandem_intake`). Concurrent calls are serialized. Raises MigrationError.
    """
    if missing := [f"STACK_PASSWORDS__{role}".upper() for role in ROLES if role not in passwords]:
        raise MigrationError(f"Set {', '.join(missing)}: the passwords that the services' roles get in the database.")
    connection = await asyncpg.connect(admin_url)
    try:
        await connection.execute("SELECT pg_advisory_lock($1)", ADVISORY_LOCK)
        return [applied for service in SERVICES for applied in await _migrate_schema(connection, service, passwords)]
    finally:
        await connection.close()


async def status(admin_url: str) -> list[MigrationStatus]:
    """Every file of every schema, applied or pending; also those that are applied but no longer exist."""
    connection = await asyncpg.connect(admin_url)
    try:
        return [row for service in SERVICES for row in await _schema_status(connection, service)]
    finally:
        await connection.close()


async def _migrate_schema(connection: asyncpg.Connection, service: str, passwords: Mapping[str, str]) -> list[MigrationStatus]:
    role = f"tandem_{service}"
    async with connection.transaction():
        await connection.execute((Path(__file__).parent / "roles.sql").read_text().replace("SERVICE", service))
        await connection.execute(f"ALTER ROLE {role} PASSWORD '{scram_verifier(passwords[role])}'")
    rows = await connection.fetch(f"SELECT source, name, sha256 FROM {service}.migrations")
    applied = {(row["source"], row["name"]): row["sha256"] for row in rows}
    return [await _apply(connection, service, file) for file in pending(migration_files(service), applied)]


async def _apply(connection: asyncpg.Connection, service: str, file: MigrationFile) -> MigrationStatus:
    try:
        async with connection.transaction():
            await connection.execute(f"SET LOCAL ROLE tandem_{service}_owner; SET LOCAL search_path = {service}")
            await connection.execute(file.text)
            applied_at = await connection.fetchval(
                "INSERT INTO migrations (source, name, sha256) VALUES ($1, $2, $3) RETURNING applied_at",
                file.source,
                file.name,
                file.sha256,
            )
    except asyncpg.PostgresError as error:
        raise MigrationError(f"{file.source}/{file.name} failed on {service} and was rolled back: {error}") from error
    return MigrationStatus(service, file.source, file.name, applied_at)


async def _schema_status(connection: asyncpg.Connection, service: str) -> list[MigrationStatus]:
    rows = []
    if await connection.fetchval("SELECT to_regclass($1)", f"{service}.migrations"):
        rows = await connection.fetch(f"SELECT source, name, applied_at FROM {service}.migrations ORDER BY applied_at, name")
    applied = {(row["source"], row["name"]): row["applied_at"] for row in rows}
    names = dict.fromkeys([*((file.source, file.name) for file in migration_files(service)), *applied])
    return [MigrationStatus(service, source, name, applied.get((source, name))) for source, name in names]
