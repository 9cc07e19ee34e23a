"""What cannot be handled is put aside with its bytes untouched; later messages of its keys wait behind it, the others go on."""

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from shared.error_text import safe_error_text
from shared.log import log
from shared.messages.envelope import Envelope
from shared.pipeline.decider import Decider
from shared.pipeline.inbox import Incoming
from shared.postgres.named_queries import load_queries
from shared.postgres.pool import Connection

SQL = load_queries(__file__)


def keys_of(decider: Decider[Any], arrived: Incoming) -> tuple[str, ...]:
    """The keys of a message; of one that cannot be read or handled, what its envelope or its record's key still says."""
    if arrived.envelope is None:
        return (_subject_of((arrived.record and arrived.record.key) or b""),)
    if arrived.error is None:
        return decider.keys(arrived.envelope.data)
    try:
        return decider.keys(arrived.envelope.data)
    except Exception:
        return (arrived.envelope.subject,)


def _subject_of(record_key: bytes) -> str:
    """`organisation/<uuid>` of a record key, also where the key is finer (`organisation/<uuid>/contact/…`)."""
    text = record_key.decode(errors="replace").replace("\0", "").replace(" ", "")
    return "/".join(text.split("/")[:2])


async def divert_blocked(db: Connection, decider: Decider[Any], fresh: Sequence[Incoming]) -> list[Incoming]:
    """Parks what has an error and what stands behind something parked; returns what may go on. The keys are locked."""
    keys = [keys_of(decider, a) for a in fresh]
    blocked = {row[0] for row in await db.fetch(SQL["blocked_keys"], sorted({k for ks in keys for k in ks}))}
    going, parked = list[Incoming](), list[tuple[Incoming, tuple[str, ...]]]()
    for arrived, touched in zip(fresh, keys, strict=True):
        if arrived.error or not blocked.isdisjoint(touched):
            parked.append((arrived, touched))
            blocked.update(touched)
        else:
            going.append(arrived)
    if parked:
        await _insert_dead_letters(db, parked)
    return going


async def _insert_dead_letters(db: Connection, parked: Sequence[tuple[Incoming, tuple[str, ...]]]) -> None:
    await db.execute(SQL["insert_dead_letters"], *map(list, zip(*(_row(a, keys) for a, keys in parked), strict=True)))
    for arrived, _ in parked:
        if error := arrived.error:
            log.error(
                "message_dead_lettered",
                kind=_kind(arrived),
                error=type(error).__name__,
                detail=safe_error_text(error),
                **_place(arrived),
            )


def _row(arrived: Incoming, keys: tuple[str, ...]) -> tuple[Any, ...]:
    record, error = arrived.record, arrived.error
    place = (record.topic, record.partition, record.offset, record.timestamp, record.key) if record else (None,) * 5
    headers: list[tuple[str, bytes | None]] = list(record.headers) if record else []
    value = record.value if record else arrived.envelope and encode_local_envelope(arrived.envelope)
    why = (type(error).__name__, safe_error_text(error)) if error else (None, None)
    return (*place, msgspec.json.encode(headers), value, " ".join(keys), _kind(arrived), arrived.heard_at, *why)


def _kind(arrived: Incoming) -> str | None:
    return arrived.envelope.data.kind if arrived.envelope else None


def _place(arrived: Incoming) -> dict[str, Any]:
    record = arrived.record
    return {"topic": record.topic, "partition": record.partition, "offset": record.offset} if record else {}


def encode_local_envelope(envelope: Envelope[Any]) -> bytes:
    """The bytes of an envelope that came in by a door of our own; `reader` reads them."""
    return msgspec.json.encode({"type": envelope.data.kind, **msgspec.structs.asdict(envelope)})


async def take_for_replay(db: Connection, batch: Sequence[Incoming]) -> list[Incoming]:
    """Those of the batch that were still parked. They are this transaction's now."""
    mine = {row[0] for row in await db.fetch(SQL["take_dead_letters"], [a.parked for a in batch])}
    return [a for a in batch if a.parked in mine]


def replayable(standing: Iterable[Any], readable: Any, blocked: set[str]) -> list[int]:
    """Of what is parked, in order, the numbers of what may go on: behind nothing, or asked for, and readable here.

    `blocked` are the keys of what stays; it grows, so that all may come in portions.
    """
    going = list[int]()
    for seq, topic, kind, keys, goes in standing:
        if goes and blocked.isdisjoint(keys) and readable(topic, kind):
            going.append(seq)
        else:
            blocked.update(keys)
    return going
