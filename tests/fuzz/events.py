"""Fuzzes partners' events: contract examples with odd structure, values, addresses, headers, keys and bytes."""

import asyncio
import time
from collections.abc import Iterator, Sequence
from copy import deepcopy
from random import Random
from typing import Any

from aiokafka.errors import KafkaError

from deploy.partner_client.record import submissions_topic
from deploy.simulator.partner_events import PartnerEvents
from deploy.simulator.simulated_event import SimulatedEvent
from services.intake.contract import STRUCTURED
from tests.fault_injection.faults.undecodable_records import NOT_UTF8, batch_with_header, decompression_bomb
from tests.fault_injection.run_context import RunContext
from tests.fuzz import raw_text, structure
from tests.fuzz.odd_values import odd_text
from tests.fuzz.report import Report
from tests.support.kafka_client import PARTITIONS
from tests.support.raw_batches import produce_at

PARTNER = "third"
RATE = 12
"""Events per second: few enough for the canaries not to wait in a queue of accepted events and their emails."""
RAW_SHARE, BOMB_SHARE = 0.02, 0.05
CONTENT_TYPES = (
    b"application/cloudevents+json; charset=utf-8", b"APPLICATION/CLOUDEVENTS+JSON", b"application/cloudevents+json;charset=utf-16",
    b"application/json", b"text/plain", b"application/cloudevents-batch+json", b"", b"\xff\xfe", b"application/cloudevents+avro",
)  # fmt: skip
Headers = Sequence[tuple[str, bytes | None]]


async def fuzz(run: RunContext, random: Random, report: Report) -> None:
    """Publish mutated events until cancelled, also in batches that no producer writes."""
    events, started, sent = mutated(random, run.partner_events(PARTNER, "fuzz", bad=0)), time.monotonic(), 0
    while True:
        while sent < (time.monotonic() - started) * RATE:
            await publish(run, random, report, next(events))
            sent += 1
        await asyncio.sleep(0.01)


async def publish(run: RunContext, random: Random, report: Report, event: SimulatedEvent) -> None:
    topic, partition = submissions_topic(PARTNER), random.randrange(PARTITIONS) if random.random() < 0.2 else None
    if random.random() < RAW_SHARE:
        raw = _raw_batch(random, event)
        produced = await produce_at(run.cluster.endpoints.kafka, topic, random.randrange(PARTITIONS), raw)
        report.counts[f"events: raw batch, {'refused by Kafka' if produced.code else 'stored'}"] += 1
        return
    try:
        await run.publisher.enqueue(topic, event, partition)
        report.counts[f"events: {event.name}"] += 1
    except KafkaError:
        report.counts["events: refused by the producer"] += 1


def _raw_batch(random: Random, event: SimulatedEvent) -> bytes:
    if random.random() < BOMB_SHARE:
        return decompression_bomb(event.key)
    return batch_with_header(event.key, event.value, random.choice((*NOT_UTF8, random.randbytes(9))))


def mutated(random: Random, stream: PartnerEvents) -> Iterator[SimulatedEvent]:
    """Yield events derived from valid ones; each third stays valid, so that others find what they refer to."""
    earlier: list[dict[str, Any]] = []
    for event in stream.events():
        earlier = [*earlier[-50:], dict(event.body)]
        yield SimulatedEvent("valid", event.key, event.value)
        for _ in range(2):
            body = deepcopy(random.choice(earlier))
            if random.random() < 0.8:
                body["id"] = f"fuzz-{random.getrandbits(60):x}"
            yield mutated_event(random, body, event.key)


def mutated_event(random: Random, body: dict[str, Any], key: bytes | None) -> SimulatedEvent:
    """Return the event with one or two of: structure, addresses, mode and headers, bytes, key."""
    names = [
        random.choice(("structure", "structure", "addresses", "mode", "bytes", "key")) for _ in range(random.choice((1, 1, 2)))
    ]
    if "structure" in names:
        structure.mutate(random, body)
    if "addresses" in names:
        structure.set_addresses(random, body)
    headers: Headers = STRUCTURED
    if "mode" in names:
        headers, body = odd_mode(random, body)
    value: bytes | None = raw_text.encode(random, body)
    if "bytes" in names and value:
        value = raw_text.damage(random, value)
    return SimulatedEvent("+".join(sorted(set(names))), _odd_key(random) if "key" in names else key, value, headers)


def odd_mode(random: Random, body: dict[str, Any]) -> tuple[Headers, Any]:
    """Return headers and value of the event in binary mode, or in structured mode with odd headers."""
    if random.random() < 0.5:
        attributes = {name: value for name, value in body.items() if name not in ("data", "datacontenttype")}
        headers: list[tuple[str, bytes | None]] = [
            (f"ce_{_utf8(name)}", _utf8(str(value)).encode()) for name, value in attributes.items()
        ]
        headers.append(("content-type", b"application/json"))
        value = body.get("data")
    else:
        headers, value = [("content-type", random.choice(CONTENT_TYPES))], body
    for _ in range(random.choice((0, 1, 3))):
        _change(random, headers)
    return headers, value


def _change(random: Random, headers: list[tuple[str, bytes | None]]) -> None:
    """Remove, double, empty or add a header."""
    at = random.randrange(len(headers)) if headers else 0
    match random.randrange(5) if headers else 4:
        case 0:
            headers.pop(at)
        case 1:
            headers.append(headers[at])
        case 2:
            headers[at] = (
                headers[at][0],
                random.choice((None, b"", random.randbytes(9), odd_text(random).encode("utf-8", "replace"))),
            )
        case 3:
            headers[at] = (headers[at][0].upper(), headers[at][1])
        case _:
            headers.extend((f"{_utf8(odd_text(random))[:200]}{nth}", b"x") for nth in range(random.choice((1, 1, 200))))


def _odd_key(random: Random) -> bytes | None:
    return random.choice((None, b"", random.randbytes(12), b"x" * 2000, odd_text(random).encode("utf-8", "surrogatepass")))


def _utf8(text: str) -> str:
    return text.encode("utf-8", "replace").decode()
