"""Reports the health of a running service: once in the log when it is ready, then by touching a file."""

import asyncio
from typing import TYPE_CHECKING

from shared.log import log

if TYPE_CHECKING:
    from shared.runtime.service import Service

STARTUP_CHECK_INTERVAL = 0.02
REPORT_INTERVAL = 2.0
RELAY_STALL_TIMEOUT = 10.0
"""Seconds without a poll of the outbox after which a process is unhealthy."""


async def report_health(service: "Service") -> None:
    """Log `ready` once the service is healthy, then touch the ready file at intervals while it is."""
    while not _is_healthy(service):
        if not await service.sleep_until_stop(STARTUP_CHECK_INTERVAL):
            return
    log.info("ready")
    while True:
        if service.settings.ready_file and _is_healthy(service):
            service.settings.ready_file.touch()
        if not await service.sleep_until_stop(REPORT_INTERVAL):
            return


def _is_healthy(service: "Service") -> bool:
    """Return True if the relay polls and the service is healthy."""
    relay_polls = asyncio.get_running_loop().time() - service.relay.last_poll_at < RELAY_STALL_TIMEOUT
    return relay_polls and service.is_healthy()
