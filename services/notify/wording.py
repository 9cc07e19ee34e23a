"""Codes, dates and times in plain Dutch, for emails and pages. Pure: no clock, database or network."""

import tomllib
from collections.abc import Iterable, Mapping
from datetime import date, time
from functools import cache
from pathlib import Path
from typing import Any

from babel.dates import format_date

from shared.messages.code_lists import Language
from shared.programme import local_dates, readiness_catalogue

FILE = Path(__file__).with_name("wording.toml")
NUMBER_WORDS = ("nul", "één", "twee", "drie", "vier", "vijf", "zes", "zeven", "acht", "negen", "tien", "elf", "twaalf")


@cache
def word_lists() -> Mapping[str, Any]:
    """Return all word lists by name; the file is read once."""
    return tomllib.loads(FILE.read_text(encoding="utf-8"))


def label(code: str, list_name: str) -> str:
    """Return the words for a code; a code missing from the list is returned unchanged."""
    return str(word_lists()[list_name].get(code, code))


def join_list(parts: Iterable[str]) -> str:
    """Join at least one part as `a, b en c`."""
    *first, last = parts
    return f"{', '.join(first)} en {last}" if first else last


def reason(item: Mapping[str, Any], side: str) -> str:
    """Return one reason (`dimension`, `codes`) as a sentence; `side` is `reasons_for` or `reasons_against`."""
    dimension = item["dimension"]
    codes = [label(code, dimension) for code in item["codes"]] if dimension in word_lists() else []
    return str(word_lists()[side][dimension]).format(join_list(codes) if codes else "")


def number_word(number: int) -> str:
    """Return a number up to twelve as a word, a larger one in digits."""
    return NUMBER_WORDS[number] if number < len(NUMBER_WORDS) else str(number)


def day(value: date | str, today: date, language: Language) -> str:
    """Return `dinsdag 3 maart`, with the year unless it is the current one. Text is an ISO date."""
    on = date.fromisoformat(value) if isinstance(value, str) else value
    return format_date(on, "EEEE d MMMM" if on.year == today.year else "EEEE d MMMM y", locale=language.replace("-", "_"))


def day_off(value: date | str, language: Language) -> str:
    """Return `een feestdag` or `een dag in het weekend`, or an empty string for a working day. Text is an ISO date."""
    on = date.fromisoformat(value) if isinstance(value, str) else value
    kind = local_dates.day_off(on, language)
    return label(kind, "day_off") if kind else ""


def hour(value: time | str) -> str:
    """Return `14.00 uur`. Text is an ISO time."""
    at = time.fromisoformat(value) if isinstance(value, str) else value
    return f"{at:%H.%M} uur"


def moment(on: date | str, at: time | str | None, today: date, language: Language) -> str:
    """Return `dinsdag 3 maart om 14.00 uur`, or only the day if no time is set."""
    return day(on, today, language) + (f" om {hour(at)}" if at else "")


def item(code: str) -> str:
    """Return the catalogue's words for a readiness item; an unknown code is returned unchanged."""
    known = readiness_catalogue.readiness_items().get(code)
    return known.label if known else code


def first_step(codes: Iterable[str]) -> readiness_catalogue.Step | None:
    """Return the earliest step that contains one of these readiness items; None if there is none."""
    numbers = {known.step for code in codes if (known := readiness_catalogue.readiness_items().get(code))}
    return next((step for step in readiness_catalogue.steps() if step.number in numbers), None)
