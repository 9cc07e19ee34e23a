"""The rules of a service as pure functions, and how one message is decided and remembered."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from shared.messages.envelope import Envelope, Message

S = TypeVar("S")


class Effect:
    """What a decision asks of this service's own tables, in the same transaction: a timer, a letter, a piece of work."""

    __slots__ = ()


class InternalEvent:
    """An event that only the states of this service fold; unlike a `Message` it is not published."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Decider(Generic[S]):
    """`S` is the union of the service's states; the first of `keys` is the subject of the message."""

    initial_state: Callable[[str], S]
    keys: Callable[[Any], tuple[str, ...]]
    decide: Callable[[Mapping[str, S], Envelope[Any]], Iterable[Message | Effect | InternalEvent]]
    evolve: Callable[[S, Any], S]


class UndeclaredSubject(Exception):
    """A rule spoke about a state that its message does not name: nothing would keep the order of what it says."""


def step(decider: Decider[S], states: dict[str, S], incoming: Envelope[Any]) -> tuple[list[Message], list[Effect]]:
    """Decide one message, and fold it and its events into every state it names. Returns the messages to publish and the effects.

    Raises `UndeclaredSubject`.
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
            about = message.subject.partition("/")[0]
            raise UndeclaredSubject(f"{message.kind} is about {about}, which {incoming.data.kind} does not name")
    for key in keys:
        state = decider.evolve(states[key], incoming.data)
        for event in events:
            state = decider.evolve(state, event)
        states[key] = state
    return messages, effects
