"""Plays a history through notify's rules: what was heard, in order, to the letters and messages that follow."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from services.notify.domain.decider import State, decider
from services.notify.domain.effects import SendEmail
from shared.messages.envelope import Envelope, Message, deterministic_uuid
from shared.pipeline.decider import Effect, step
from shared.programme.policy import Policy
from tests.support.factories import NOW
from tests.unit.notify.sample_emails import POLICY

ROOT = UUID(int=9)


def envelope(message: Message, at: datetime = NOW, cause: UUID | None = None) -> Envelope[Any]:
    """A message on its way; the same message has the same id."""
    return Envelope(
        id=deterministic_uuid(ROOT, repr(message)),
        source="/tandem/test",
        subject=message.subject,
        time=at,
        causationid=cause,
        data=message,
    )


class Played:
    """What a history led to."""

    def __init__(self, policy: Policy = POLICY) -> None:
        self.decider = decider(policy)
        self.states: dict[str, State] = {}
        self.said: list[Message] = []
        self.effects: list[Effect] = []

    def hear(self, *messages: Message | Envelope[Any]) -> "Played":
        for message in messages:
            heard = message if isinstance(message, Envelope) else envelope(message)
            self.states |= {key: self.decider.initial_state(key) for key in self.decider.keys(heard.data) if key not in self.states}
            said, effects = step(self.decider, self.states, heard)
            self.said += said
            self.effects += effects
        return self

    @property
    def letters(self) -> list[SendEmail]:
        return [effect for effect in self.effects if isinstance(effect, SendEmail)]

    def to(self, template: str) -> list[tuple[str, str]]:
        """Who gets this letter: subject and role."""
        return [(letter.to.subject, letter.to.role) for letter in self.letters if letter.template == template]


def after(*messages: Message | Envelope[Any]) -> Played:
    return Played().hear(*messages)


def templates(letters: Iterable[SendEmail]) -> list[str]:
    return [letter.template for letter in letters]
