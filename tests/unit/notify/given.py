"""Runs a history of messages through notify's decider, and collects the messages and effects that follow."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from services.notify.domain.decider import State, decider
from services.notify.domain.effects import SendEmail
from shared.messages.envelope import Envelope, Message
from shared.messages.ids import deterministic_uuid
from shared.pipeline.decider import Effect, step
from shared.programme.policy import Policy
from tests.support.factories import NOW
from tests.unit.notify.sample_emails import POLICY

NAMESPACE = UUID(int=9)


def envelope(message: Message, at: datetime = NOW, cause: UUID | None = None) -> Envelope[Any]:
    """Return the message in an envelope; equal messages get equal ids."""
    return Envelope(
        id=deterministic_uuid(NAMESPACE, repr(message)),
        source="/tandem/test",
        subject=message.subject,
        time=at,
        causationid=cause,
        data=message,
    )


class Scenario:
    """The states, messages and effects that a history led to."""

    def __init__(self, policy: Policy = POLICY) -> None:
        self.decider = decider(policy)
        self.states: dict[str, State] = {}
        self.published: list[Message] = []
        self.effects: list[Effect] = []

    def receive(self, *messages: Message | Envelope[Any]) -> "Scenario":
        for message in messages:
            incoming = message if isinstance(message, Envelope) else envelope(message)
            keys = self.decider.keys(incoming.data)
            self.states |= {key: self.decider.initial_state(key) for key in keys if key not in self.states}
            outgoing, effects = step(self.decider, self.states, incoming)
            self.published += outgoing
            self.effects += effects
        return self

    @property
    def emails(self) -> list[SendEmail]:
        return [effect for effect in self.effects if isinstance(effect, SendEmail)]

    def recipients(self, template: str) -> list[tuple[str, str]]:
        """Return subject and role of each recipient of this email."""
        return [(email.to.subject, email.to.role) for email in self.emails if email.template == template]


def after(*messages: Message | Envelope[Any]) -> Scenario:
    return Scenario().receive(*messages)


def templates(emails: Iterable[SendEmail]) -> list[str]:
    return [email.template for email in emails]
