"""PostgreSQL and Kafka in containers, with the mail catcher as a local process."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import docker
from docker.errors import DockerException
from testcontainers.community.postgres import PostgresContainer
from testcontainers.core.config import testcontainers_config

from deploy.stack import ports_and_secrets
from deploy.stack.embedded import Infrastructure, start_mail_catcher
from tests.support.stacks.broker import Broker

POSTGRES = "postgres:17"
KAFKA = "apache/kafka:4.3.1"


def docker_is_available() -> bool:
    """Return True if a Docker engine is available."""
    try:
        docker.from_env().ping()
    except DockerException:
        return False
    return True


@asynccontextmanager
async def infrastructure(var: Path) -> AsyncIterator[Infrastructure]:
    """Start what the embedded `infrastructure` starts; all containers are removed at the end."""
    testcontainers_config.ryuk_disabled = True  # needs another image, and `with` stops the containers anyway
    var, kept = ports_and_secrets.prepare(var)
    with PostgresContainer(POSTGRES, password=kept.passwords["admin"], driver=None) as postgres, Broker(KAFKA) as broker:
        mail_catcher = await start_mail_catcher(var, kept.ports)
        try:
            endpoints = replace(kept.endpoints(var), kafka=broker.bootstrap, database=postgres.get_connection_url())
            yield Infrastructure(endpoints, [mail_catcher])
        finally:
            await mail_catcher.stop()
