"""Which migrations are pending, and which mistakes are caught before anything is applied."""

from pathlib import Path

import pytest

from deploy.provision.migrations import MigrationError, MigrationFile, migration_files, pending

FIRST = MigrationFile("shared", "0001_pipeline", "CREATE TABLE inbox (id uuid);")
SECOND = MigrationFile("shared", "0002_topology", "CREATE TABLE topology (topic text);")
INTAKE = MigrationFile("intake", "0001_intake", "CREATE TABLE experts (id uuid);")


def applied(*files: MigrationFile) -> dict[tuple[str, str], str]:
    return {(file.source, file.name): file.sha256 for file in files}


def test_new_schema_has_every_file_pending() -> None:
    assert pending([FIRST, SECOND, INTAKE], {}) == [FIRST, SECOND, INTAKE]


def test_applied_file_is_not_pending() -> None:
    assert pending([FIRST, SECOND, INTAKE], applied(FIRST, INTAKE)) == [SECOND]


def test_changed_file_is_refused_with_what_to_do() -> None:
    changed = FIRST._replace(text="CREATE TABLE inbox (id text);")

    with pytest.raises(MigrationError, match=r"shared/0001_pipeline was changed .* put the change in a new file"):
        pending([changed], applied(FIRST))


def test_file_numbered_before_an_applied_one_is_refused() -> None:
    with pytest.raises(MigrationError, match="shared/0001_pipeline comes before 0002_topology"):
        pending([FIRST, SECOND], applied(SECOND))


def test_shared_files_come_before_those_of_the_service(tmp_path: Path) -> None:
    for path in (
        "shared/pipeline/migrations/0002_b.sql",
        "shared/pipeline/migrations/0001_a.sql",
        "services/intake/migrations/0001_c.sql",
    ):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text("SELECT 1;")

    assert [(file.source, file.name) for file in migration_files("intake", tmp_path)] == [
        ("shared", "0001_a"),
        ("shared", "0002_b"),
        ("intake", "0001_c"),
    ]
