"""A TCP proxy that delays traffic, drops connections, or cuts a connection right after a given text has passed."""

import asyncio
from collections.abc import Coroutine
from random import Random
from typing import Any

CUT_DELAY = 0.05
"""Seconds that the server has to act on the text, before the connection ends."""


class Proxy:
    """Listens on `port` and forwards to `target`.

    `delay` is in seconds per chunk, `loss` the probability that a chunk ends its connection. The next `cuts_left` times that the
    client sends `cut_text`, it is forwarded, and the connection ends before the response returns; `cuts_made` counts.
    """

    def __init__(self, port: int, target: int, seed: int) -> None:
        self.port, self.target = port, target
        self.delay, self.loss = 0.0, 0.0
        self.cut_text, self.cuts_left, self.cuts_made = b"", 0, 0
        self._random = Random(seed)
        self._server: asyncio.Server | None = None
        self._open = set[asyncio.StreamWriter]()

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)

    async def stop(self) -> None:
        """Stop listening and abort every connection."""
        if self._server:
            self._server.close()
            for writer in list(self._open):
                writer.transport.abort()
            await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            server_reader, server_writer = await asyncio.open_connection("127.0.0.1", self.target)
        except OSError:
            writer.transport.abort()
            return
        writers, cut = (writer, server_writer), asyncio.Event()
        self._open.update(writers)
        try:
            await _run_until_first_completes(
                self._forward_requests(reader, server_writer, cut), self._forward_responses(server_reader, writer, cut)
            )
        finally:
            self._open.difference_update(writers)
            for one in writers:
                one.transport.abort()

    async def _forward_requests(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, cut: asyncio.Event) -> None:
        """Forward until the connection ends. At the text to cut, first block the responses, then forward it and return."""
        try:
            while chunk := await self._read(reader):
                if is_cut := bool(self.cuts_left) and self.cut_text in chunk:
                    self.cuts_left, self.cuts_made = self.cuts_left - 1, self.cuts_made + 1
                    cut.set()
                writer.write(chunk)
                await writer.drain()
                if is_cut:
                    await asyncio.sleep(CUT_DELAY)
                    return
        except OSError:
            return

    async def _forward_responses(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, cut: asyncio.Event) -> None:
        try:
            while chunk := await self._read(reader):
                if not cut.is_set():
                    writer.write(chunk)
                    await writer.drain()
        except OSError:
            return

    async def _read(self, reader: asyncio.StreamReader) -> bytes:
        """Read the next chunk after the delay; empty if the connection is to end."""
        chunk = await reader.read(1 << 16)
        if self.delay:
            await asyncio.sleep(self.delay * self._random.uniform(0.5, 1.5))
        return b"" if self.loss and self._random.random() < self.loss else chunk


async def _run_until_first_completes(*directions: Coroutine[Any, Any, None]) -> None:
    """Run concurrently; once one has completed, cancel the others."""
    tasks = [asyncio.create_task(direction) for direction in directions]
    await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
