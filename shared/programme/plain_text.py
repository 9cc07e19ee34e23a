"""Text that people can read: no characters that are invisible, end a line or turn its direction. Pure.

Entry points refuse such text by the patterns, which the partner contract publishes; they are valid in Python, Rust and ECMAScript.
All code that writes an email subject, a name or a title uses `one_line`, which also repairs text stored earlier.
"""

import re
from typing import Final

_CONTROLS = r"\x00-\x1f\x7f-\x9f"
_CONTROLS_IN_TEXT = r"\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"  # without tab, line feed and carriage return
_FORMATTING = r"\u2028\u2029\u202a-\u202e\u2066-\u2069\ufff9-\ufffb\ufffe\uffff"  # separators, direction, annotation, noncharacters
_BLANK = (
    r"\x09-\x0d\x20\xa0\xad\u034f\u061c\u115f\u1160\u1680\u17b4\u17b5\u180b-\u180f\u2000-\u200f\u202f\u205f-\u2065\u206a-\u206f"
    r"\u2800\u3000\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8"
)


def _with_visible_character(excluded: str) -> str:
    return rf"^[^{excluded}]*[^{excluded}{_BLANK}][^{excluded}]*$"


LINE_PATTERN: Final = _with_visible_character(_CONTROLS + _FORMATTING)
"""One line with a visible character."""
TEXT_PATTERN: Final = _with_visible_character(_CONTROLS_IN_TEXT + _FORMATTING)
"""Lines with a visible character: line breaks and tabs are allowed."""
LINK_PATTERN: Final = r"://|[wW]{3}\.|\.[A-Za-z]{2,}/|[^ @]@[^ @]+\.[^ @]"
"""Text that email programs turn into a link: the address of a page or of a person."""

_INVISIBLE = re.compile(f"[{_BLANK}{_CONTROLS}{_FORMATTING}\U000e0000-\U000e0fff\U0001bca0-\U0001bca3\U0001d173-\U0001d17a]+")
_BREAKS_LINE = re.compile(rf"[{_CONTROLS}{_FORMATTING}\s]+")
_find_link = re.compile(LINK_PATTERN).search


def is_visible(text: str) -> bool:
    """Return True if a reader sees anything of the text."""
    return bool(_INVISIBLE.sub("", text))


def has_link(text: str) -> bool:
    """Return True if mail programs would show a part of the text as a link: it matches `LINK_PATTERN`.

    The search costs 2 µs for a line, so it is left out where none of its characters occur.
    """
    possible = "@" in text or "/" in text or ("." in text and "www." in text.lower())
    return possible and _find_link(text) is not None


def one_line(text: str) -> str:
    """Return the text on one line, read in one direction, without control characters; empty if no reader would see any of it."""
    return _BREAKS_LINE.sub(" ", text).strip() if is_visible(text) else ""
