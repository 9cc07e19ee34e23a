"""Topics followed from now on, and the wait for what must come."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from types import TracebackType
from typing import Generic, NamedTuple, Self, TypeAlias, TypeVar

from aiokafka import AIOKafkaConsumer, ConsumerRecord

from deploy.errors import UserError

T = TypeVar("T")
PATIENCE = 30
Record: TypeAlias = "ConsumerRecord[bytes | None, bytes | None]"


class RecordPosition(NamedTuple):
    """Where a record lies: what a receipt names."""

    topic: str
    partition: int
    offset: int


class TimedOut(UserError):
    """What must follow did not; the message says what was awaited and which log to read."""


class TopicTail(Generic[T]):
    """Every record of some topics since it was entered, as `read` makes it; what `read` answers with None is left out."""

    def __init__(self, kafka: str, topics: Iterable[str], read: Callable[[Record], T | None]) -> None:
        self.seen: list[T] = []
        self.kafka, self._topics, self._read = kafka, list(topics), read
        self._news = asyncio.Condition()

    async def __aenter__(self) -> Self:
        self._consumer = AIOKafkaConsumer(*self._topics, bootstrap_servers=self.kafka, fetch_max_wait_ms=100)
        await self._consumer.start()
        try:
            await self._consumer.seek_to_end()
        except BaseException:
            await self._consumer.stop()
            raise
        self._reading = asyncio.create_task(self._follow())
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._reading.cancel()
        await asyncio.gather(self._reading, return_exceptions=True)
        await self._consumer.stop()

    async def first(self, wanted: Callable[[T], bool], awaited: str, look: str, patience: float = PATIENCE) -> T:
        """The first that is wanted, seen already or yet to come. Raises `Missing` after `patience` seconds."""
        nth = 0
        try:
            async with asyncio.timeout(patience):
                while True:
                    for item in await self.since(nth):
                        nth += 1
                        if wanted(item):
                            return item
        except TimeoutError:
            raise TimedOut(f"waited {patience:.0f} s in vain for {awaited}; the log of {look} may say why") from None

    async def since(self, nth: int) -> Sequence[T]:
        """What was seen from the nth on, waiting until there is some. Raises `Missing` where the bus cannot be read any more."""
        async with self._news:
            while len(self.seen) <= nth:
                if self._reading.done():
                    raise TimedOut(f"the bus cannot be read any more ({self._reading.exception()!r})")
                await self._news.wait()
            return self.seen[nth:]

    async def _follow(self) -> None:
        try:
            async for record in self._consumer:
                async with self._news:
                    if (item := self._read(record)) is not None:
                        self.seen.append(item)
                        self._news.notify_all()
        finally:
            async with self._news:
                self._news.notify_all()
