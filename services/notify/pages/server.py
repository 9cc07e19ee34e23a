"""The web server of the pages, a worker of the service."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

from services.notify.links import Links
from services.notify.pages.app import create_app
from shared.pipeline.component import WorkerContext
from shared.programme.policy import Policy

STOP_CHECK_INTERVAL = 0.2
SHUTDOWN_TIMEOUT = 10


class _Server(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals to the service, which stops this server itself."""
        yield


class PagesServer:
    """The web server: `serve` is a worker of the service; `open` is True while the server accepts connections."""

    def __init__(self, links: Links, policy: Policy) -> None:
        self.links, self.policy = links, policy
        self.server: _Server | None = None

    @property
    def open(self) -> bool:
        return self.server is not None and self.server.started

    async def serve(self, service: WorkerContext) -> None:
        """Answer requests until the service stops, then finish those in flight."""
        settings = service.settings
        config = uvicorn.Config(
            create_app(service, self.links, self.policy),
            host=settings.pages_host,
            port=settings.pages_port,
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=SHUTDOWN_TIMEOUT,
            lifespan="off",
        )
        self.server = _Server(config)
        serving = asyncio.create_task(self.server.serve())
        while await service.sleep_until_stop(STOP_CHECK_INTERVAL) and not serving.done():
            pass
        self.server.should_exit = True
        await serving
