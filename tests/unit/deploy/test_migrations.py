"""Which migrations wait, and which mistakes are caught before anything is applied."""

from pathlib import Path

import pytest

from deploy.provision.migrations import File, MigrationError, files, pending

FIRST = File("shared", "0001_pipeline", "CREATE TABLE inbox (id uuid);")
SECOND = File("shared", "0002_topology", "CREATE TABLE topology (topic text);")
OWN = File("intake", "0001_ledger", "CREATE TABLE ledger (id uuid);")


def known(*applied: File) -> dict[tuple[str, str], str]:
    return {(file.source, file.name): file.sha256 for file in applied}


def test_a_new_schema_waits_for_every_file() -> None:
    assert pending([FIRST, SECOND, OWN], {}) == [FIRST, SECOND, OWN]


def test_what_is_applied_does_not_wait() -> None:
    assert pending([FIRST, SECOND, OWN], known(FIRST, OWN)) == [SECOND]


def test_a_changed_file_is_refused_and_told_what_to_do() -> None:
    changed = FIRST._replace(text="CREATE TABLE inbox (id text);")

    with pytest.raises(MigrationError, match=r"shared/0001_pipeline was changed .* write what is new in a next file"):
        pending([changed], known(FIRST))


def test_a_file_numbered_before_an_applied_one_is_refused() -> None:
    with pytest.raises(MigrationError, match="shared/0001_pipeline comes before 0002_topology"):
        pending([FIRST, SECOND], known(SECOND))


def test_the_shared_files_come_before_the_services_own(tmp_path: Path) -> None:
    for path in (
        "shared/pipeline/migrations/0002_b.sql",
        "shared/pipeline/migrations/0001_a.sql",
        "services/intake/migrations/0001_c.sql",
    ):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text("SELECT 1;")

    assert [(file.source, file.name) for file in files("intake", tmp_path)] == [
        ("shared", "0001_a"),
        ("shared", "0002_b"),
        ("intake", "0001_c"),
    ]
