"""The questions of the talk after three months, for each role (R132). Pure: no clock, no database, no bus."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Literal, NamedTuple

import msgspec

from shared.messages.code_lists import Role

FILE = Path(__file__).with_name("evaluation_questions.toml")
LETTER: dict[Role, str] = {"expert": "E", "partner": "T", "coordinator": "C"}


class Item(msgspec.Struct, frozen=True):
    """One question; the coordinator reads some in other words. What is private is no matter for the talk that all share."""

    code: str
    who: Literal["E", "T", "C", "ET", "EC", "TC", "ETC"]
    label: str
    coordinator: str | None = None
    private: bool = False


class Part(msgspec.Struct, frozen=True):
    label: str
    items: tuple[Item, ...]


class Heading(NamedTuple):
    """A part of the talk with the questions that one role prepares."""

    label: str
    questions: list[str]


@cache
def parts() -> tuple[Part, ...]:
    """All parts, read and checked once."""
    return msgspec.convert(tomllib.loads(FILE.read_text(encoding="utf-8"))["parts"], tuple[Part, ...])


def questions(role: Role) -> list[Heading]:
    """What this role prepares for the talk; the programme's own people do not take part, and prepare nothing."""
    letter = LETTER.get(role)
    if letter is None:
        return []
    asked = [
        Heading(part.label, [_words(item, letter) for item in part.items if letter in item.who and not item.private])
        for part in parts()
    ]
    return [heading for heading in asked if heading.questions]


def _words(item: Item, letter: str) -> str:
    return item.coordinator if letter == "C" and item.coordinator else item.label
