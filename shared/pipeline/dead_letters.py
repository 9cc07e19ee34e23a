"""Dead letters. A message that cannot be processed is stored unchanged, and later messages with one of its keys are blocked.

Messages of other keys continue. Replay is in `dead_letter_replay`.
"""

from collections.abc import Sequence
from typing import Any

import msgspec

from shared.error_text import safe_error_text
from shared.kafka.incoming import Failed, Received
from shared.kafka.record import KafkaRecord
from shared.log import log
from shared.messages.serialization import encode_envelope
from shared.pipeline.decider import Decider
from shared.pipeline.inbox import Unprocessed
from shared.postgres.named_queries import load_queries
from shared.postgres.pool import Connection

SQL = load_queries(__file__)
Keys = tuple[str, ...]


def keys_of(decider: Decider[Any], incoming: Unprocessed) -> Keys:
    """Return the keys of a message. For a failed or undecodable one, what its envelope or its record key still shows."""
    if isinstance(incoming, Received):
        return decider.keys(incoming.envelope.data)
    if isinstance(incoming, Failed):
        try:
            return decider.keys(incoming.envelope.data)
        except Exception:  # perhaps the very reason why it failed
            return (incoming.envelope.subject,)
    return (_subject_of(incoming.record.key or b""),)


def _subject_of(record_key: bytes) -> str:
    """Return the subject in a record key, which may be finer: `organisation/<uuid>/contact/…`."""
    # A key travels to `insert_dead_letters` in a text of keys joined by spaces, which holds no NUL: remove both.
    text = record_key.decode(errors="replace").replace("\0", "").replace(" ", "")
    return "/".join(text.split("/")[:2])


async def store_dead_letters(db: Connection, decider: Decider[Any], unprocessed: Sequence[Unprocessed]) -> list[Received]:
    """Store the messages with an error, and those blocked by a dead letter with one of their keys; return the rest.

    The caller must hold the locks of all keys.
    """
    keys = [keys_of(decider, incoming) for incoming in unprocessed]
    all_keys = sorted({key for message_keys in keys for key in message_keys})
    blocked = {row[0] for row in await db.fetch(SQL["blocked_keys"], all_keys)}
    continuing, stored = list[Received](), list[tuple[Unprocessed, Keys]]()
    for incoming, message_keys in zip(unprocessed, keys, strict=True):
        if isinstance(incoming, Received) and blocked.isdisjoint(message_keys):
            continuing.append(incoming)
        else:
            stored.append((incoming, message_keys))
            blocked.update(message_keys)
    if stored:
        await _insert_dead_letters(db, stored)
    return continuing


async def _insert_dead_letters(db: Connection, messages: Sequence[tuple[Unprocessed, Keys]]) -> None:
    rows = [_row(incoming, keys) for incoming, keys in messages]
    await db.execute(SQL["insert_dead_letters"], *map(list, zip(*rows, strict=True)))
    for incoming, _ in messages:
        if not isinstance(incoming, Received):
            error, position = incoming.error, _position(incoming.record)
            detail = safe_error_text(error)
            log.error("message_dead_lettered", kind=_kind(incoming), error=type(error).__name__, detail=detail, **position)


def _row(incoming: Unprocessed, keys: Keys) -> tuple[Any, ...]:
    error = None if isinstance(incoming, Received) else incoming.error
    reason = (type(error).__name__, safe_error_text(error)) if error else (None, None)
    joined_keys = " ".join(keys)  # rows travel as one array per column, and an array of arrays would need rows of equal length
    return (*_record_columns(incoming), joined_keys, _kind(incoming), incoming.received_at, *reason)


def _record_columns(incoming: Unprocessed) -> tuple[Any, ...]:
    """Return the record's coordinates, headers and value; a local input has no record, its value is its envelope."""
    if record := incoming.record:
        headers = msgspec.json.encode(list(record.headers))
        return record.topic, record.partition, record.offset, record.timestamp, record.key, headers, record.value
    assert isinstance(incoming, Received | Failed)
    return None, None, None, None, None, b"[]", encode_envelope(incoming.envelope)


def _kind(incoming: Unprocessed) -> str | None:
    return incoming.envelope.data.kind if isinstance(incoming, Received | Failed) else None


def _position(record: KafkaRecord | None) -> dict[str, Any]:
    return {"topic": record.topic, "partition": record.partition, "offset": record.offset} if record else {}


async def delete_for_replay(db: Connection, id: int) -> bool:
    """Delete a dead letter in the transaction that replays it. Returns False if another process has replayed it."""
    return bool(await db.fetch(SQL["delete_for_replay"], [id]))
