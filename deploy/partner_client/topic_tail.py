"""Topics followed from their current end, with waiting for expected records."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from typing import Generic, Self, TypeAlias, TypeVar

from aiokafka import ConsumerRecord

from deploy.errors import UserError
from shared.kafka.fetching import create_consumer

T = TypeVar("T")
WAIT_TIMEOUT = 30
Record: TypeAlias = "ConsumerRecord[bytes | None, bytes | None]"


class TimedOut(UserError):
    """An expected record did not arrive; the text names it and the log to read."""


class TopicTail(Generic[T]):
    """Collector of the records that topics receive after entering, each as `decode` returns it; None leaves a record out."""

    def __init__(self, kafka: str, topics: Iterable[str], decode: Callable[[Record], T | None]) -> None:
        self.received: list[T] = []
        self.kafka, self._topics, self._decode = kafka, list(topics), decode
        self._changed = asyncio.Condition()

    async def __aenter__(self) -> Self:
        self._consumer = create_consumer(*self._topics, bootstrap_servers=self.kafka, fetch_max_wait_ms=100)
        await self._consumer.start()
        try:
            await self._consumer.seek_to_end()
        except BaseException:
            await self._consumer.stop()
            raise
        self._reader = asyncio.create_task(self._read())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._reader.cancel()
        await asyncio.gather(self._reader, return_exceptions=True)
        await self._consumer.stop()

    async def first(self, matches: Callable[[T], bool], description: str, service: str, seconds: float = WAIT_TIMEOUT) -> T:
        """Return the first match, received already or still to come.

        Raises `TimedOut` after `seconds`, with the description and the service whose log may explain it.
        """
        index = 0
        try:
            async with asyncio.timeout(seconds):
                while True:
                    for item in await self.from_index(index):
                        index += 1
                        if matches(item):
                            return item
        except TimeoutError:
            raise TimedOut(f"no {description} after {seconds:.0f} s; see the log of {service}") from None

    async def from_index(self, index: int) -> Sequence[T]:
        """Return the records received from `index` on; waits for at least one. Raises `TimedOut` if reading has failed."""
        async with self._changed:
            while len(self.received) <= index:
                if self._reader.done():
                    raise TimedOut(f"Kafka can no longer be read ({self._reader.exception()!r})")
                await self._changed.wait()
            return self.received[index:]

    async def _read(self) -> None:
        try:
            async for record in self._consumer:
                async with self._changed:
                    if (item := self._decode(record)) is not None:
                        self.received.append(item)
                        self._changed.notify_all()
        finally:
            async with self._changed:
                self._changed.notify_all()
