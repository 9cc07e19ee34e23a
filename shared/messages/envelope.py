"""Messages and their CloudEvents 1.0 envelope."""

from collections.abc import Callable, Iterable
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any, ClassVar, Generic, Literal, TypeVar, cast
from uuid import UUID

import msgspec

CONTENT_TYPE = "application/cloudevents+json"


class Message(msgspec.Struct, frozen=True):
    """A message of a service, named in the past tense. `kind` is the CloudEvents type, `tandem.<service>.<event>.v<major>`.

    The outputs of a message name it as their `causationid`; with `outputs_inherit_causation` they name its own cause instead.
    `compacted`: its topic keeps the latest value of each `record_key`, which is finer than the subject.
    """

    kind: ClassVar[str]
    outputs_inherit_causation: ClassVar[bool] = False
    compacted: ClassVar[bool] = False
    default_topic: ClassVar[str]

    @property
    def subject(self) -> str:
        """The entity key of the state that the message is about: it is locked, gives the order and picks the partition."""
        raise NotImplementedError(f"{type(self).__name__} has no subject")

    @property
    def topic(self) -> str:
        """The topic that it is published on."""
        return self.default_topic

    @property
    def record_key(self) -> str:
        """The key of its Kafka record: the subject, unless the message is `compacted`."""
        return self.subject


class Tombstone(Message, frozen=True):
    """Erases the value of a record key on a compacted topic. Travels without a value: its attributes are headers."""

    compacted: ClassVar[bool] = True
    key: str

    @property
    def subject(self) -> str:
        return "/".join(self.key.split("/")[:2])

    @property
    def record_key(self) -> str:
        return self.key


M_co = TypeVar("M_co", bound=Message, covariant=True)


class Envelope(msgspec.Struct, Generic[M_co], frozen=True, kw_only=True):
    """A message with its CloudEvents attributes.

    `time`: when the input at the start of this chain arose: a record or a page's answer arrived, a timer fired, a worker finished.
    """

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


def envelope_decoder(messages: Iterable[type[Message]]) -> Callable[[bytes], Envelope[Any]]:
    """Return a decoder of envelopes with these kinds of messages. It raises `msgspec.DecodeError` for anything else."""
    envelopes = [
        msgspec.defstruct(m.__name__, [("data", m)], bases=(Envelope,), frozen=True, kw_only=True, tag_field="type", tag=m.kind)
        for m in messages
    ]
    return cast(Callable[[bytes], Envelope[Any]], msgspec.json.Decoder(reduce(or_, envelopes)).decode)
