"""The lock of Kafka's jars decides what is started."""

import hashlib
from pathlib import Path

from deploy.stack.embedded.kafka_jars import LOCK, Jar, is_sound, parse

CONTENT = b"a jar"
JAR = Jar("org.apache.kafka", "kafka-server", "4.3.1", hashlib.sha256(CONTENT).hexdigest())


def test_a_line_names_coordinates_and_a_hash() -> None:
    assert parse(f"# why\n\norg.apache.kafka:kafka-server:4.3.1 {JAR.sha256}\n") == [JAR]


def test_every_line_of_our_lock_holds_a_sha256() -> None:
    assert {len(bytes.fromhex(jar.sha256)) for jar in parse(LOCK.read_text())} == {32}


def test_a_jar_lies_where_maven_puts_it() -> None:
    assert JAR.path == Path("org/apache/kafka/kafka-server/4.3.1/kafka-server-4.3.1.jar")


def test_a_jar_with_the_hash_of_the_lock_is_sound(tmp_path: Path) -> None:
    (tmp_path / "a.jar").write_bytes(CONTENT)

    assert is_sound(tmp_path / "a.jar", JAR)


def test_a_jar_that_differs_in_one_byte_is_not(tmp_path: Path) -> None:
    (tmp_path / "a.jar").write_bytes(CONTENT + b"!")

    assert not is_sound(tmp_path / "a.jar", JAR)


def test_a_jar_that_is_not_there_is_not(tmp_path: Path) -> None:
    assert not is_sound(tmp_path / "a.jar", JAR)
