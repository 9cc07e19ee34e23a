"""The rules of a service as pure functions, and how one message is applied to the states."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from shared.errors import PoisonError
from shared.messages.envelope import Envelope, Message

S = TypeVar("S")


class Effect:
    """An output that writes to the service's own tables in the same transaction, such as `ScheduleTimer`."""

    __slots__ = ()


class InternalEvent:
    """An output that only changes the states of this service; unlike a `Message` it is not published."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Decider(Generic[S]):
    """`S` is the union of the service's states.

    `keys` returns the entity keys that a message locks: those of the states that it reads or changes, and of the subjects of its
    outputs. The first one is what `tandem dead-letters list` shows.
    """

    initial_state: Callable[[str], S]
    keys: Callable[[Any], tuple[str, ...]]
    decide: Callable[[Mapping[str, S], Envelope[Any]], Iterable[Message | Effect | InternalEvent]]
    evolve: Callable[[S, Any], S]


class UndeclaredSubject(PoisonError):
    """An output's subject is not among the keys of its cause, so that no lock would keep its order."""


def step(decider: Decider[S], states: dict[str, S], incoming: Envelope[Any]) -> tuple[list[Message], list[Effect]]:
    """Decide one message and apply it and its events to each state that it touches, in place.

    Returns the messages to publish and the effects. Raises `UndeclaredSubject`.
    """
    keys = decider.keys(incoming.data)
    messages: list[Message] = []
    events: list[Message | InternalEvent] = []
    effects: list[Effect] = []
    for output in decider.decide(states, incoming):
        if isinstance(output, Message):
            messages.append(output)
            events.append(output)
        elif isinstance(output, InternalEvent):
            events.append(output)
        else:
            effects.append(output)
    for message in messages:
        if message.subject not in keys:
            kind, prefix = incoming.data.kind, message.subject.partition("/")[0]
            raise UndeclaredSubject(f"{message.kind} is about {prefix}/…, which {kind} does not lock: add it to `keys`")
    for key in keys:
        state = decider.evolve(states[key], incoming.data)
        for event in events:
            state = decider.evolve(state, event)
        states[key] = state
    return messages, effects
