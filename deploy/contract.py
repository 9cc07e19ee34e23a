"""A partner's system at hand: events out of files, published or only checked, and what the receipts say in the terminal."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import KafkaError, MessageSizeTooLargeError
from msgspec import json as msgspec_json
from rich.markup import escape

from deploy.trouble import Trouble
from services.intake.contract import KINDS, STRUCTURED, record_key
from services.intake.edge import reading
from services.intake.heard import RecordRefused
from shared import clock

COLOURS = {"accepted": "green", "duplicate": "yellow", "conflict": "red", "rejected": "red"}

Place = tuple[int, int]  # partition and offset of a record, as its receipt names them
Receipt = Mapping[str, Any]  # the data of a receipt


class Submitted(NamedTuple):
    """One record to be: where it was read, its key, and its bytes as they were written."""

    name: str
    key: bytes | None
    value: bytes


class Unpublished(NamedTuple):
    """Why the bus did not take a record: no receipt will come."""

    why: str


class Unsent(NamedTuple):
    """A record that only the door's own rules will see."""

    topic: str
    partition: int
    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes]]


def events(path: Path, content: bytes) -> list[Submitted]:
    """What a file holds: one event, or one a line. What is no JSON is an event as well: its receipt says what is wrong."""
    lines = [line for line in content.splitlines() if line.strip()]
    if len(lines) < 2 or _object(content) is not None or all(_object(line) is None for line in lines):
        return [_submitted(str(path), content)]
    return [_submitted(f"{path}:{number}", line) for number, line in enumerate(content.splitlines(), 1) if line.strip()]


def _submitted(name: str, value: bytes) -> Submitted:
    found = record_key(_object(value) or {})
    return Submitted(name, found.encode() if found else None, value)


def _object(value: bytes) -> dict[str, Any] | None:
    try:
        parsed = json.loads(value)
    except ValueError:
        return None
    return parsed if isinstance(parsed, dict) else None


async def send(
    kafka: str, partner: str, made: Sequence[Submitted], patience: float
) -> AsyncIterator[tuple[Submitted, Receipt | Unpublished]]:
    """Publishes them in order, and gives each receipt as it comes, the last within so many seconds of the last event.

    What the bus does not take is given as `Unpublished`, and the rest goes on. Raises `Trouble`.
    """
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    consumer = AIOKafkaConsumer(bootstrap_servers=kafka, fetch_max_wait_ms=100)
    producer = AIOKafkaProducer(bootstrap_servers=kafka, acks="all", max_request_size=1 << 20, request_timeout_ms=10_000)
    try:
        await consumer.start()
        await producer.start()
        await _listen(consumer, producer, partner)
        waiting: dict[Place, Submitted] = {}
        for one in made:
            try:
                waiting[await _place(producer, partner, one)] = one
            except MessageSizeTooLargeError:
                yield one, Unpublished("is larger than a record may be (1 MiB): not sent")
            for answered in _answered(await consumer.getmany(), waiting):
                yield answered
        async with asyncio.timeout(patience):
            while waiting:
                for answered in _answered(await consumer.getmany(timeout_ms=200), waiting):
                    yield answered
    except KafkaError as error:
        raise _trouble(kafka, error) from None
    except TimeoutError:
        names = ", ".join(one.name for one in waiting.values())
        raise Trouble(f"No receipt came within {patience:.0f} s for {names}; the log of intake may say why.") from None
    finally:
        await producer.stop()
        await consumer.stop()


async def _listen(consumer: AIOKafkaConsumer, producer: AIOKafkaProducer, partner: str) -> None:
    """From now on, to the partner's receipts. Raises `Trouble` where the partner has no topics."""
    topic = f"tandem.partner.{partner}.receipts"
    if topic not in await consumer.topics():
        raise Trouble(f"Partner {partner} has no topics: name it in deploy/topology.toml, and run `tandem kafka apply`.")
    consumer.assign([TopicPartition(topic, part) for part in await producer.partitions_for(topic)])
    await consumer.seek_to_end()


async def _place(producer: AIOKafkaProducer, partner: str, one: Submitted) -> Place:
    meta = await producer.send_and_wait(f"tandem.partner.{partner}.submissions", one.value, one.key, headers=list(STRUCTURED))
    return meta.partition, meta.offset


def _answered(come: Mapping[Any, Sequence[Any]], waiting: dict[Place, Submitted]) -> Iterator[tuple[Submitted, Receipt]]:
    """Takes from `waiting` what the records that came answer."""
    for record in chain.from_iterable(come.values()):
        receipt = json.loads(record.value)["data"]
        if one := waiting.pop((receipt["partition"], receipt["offset"]), None):
            yield one, receipt


def _trouble(kafka: str, error: KafkaError) -> Trouble:
    return Trouble(f"Kafka at {kafka} does not answer, or refuses ({type(error).__name__}): is it running (`tandem status`)?")


def checked(partner: str, made: Iterable[Submitted]) -> Iterator[tuple[Submitted, Receipt]]:
    """What the door would say of each, as the data of a receipt; what only intake's books know is not looked at."""
    read = reading(lambda _: frozenset(KINDS))
    for one in made:
        heard = read(Unsent(f"tandem.partner.{partner}.submissions", 0, 0, 0, one.key, one.value, STRUCTURED), clock.now()).data
        outcome: dict[str, Any] = {"outcome": "accepted", **heard.arrival._asdict()}
        if isinstance(heard, RecordRefused):
            outcome |= {"outcome": "rejected", "problem": msgspec_json.decode(msgspec_json.encode(heard.problem))}
        yield one, outcome


def shown(name: str, receipt: Receipt, verdict: str) -> Iterator[str]:
    """A receipt in lines of rich's markup: the verdict in its colour, and below it what to know or to do."""
    named = f"  {receipt['tandem_id']}" if receipt.get("tandem_id") else ""
    yield f"[{COLOURS[receipt['outcome']]}]{verdict}[/]  {escape(name)}  {escape(receipt.get('event_id') or '')}[dim]{named}[/]"
    if problem := receipt.get("problem"):
        again = "; it may be accepted later" if problem.get("retryable") else ""
        yield f"    [bold]{escape(problem['title'])}[/] ({problem['status']}{again}). {escape(problem['detail'])}"
        yield from (f"    [red]{escape(fault['pointer'])}[/]  {escape(fault['detail'])}" for fault in problem.get("errors", ()))
        yield from _listed("missing", problem.get("missing"))
    yield from (f"    [yellow]{escape(advice['pointer'])}[/]  {escape(advice['detail'])}" for advice in receipt.get("advice", ()))
    yield from _listed("before a vacancy (gate B)", receipt.get("missing_b"))
    yield from _listed("before the first day (gate S)", receipt.get("missing_s"))
    yield from _listed("not in the contract", [*receipt.get("unknown_attributes", ()), *receipt.get("unknown_fields", ())])


def _listed(what: str, codes: Sequence[str] | None) -> Iterator[str]:
    if codes:
        yield f"    [dim]{what}:[/] {escape(', '.join(codes))}"
