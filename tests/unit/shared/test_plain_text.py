"""Invisible text, and text that ends a line or turns its direction is refused at the entries and repaired at the outputs."""

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.programme.plain_text import LINE_PATTERN, LINK_PATTERN, TEXT_PATTERN, has_link, is_visible, one_line

BIDI = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
BREAKS = "\n\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"
INVISIBLE = [
    " ",
    "\u200b",
    "\u200b\u200d",
    "\ufeff",
    "\u2800",
    "\u3164",
    "\u115f\u1160",
    "\xa0",
    "\xad",
    "\u2060",
    "\ufe0f",
    "\u180e",
]


@pytest.mark.parametrize("text", [*INVISIBLE, "\U000e0041", "\u200e\u200f"])
def test_invisible_text_is_recognised(text: str) -> None:
    assert not is_visible(text)
    assert one_line(text) == ""


@pytest.mark.parametrize("pattern", [LINE_PATTERN, TEXT_PATTERN])
@pytest.mark.parametrize("text", [*INVISIBLE, "", "\t\n", *(f"Jan {sign}x" for sign in BIDI + "\u2028\u2029\x00\x1b\x7f\x85")])
def test_patterns_refuse_what_is_invisible_or_turns_the_line(pattern: str, text: str) -> None:
    assert not re.fullmatch(pattern, text)


@pytest.mark.parametrize("text", ["Jan", "Zoë de Wit", "محمد", "אסתר", "क्षि", "👩‍👧", "Ł. O’Neill", "می‌خواهم", "a/d Berg"])
def test_names_of_every_script_fit(text: str) -> None:
    assert re.fullmatch(LINE_PATTERN, text) and is_visible(text) and not has_link(text)
    assert one_line(text) == text


def test_only_text_may_have_line_breaks_and_tabs() -> None:
    assert re.fullmatch(TEXT_PATTERN, "een\r\n\ttwee")
    assert not re.fullmatch(LINE_PATTERN, "een\ntwee")


@pytest.mark.parametrize("text", ["https://huis.example", "Jan www.huis.example", "WWW.x", "klik.example/nu", "jan@huis.example"])
def test_links_and_addresses_are_recognised(text: str) -> None:
    assert has_link(text)


@given(st.text(st.sampled_from("wW.:/@ aé"), max_size=10))
def test_links_are_what_the_published_pattern_finds(text: str) -> None:
    assert has_link(text) == bool(re.search(LINK_PATTERN, text))


@given(st.text(max_size=30))
def test_one_line_is_one_line_without_controls_and_stays_so(text: str) -> None:
    line = one_line(text)

    assert not set(line) & set(BREAKS + BIDI)
    assert all(unicodedata.category(character) not in ("Cc", "Zl", "Zp") for character in line)
    assert len(line.splitlines()) <= 1
    assert one_line(line) == line
    assert line == "" or is_visible(line)
