"""A history of messages handled by one service's decider, without a database or Kafka."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

from shared.messages.envelope import Envelope, Message
from shared.messages.ids import deterministic_uuid
from shared.pipeline.decider import Decider, Effect, step

S = TypeVar("S")
NAMESPACE = UUID(int=1)


class DeciderHistory(Generic[S]):
    """The states, messages and effects after a sequence of messages; `default_time` is the time of those given without one."""

    def __init__(self, decider: Decider[S], default_time: datetime) -> None:
        self.decider, self.default_time = decider, default_time
        self.states: dict[str, S] = {}
        self.published: list[Message] = []
        self.effects: list[Effect] = []
        self._handled = 0

    def handle(self, message: Message, at: datetime | None = None) -> list[Message]:
        """Handle one more message and return what is published."""
        self._handled += 1
        id = deterministic_uuid(NAMESPACE, str(self._handled))
        time = at or self.default_time
        incoming: Envelope[Any] = Envelope(id=id, source="/test", subject=message.subject, time=time, data=message)
        for key in self.decider.keys(message):
            self.states.setdefault(key, self.decider.initial_state(key))
        published, effects = step(self.decider, self.states, incoming)
        self.published += published
        self.effects += effects
        self.apply(effects)
        return published

    def apply(self, effects: Sequence[Effect]) -> None:
        """Do what the effects of one message ask for; nothing, unless a service's history overrides it."""
