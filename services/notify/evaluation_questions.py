"""The questions that each role prepares for the evaluation after three months (R132). Pure: no clock, database or network."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Literal, NamedTuple

import msgspec

from shared.messages.code_lists import Role

FILE = Path(__file__).with_name("evaluation_questions.toml")
ROLE_CODES: dict[Role, str] = {"expert": "E", "partner": "T", "coordinator": "C"}


class Question(msgspec.Struct, frozen=True):
    """One question, in its own words for the coordinator if it has them. A private one is not prepared for the shared talk."""

    code: str
    who: Literal["E", "T", "C", "ET", "EC", "TC", "ETC"]
    label: str
    coordinator: str | None = None
    private: bool = False


class Part(msgspec.Struct, frozen=True):
    """A part of the questionnaire, with the questions of all roles."""

    label: str
    items: tuple[Question, ...]


class Section(NamedTuple):
    """A part as one role sees it: its heading, and the questions that this role prepares."""

    label: str
    questions: list[str]


@cache
def parts() -> tuple[Part, ...]:
    """Return the whole questionnaire; the file is read and validated once."""
    return msgspec.convert(tomllib.loads(FILE.read_text(encoding="utf-8"))["parts"], tuple[Part, ...])


def questions_for(role: Role) -> list[Section]:
    """Return the questions of this role, without private ones and empty sections; none for the programme's own roles."""
    code = ROLE_CODES.get(role)
    if code is None:
        return []
    sections = [
        Section(part.label, [_text(item, code) for item in part.items if code in item.who and not item.private]) for part in parts()
    ]
    return [section for section in sections if section.questions]


def _text(question: Question, code: str) -> str:
    return question.coordinator if code == "C" and question.coordinator else question.label
