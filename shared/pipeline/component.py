"""What a service is composed of."""

from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from shared.messages.envelope import Message
from shared.pipeline.decider import Effect
from shared.pipeline.runner import EffectHandler

if TYPE_CHECKING:
    from shared.runtime.service import Service

Worker = Callable[["Service"], Coroutine[Any, Any, None]]
"""Background work that runs until `service.sleep_until_stop` returns False; ending earlier is an error."""


@dataclass(frozen=True, slots=True)
class Component:
    """What belongs together in a service, so that no part of it can be forgotten.

    `effect_handlers` write the effects that the decider yields; `workers` act on what was written, in the background; their results
    return to the decider as `local_inputs`, messages that the service itself handles and never receives from Kafka.
    """

    effect_handlers: Mapping[type[Effect], EffectHandler] = field(default_factory=dict)
    workers: Sequence[Worker] = ()
    local_inputs: Sequence[type[Message]] = ()
    is_healthy: Callable[[], bool] = lambda: True
