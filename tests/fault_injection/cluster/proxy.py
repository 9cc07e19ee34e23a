"""A TCP proxy of the tests' own: passes on slowly, drops connections, or cuts one right after a word has gone through."""

import asyncio
from random import Random

ACTED = 0.05
"""Seconds that the server has for what no answer will tell of."""


class Proxy:
    """Listens on `port`, speaks to `target`. `delay` in seconds a chunk; `loss`: the chance that a chunk ends its connection.

    `cut`: a word of the client; its connection ends once it is passed on, `cuts` times, before the answer comes back.
    """

    def __init__(self, port: int, target: int, seed: int) -> None:
        self.port, self.target, self.random = port, target, Random(seed)
        self.delay, self.loss, self.cut, self.cuts = 0.0, 0.0, b"", 0
        self.done = 0
        self._server: asyncio.Server | None = None
        self._open = set[asyncio.StreamWriter]()

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)

    async def stop(self) -> None:
        if self._server:
            self._server.close()
            self.drop()
            await self._server.wait_closed()

    def drop(self) -> None:
        """Every connection ends now."""
        for writer in list(self._open):
            writer.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            there, back = await asyncio.open_connection("127.0.0.1", self.target)
        except OSError:
            writer.transport.abort()
            return
        pair = writer, back
        self._open.update(pair)
        cut = asyncio.Event()
        ways = [asyncio.create_task(self._out(reader, back, cut)), asyncio.create_task(self._back(there, writer, cut))]
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        for way in ways:
            way.cancel()
        await asyncio.gather(*ways, return_exceptions=True)
        self._open.difference_update(pair)
        for end in pair:
            end.transport.abort()

    async def _out(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, cut: asyncio.Event) -> None:
        """From the client; at the word that is to be cut off the way back ends first, and the server has time to act on it."""
        try:
            while chunk := await self._read(reader):
                hit = bool(self.cuts) and self.cut in chunk
                if hit:
                    self.cuts, self.done = self.cuts - 1, self.done + 1
                    cut.set()
                writer.write(chunk)
                await writer.drain()
                if hit:
                    await asyncio.sleep(ACTED)
                    return
        except OSError:
            return

    async def _back(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, cut: asyncio.Event) -> None:
        """From the server; nothing more once the connection is cut."""
        try:
            while chunk := await self._read(reader):
                if not cut.is_set():
                    writer.write(chunk)
                    await writer.drain()
        except OSError:
            return

    async def _read(self, reader: asyncio.StreamReader) -> bytes:
        """What comes, late; nothing where it is lost."""
        chunk = await reader.read(1 << 16)
        if self.delay:
            await asyncio.sleep(self.delay * self.random.uniform(0.5, 1.5))
        return b"" if self.loss and self.random.random() < self.loss else chunk
