"""What every message is and how it travels: a frozen fact with a wire name written by hand, in a CloudEvents 1.0 envelope."""

from collections.abc import Callable, Iterable
from datetime import datetime
from functools import cache, lru_cache, reduce
from hashlib import sha1
from operator import or_
from typing import Any, ClassVar, Generic, Literal, NamedTuple, TypeVar, cast
from uuid import UUID

import msgspec

CONTENT_TYPE = "application/cloudevents+json"


class Message(msgspec.Struct, frozen=True):
    """A fact, past tense. Its `subject` is the key of the state it is about: lock, order and Kafka key in one.

    `transparent_to_causation`: it never travels, and what follows from it names its own cause instead.
    """

    kind: ClassVar[str]
    transparent_to_causation: ClassVar[bool] = False
    default_topic: ClassVar[str]

    @property
    def subject(self) -> str:
        raise NotImplementedError(f"{type(self).__name__} must say which state it is about")

    @property
    def topic(self) -> str:
        """Where it is published."""
        return self.default_topic

    @property
    def record_key(self) -> str:
        """The key of its Kafka record; differs from the subject only where a topic is compacted by something finer."""
        return self.subject


M_co = TypeVar("M_co", bound=Message, covariant=True)


class Envelope(msgspec.Struct, Generic[M_co], frozen=True, kw_only=True):
    """A message on its way. `time` is the moment a door let its first cause in, and everything derived carries it."""

    id: UUID
    source: str
    specversion: Literal["1.0"] = "1.0"
    subject: str
    time: datetime
    datacontenttype: Literal["application/json"] = "application/json"
    causationid: UUID | None = None
    correlationid: UUID | None = None
    traceparent: str | None = None
    data: M_co


class OutboundRecord(NamedTuple):
    """A message whose bytes are final, with the topic it goes to, its record key, and the key that picks its partition."""

    topic: str
    record_key: str
    subject: str
    value: bytes


@lru_cache(16384)
def entity_key(kind: str, id: UUID) -> str:
    """Names one state: `organisation/6f…`."""
    return f"{kind}/{id}"


def envelope_decoder(messages: Iterable[type[Message]]) -> Callable[[bytes], Envelope[Any]]:
    """Bytes to envelope in one pass, `type` picking the kind. Raises `msgspec.DecodeError` for what it does not know."""
    kinds = [
        msgspec.defstruct(m.__name__, [("data", m)], bases=(Envelope,), frozen=True, kw_only=True, tag_field="type", tag=m.kind)
        for m in messages
    ]
    return cast(Callable[[bytes], Envelope[Any]], msgspec.json.Decoder(reduce(or_, kinds)).decode)


_FREE = ~(0xF000 << 64 | 0xC000 << 48)
_FIFTH = 5 << 76 | 1 << 63  # version and variant of a UUID by name and SHA-1 (RFC 9562)


def deterministic_uuid(cause: UUID, name: str) -> UUID:
    """`uuid5(cause, name)` at half of its price."""
    n = int.from_bytes(sha1(cause.bytes + name.encode(), usedforsecurity=False).digest()[:16], "big")
    return UUID(int=n & _FREE | _FIFTH)


def deterministic_uuid_text(cause: bytes, name: str) -> str:
    """`str(uuid5(cause, name))` at a third of its price."""
    h = sha1(cause + name.encode(), usedforsecurity=False).hexdigest()
    return f"{h[:8]}-{h[8:12]}-5{h[13:16]}-{'89ab'[int(h[16], 16) & 3]}{h[17:20]}-{h[20:32]}"


_to_json = msgspec.json.Encoder().encode


def serialize_outputs(cause: Envelope[Any], said: Iterable[Message]) -> list[OutboundRecord]:
    """Envelopes for what follows from `cause`. Ids derive from it, so that a replay says the same again.

    The head is written by hand: each of its fields is ours and needs no escaping.
    """
    root = cause.id.bytes
    tail = _shared_attributes(cause)
    out = []
    for nth, message in enumerate(said):
        subject = message.subject
        id = deterministic_uuid_text(root, f"{message.kind}/{nth}")
        head = f'{{"id":"{id}",{_type_attributes(message.kind)},"subject":"{subject}",{tail}'
        own = subject if type(message).record_key is Message.record_key else message.record_key
        out.append(OutboundRecord(message.topic, own, subject, head.encode() + _to_json(message) + b"}"))
    return out


@cache
def _type_attributes(kind: str) -> str:
    return f'"source":"/tandem/{kind.split(".")[1]}","specversion":"1.0","type":"{kind}"'


def _shared_attributes(cause: Envelope[Any]) -> str:
    trace = f'"traceparent":"{cause.traceparent}",' if cause.traceparent else ""
    id = str(cause.id)
    known = str(cause.causationid) if cause.data.transparent_to_causation and cause.causationid else id
    return (
        f'"time":"{_iso_time(cause.time)}","datacontenttype":"application/json","causationid":"{known}",'
        f'"correlationid":"{cause.correlationid or id}",{trace}"data":'
    )


_iso_time = lru_cache(64)(datetime.isoformat)  # a batch has one time
