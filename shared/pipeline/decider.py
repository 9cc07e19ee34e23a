"""The rules of a service as pure functions, and how one message is decided and remembered."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from shared.messages.envelope import Envelope, Message

S = TypeVar("S")


class Effect:
    """What a decision asks of this service's own tables, in the same transaction: a timer, a letter, a piece of work."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Decider(Generic[S]):
    """`S` is the union of the service's states; the first of `keys` is the subject of the message."""

    initial_state: Callable[[str], S]
    keys: Callable[[Any], tuple[str, ...]]
    decide: Callable[[Mapping[str, S], Envelope[Any]], Iterable[Message | Effect]]
    evolve: Callable[[S, Message], S]


class UndeclaredSubject(Exception):
    """A rule spoke about a state that its message does not name: nothing would keep the order of what it says."""


def step(decider: Decider[S], states: dict[str, S], heard: Envelope[Any]) -> tuple[list[Message], list[Effect]]:
    """Decides one message, and folds it and what follows into every state it names. Raises `SaidOutOfTurn`."""
    keys = decider.keys(heard.data)
    said: list[Message] = []
    effects: list[Effect] = []
    for follows in decider.decide(states, heard):
        if isinstance(follows, Message):
            said.append(follows)
        else:
            effects.append(follows)
    for fact in said:
        if fact.subject not in keys:
            raise UndeclaredSubject(f"{fact.kind} is about {fact.subject.partition('/')[0]}, which {heard.data.kind} does not name")
    for key in keys:
        state = decider.evolve(states[key], heard.data)
        for fact in said:
            state = decider.evolve(state, fact)
        states[key] = state
    return said, effects
