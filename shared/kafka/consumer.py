"""From the bus to the runner: batches of raw records, read here, acknowledged by position after the commit."""

import asyncio
import re
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import Any

import msgspec
from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition
from aiokafka.errors import KafkaError
from faststream import AckPolicy
from faststream.kafka import KafkaBroker
from faststream.message import StreamMessage

from shared import clock
from shared.errors import DecodeError
from shared.kafka.record import KafkaRecord
from shared.log import log
from shared.messages.envelope import CONTENT_TYPE, Envelope, Message, envelope_decoder
from shared.pipeline.inbox import Incoming, Line, next_offsets

Decode = Callable[[Any, datetime], Envelope[Any] | None]
"""A record and the moment it came to its envelope; None where it is not for us. Raises `Unreadable`."""
ProcessBatch = Callable[[Sequence[Incoming]], Awaitable[None]]
Abort = Callable[[Exception], Awaitable[None]]
"""Ends the process with this error, and never returns: FastStream would go on with the next batch."""
LoadOffsets = Callable[[Sequence[Line]], Awaitable[dict[Line, int]]]
"""Where these partitions stand, for a lane that got them."""
DRAIN_TIMEOUT = 8.0
"""Seconds that a batch in hand may take before its partitions go to someone else, or before the stop."""
LINGER = 0.03
"""Seconds between the beginnings of two batches as long as the second is not full: few records cost what many do."""
OFFSET_COMMIT_TIMEOUT = 1.0
"""Seconds that Kafka has for an answer that is worth little."""
POLL_STALL_TIMEOUT = 30.0
"""Seconds without an answer of Kafka after which a lane is not well."""


@dataclass(frozen=True, slots=True)
class Route:
    """What a service listens to: one topic, or all that match a pattern. `lanes` batches of at most `size` are in work at once."""

    topic: str | None
    pattern: str | None
    decode: Decode
    max_records: int = 1000
    concurrency: int = 2

    def matches(self, topic: str) -> bool:
        return topic == self.topic if self.topic else re.fullmatch(self.pattern or "", topic) is not None


class _Head(msgspec.Struct):
    type: str


def decoder_for(*messages: type[Message]) -> Decode:
    """Reads our own topics: these kinds are heard, others are not for us, another major version of these cannot be read.

    On a topic that is compacted by more than the subject a record without a value is a tombstone, which says nothing here.
    """
    decode, head = envelope_decoder(messages), msgspec.json.Decoder(_Head).decode
    kinds, names = {m.kind for m in messages}, {m.kind.rpartition(".v")[0] for m in messages}
    compacted = {m.default_topic for m in messages if m.record_key is not Message.record_key}

    def read(record: KafkaRecord, now: datetime) -> Envelope[Any] | None:
        if record.value is None and record.topic in compacted:
            return None
        if record.value is None:
            raise DecodeError("a record without a value")
        _check_content_type(record)
        try:
            return decode(record.value)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            kind = _kind(head, record.value)
            if kind in kinds:
                raise DecodeError(f"{kind} is not what it should be{_where(error)}") from None
            if kind.rpartition(".v")[0] in names:
                raise DecodeError(f"{kind} is of a major version that is not known here") from None
            return None

    return read


def _check_content_type(record: KafkaRecord) -> None:
    """Structured CloudEvents say so in a header; one that says nothing is taken at its bytes."""
    for name, value in record.headers:
        if name.lower() == "content-type" and (value or b"").split(b";")[0].strip().lower() != CONTENT_TYPE.encode():
            raise DecodeError("the content type is not that of a structured CloudEvent")


def _kind(head: Callable[[bytes], _Head], value: bytes) -> str:
    try:
        return head(value).type
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise DecodeError("no JSON object with a type") from None


def _where(error: Exception) -> str:
    """The path in a decoder's message; the rest of it could hold a value."""
    found = re.search(r" - at `(\$[^`]*)`$", str(error))
    return f" at {found[1]}" if found else ""


async def _parse(records: Any, _original: Any) -> StreamMessage[Any]:
    """FastStream's own parser decodes headers, and an error there would skip the batch in silence."""
    return StreamMessage(raw_message=records, body=b"", correlation_id="-")


async def _decode(message: StreamMessage[Any]) -> Any:
    return message.raw_message


