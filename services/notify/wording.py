"""Codes, dates and hours in the words that people read. Pure: no clock, no database, no bus."""

import tomllib
from collections.abc import Iterable, Mapping
from datetime import date, time
from functools import cache
from pathlib import Path
from typing import Any

from babel.dates import format_date

from shared.messages.code_lists import Language
from shared.programme import readiness_catalogue

FILE = Path(__file__).with_name("wording.toml")
SMALL = ("nul", "één", "twee", "drie", "vier", "vijf", "zes", "zeven", "acht", "negen", "tien", "elf", "twaalf")


@cache
def words() -> Mapping[str, Any]:
    """All lists of words, read once."""
    return tomllib.loads(FILE.read_text(encoding="utf-8"))


def label(code: str, list_: str) -> str:
    """A code of a list in words; what the list does not know yet is shown as it is."""
    return str(words()[list_].get(code, code))


def join_list(parts: Iterable[str]) -> str:
    """`a, b en c`."""
    *first, last = parts
    return f"{', '.join(first)} en {last}" if first else last


def reason(it: Mapping[str, Any], side: str) -> str:
    """One reason as a sentence; `side` is `reasons_for` or `reasons_against`."""
    dimension = it["dimension"]
    codes = [label(code, dimension) for code in it["codes"]] if dimension in words() else []
    return str(words()[side][dimension]).format(join_list(codes) if codes else "")


def number_word(number: int) -> str:
    """Small numbers as words."""
    return SMALL[number] if number < len(SMALL) else str(number)


def day(value: date | str, today: date, language: Language) -> str:
    """`dinsdag 3 maart`, and the year where it is another one than today's."""
    on = date.fromisoformat(value) if isinstance(value, str) else value
    return format_date(on, "EEEE d MMMM" if on.year == today.year else "EEEE d MMMM y", locale=language.replace("-", "_"))


def hour(value: time | str) -> str:
    """`14.00 uur`."""
    at = time.fromisoformat(value) if isinstance(value, str) else value
    return f"{at:%H.%M} uur"


def moment(on: date | str, at: time | str | None, today: date, language: Language) -> str:
    """`dinsdag 3 maart om 14.00 uur`, or the day alone."""
    return day(on, today, language) + (f" om {hour(at)}" if at else "")


def item(code: str) -> str:
    """A readiness item in the words of the catalogue; one that it does not know as its code."""
    known = readiness_catalogue.readiness().get(code)
    return known.label if known else code


def first_step(codes: Iterable[str]) -> readiness_catalogue.Step | None:
    """The earliest step that has one of these items."""
    numbers = {known.step for code in codes if (known := readiness_catalogue.readiness().get(code))}
    return next((step for step in readiness_catalogue.steps() if step.number in numbers), None)
