"""Applying one message to the states."""

from datetime import UTC, datetime
from typing import ClassVar
from uuid import UUID

import pytest

from shared.error_text import safe_error_text
from shared.errors import PoisonError
from shared.messages.envelope import Envelope, Message
from shared.pipeline.decider import Decider, UndeclaredSubject, step


class Moved(Message, frozen=True):
    kind: ClassVar[str] = "tandem.test.moved.v1"
    default_topic: ClassVar[str] = "tandem.test"
    thing: str

    @property
    def subject(self) -> str:
        return self.thing


def decider(*outputs: Message) -> Decider[int]:
    return Decider(
        initial_state=lambda _: 0,
        keys=lambda message: (message.thing,),
        decide=lambda states, incoming: outputs,
        evolve=lambda state, event: state + 1,
    )


MOVED = Envelope(id=UUID(int=1), source="/test", subject="thing/1", time=datetime(2027, 1, 1, tzinfo=UTC), data=Moved("thing/1"))


def test_each_locked_state_takes_in_the_message_and_its_outputs() -> None:
    states = {"thing/1": 0}

    messages, effects = step(decider(Moved("thing/1")), states, MOVED)

    assert (messages, effects, states) == ([Moved("thing/1")], [], {"thing/1": 2})


def test_output_about_a_key_that_is_not_locked_is_an_error_with_a_text_that_is_safe_to_log() -> None:
    with pytest.raises(UndeclaredSubject) as raised:
        step(decider(Moved("other/2")), {"thing/1": 0}, MOVED)

    assert isinstance(raised.value, PoisonError)
    assert safe_error_text(raised.value) == (
        "tandem.test.moved.v1 is about other/…, which tandem.test.moved.v1 does not lock: add it to `keys`"
    )