class BatchConsumer(ConsumerRebalanceListener):  # type: ignore[misc]
    """One more consumer in the service's group, with one batch in hand.

    `assigned` once it has its share, `lost` how often it had to give it up. `handled` is how far it went that the bus was not told,
    `passed` how far that the database does not know, as nothing there was for us.
    """

    def __init__(self, broker: KafkaBroker, group: str, route: Route, handle: ProcessBatch, stand: LoadOffsets, end: Abort) -> None:
        self.size, self.read, self.handle, self.stand, self.end = route.max_records, route.decode, handle, stand, end
        self.assigned, self.revocations, self.last_batch_at = False, 0, time.time()
        self.uncommitted_offsets, self.skipped_offsets = dict[Line, int](), dict[Line, int]()
        self.subscriber = self._subscriber(broker, group, route)
        self.subscriber(self.on_batch)
        self.subscriber.get_msg = self._poll_with_linger

    def _subscriber(self, broker: KafkaBroker, group: str, route: Route) -> Any:
        return broker.subscriber(
            *([route.topic] if route.topic else []),
            pattern=route.pattern,
            group_id=group,
            batch=True,
            ack_policy=AckPolicy.MANUAL,
            auto_offset_reset="earliest",
            session_timeout_ms=6_000,
            heartbeat_interval_ms=500,
            rebalance_timeout_ms=30_000,
            max_partition_fetch_bytes=4 << 20,
            listener=self,
            parser=_parse,
            decoder=_decode,
        )

    @property
    def consumer(self) -> AIOKafkaConsumer:
        return self.subscriber.consumer

    @property
    def has_paused_partitions(self) -> bool:
        """Has partitions of a topic that the topology does not know."""
        return self.assigned and bool(self.consumer.paused())

    async def _poll_with_linger(self, consumer: AIOKafkaConsumer) -> Sequence[KafkaRecord]:
        """What has come, as soon as it comes; soon after another batch, together with what comes a little later.

        A share that is given up meanwhile is read from where the database stands by who gets it: what was in hand is dropped.
        """
        records = list(chain(*(await consumer.getmany(timeout_ms=1000, max_records=self.size)).values()))
        wait, lost = min(self.last_batch_at + LINGER - time.time(), LINGER), self.revocations
        if 0 < len(records) < self.size and wait > 0:
            await asyncio.sleep(wait)
            more = await self._poll_now(consumer, self.size - len(records))
            records = [*records, *more] if lost == self.revocations else more
        return records

    async def _poll_now(self, consumer: AIOKafkaConsumer, most: int) -> list[KafkaRecord]:
        """What is there. An error that lasts comes again at the next look, when nothing is in hand that it could take along."""
        try:
            return list(chain(*(await consumer.getmany(timeout_ms=0, max_records=most)).values()))
        except Exception as error:
            log.info("linger_poll_failed", error=type(error).__name__)
            return []

    async def on_batch(self, records: Any) -> None:
        """Never returns without the batch being handled: FastStream would go on and skip it in silence."""
        try:
            self.last_batch_at, after = time.time(), next_offsets(records)
            arrived = decode_batch(records, self.read, clock.now())
            if any(it.envelope or it.error for it in arrived):
                await self.handle(arrived)
            else:
                self.skipped_offsets |= after
            self.uncommitted_offsets |= after
        except Exception as error:
            await self.end(error)

    async def commit_offsets(self) -> None:
        """Tells the bus how far this went. Only a hint, for who looks at the lag: positions in the database know better.

        Not while shares are being given out: an answer to an old one would have them given out once more.
        """
        lines = self.consumer.assignment() if self.assigned else set()
        mine = {tp: place for line, place in self.uncommitted_offsets.items() if (tp := TopicPartition(*line)) in lines}
        if mine:
            await self._commit(mine)

    async def _commit(self, places: dict[TopicPartition, int]) -> None:
        told, self.uncommitted_offsets = self.uncommitted_offsets, {}
        try:
            await asyncio.wait_for(self.consumer.commit(places), OFFSET_COMMIT_TIMEOUT)
        except (KafkaError, TimeoutError) as error:
            log.info("offset_commit_failed", error=type(error).__name__)
            self.uncommitted_offsets = told | self.uncommitted_offsets

    def is_healthy(self) -> bool:
        """Has its share, and Kafka gave it a batch or answered it, be it with nothing, in the last half minute."""
        lines = (self.consumer.assignment() - self.consumer.paused()) if self.assigned else set()
        answered = [(self.consumer.last_poll_timestamp(line) or 0) / 1000 for line in lines]
        return self.assigned and (not lines or time.time() - max(self.last_batch_at, *answered) < POLL_STALL_TIMEOUT)

    async def on_partitions_revoked(self, revoked: Any) -> None:
        """Lets the batch in hand finish before its partitions go to someone else."""
        self.assigned, self.revocations = False, self.revocations + 1
        await self.subscriber.lock.wait_release(DRAIN_TIMEOUT)

    async def on_partitions_assigned(self, assigned: Any) -> None:
        """Nothing is read before it is known where the database says that each partition stands."""
        self.consumer.pause(*assigned)
        await self.resume_known_partitions()
        for topic in sorted({tp.topic for tp in self.consumer.paused()}):
            log.warning("topic_undeclared", topic=topic, detail="not in the topology: run `tandem kafka apply`")
        self.assigned, self.last_batch_at = True, time.time()

    async def resume_known_partitions(self) -> None:
        """Reads on where partitions stand that were waiting; those of a topic that the topology does not know wait on."""
        waiting = [tuple(tp) for tp in self.consumer.paused()]
        stood = await self.stand(waiting) if waiting else {}
        for line in self.consumer.paused() & {TopicPartition(*line) for line in stood}:
            self.consumer.seek(line, stood[line])
            self.consumer.resume(line)
            if stood[line]:
                self.uncommitted_offsets[line.topic, line.partition] = stood[line]


def decode_batch(records: Sequence[KafkaRecord], read: Decode, now: datetime) -> list[Incoming]:
    """The batch as the runner takes it; whatever goes wrong in reading stays with the record it went wrong in."""
    return [decode_record(record, read, now) for record in records]


def decode_record(record: KafkaRecord, read: Decode, now: datetime) -> Incoming:
    try:
        return Incoming(now, read(record, now), record)
    except Exception as error:
        return Incoming(now, None, record, error)
