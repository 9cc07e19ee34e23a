"""Serves the pages as a worker of the service, which alone hears the signals to stop."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

from services.notify.links import Links
from services.notify.pages.app import Pages
from shared.programme.policy import Policy
from shared.runtime.service import Service


class _Server(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """The service has its own."""
        yield


class PagesServer:
    """The open door: `serve` is the worker, `open` says whether people can come in."""

    def __init__(self, links: Links, policy: Policy) -> None:
        self.links, self.policy = links, policy
        self.server: _Server | None = None

    @property
    def open(self) -> bool:
        return self.server is not None and self.server.started

    async def serve(self, service: Service) -> None:
        """A worker: answers people until the stop, and finishes what is in hand."""
        settings = service.settings
        config = uvicorn.Config(
            Pages(service, self.links, self.policy).app(),
            host=settings.pages_host,
            port=settings.pages_port,
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=10,
            lifespan="off",
        )
        self.server = _Server(config)
        serving = asyncio.create_task(self.server.serve())
        while await service.sleep_until_stop(0.2) and not serving.done():
            pass
        self.server.should_exit = True
        await serving
