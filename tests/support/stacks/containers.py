"""PostgreSQL and Kafka as operators run them, in containers, with our own mailbox beside them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import docker
from docker.errors import DockerException
from testcontainers.community.postgres import PostgresContainer
from testcontainers.core.config import testcontainers_config

from deploy.stack.embedded import ports_and_secrets, start_mail_catcher
from deploy.stack.endpoints import Endpoints
from tests.support.stacks.broker import Broker

POSTGRES = "postgres:17"
KAFKA = "apache/kafka:4.3.1"


def engine_answers() -> bool:
    """Whether a Docker engine is there to run containers."""
    try:
        docker.from_env().ping()
    except DockerException:
        return False
    return True


@asynccontextmanager
async def stack(var: Path) -> AsyncIterator[Endpoints]:
    """The same shape as the embedded stack's; every container is gone at the end."""
    testcontainers_config.ryuk_disabled = True  # its image is one pull more, and `with` stops what it starts
    var, kept = ports_and_secrets.prepare(var)
    with PostgresContainer(POSTGRES, password=kept.passwords["admin"], driver=None) as postgres, Broker(KAFKA) as broker:
        mailbox = await start_mail_catcher(var, kept.ports)
        try:
            yield replace(kept.endpoints(var), kafka=broker.bootstrap, database=postgres.get_connection_url())
        finally:
            await mailbox.stop()
