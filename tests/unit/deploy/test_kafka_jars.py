"""The lock of Kafka's jars: its format, and the check of each hash."""

import hashlib
from pathlib import Path

from deploy.stack.embedded.kafka_jars import LOCK, Jar, has_expected_hash, parse_lock

CONTENT = b"a jar"
JAR = Jar("org.apache.kafka", "kafka-server", "4.3.1", hashlib.sha256(CONTENT).hexdigest())


def test_line_has_coordinates_and_a_hash() -> None:
    assert parse_lock(f"# comment\n\norg.apache.kafka:kafka-server:4.3.1 {JAR.sha256}\n") == [JAR]


def test_every_line_of_the_lock_has_a_sha256() -> None:
    assert {len(bytes.fromhex(jar.sha256)) for jar in parse_lock(LOCK.read_text())} == {32}


def test_jar_path_follows_the_maven_layout() -> None:
    assert JAR.path == Path("org/apache/kafka/kafka-server/4.3.1/kafka-server-4.3.1.jar")


def test_a_jar_with_the_hash_of_the_lock_has_expected_hash(tmp_path: Path) -> None:
    (tmp_path / "a.jar").write_bytes(CONTENT)

    assert has_expected_hash(tmp_path / "a.jar", JAR)


def test_jar_that_differs_in_one_byte_is_rejected(tmp_path: Path) -> None:
    (tmp_path / "a.jar").write_bytes(CONTENT + b"!")

    assert not has_expected_hash(tmp_path / "a.jar", JAR)


def test_missing_jar_is_rejected(tmp_path: Path) -> None:
    assert not has_expected_hash(tmp_path / "a.jar", JAR)
