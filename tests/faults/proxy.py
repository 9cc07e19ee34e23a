"""A TCP proxy of the tests' own: passes on slowly, drops connections, or cuts one right after a word has gone through."""

import asyncio
from random import Random


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
        ways = [asyncio.create_task(self._pass(reader, back, out=True)), asyncio.create_task(self._pass(there, writer, out=False))]
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        for way in ways:
            way.cancel()
        await asyncio.gather(*ways, return_exceptions=True)
        self._open.difference_update(pair)
        for end in pair:
            end.transport.abort()

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, out: bool) -> None:
        try:
            while chunk := await reader.read(1 << 16):
                if self.delay:
                    await asyncio.sleep(self.delay * self.random.uniform(0.5, 1.5))
                if self.loss and self.random.random() < self.loss:
                    return
                writer.write(chunk)
                await writer.drain()
                if out and self.cuts and self.cut in chunk:
                    self.cuts, self.done = self.cuts - 1, self.done + 1
                    await asyncio.sleep(0.01)
                    return
        except OSError:
            return
