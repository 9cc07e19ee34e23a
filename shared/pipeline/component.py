"""Components, of which a service is composed, and what their workers see of it."""

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from shared.messages.envelope import Envelope, Message
from shared.pipeline.decider import Effect
from shared.pipeline.runner import EffectHandler
from shared.postgres.pool import Pool
from shared.settings import Settings


class WorkerContext(Protocol):
    """The part of a running service that its workers may use."""

    name: str
    settings: Settings
    pool: Pool

    @property
    def stopping(self) -> bool:
        """True after the stop was requested: long-running work should be abandoned."""
        ...

    async def handle(self, envelopes: Sequence[Envelope[Any]], *, dead_letter_failures: bool = False) -> None:
        """Process local inputs in one transaction."""
        ...

    async def sleep_until_stop(self, seconds: float, wake: asyncio.Event | None = None) -> bool:
        """Sleep, at most until the stop, or until `wake` is set, which is cleared. Returns False after the stop."""
        ...

    def commit_event(self) -> asyncio.Event:
        """Return a new event, set at each commit of this process and at the stop."""
        ...


Worker = Callable[[WorkerContext], Coroutine[Any, Any, None]]
"""Background work that runs until `sleep_until_stop` returns False; ending earlier is an error."""


@dataclass(frozen=True, slots=True)
class Component:
    """Parts of a service that belong together, so that none of them can be forgotten.

    `effect_handlers` write the effects that the decider yields; `workers` act on what was written, in the background; their results
    return to the decider as `local_inputs`, messages that the service itself handles and never receives from Kafka.
    """

    effect_handlers: Mapping[type[Effect], EffectHandler] = field(default_factory=dict)
    workers: Sequence[Worker] = ()
    local_inputs: Sequence[type[Message]] = ()
    is_healthy: Callable[[], bool] = lambda: True
