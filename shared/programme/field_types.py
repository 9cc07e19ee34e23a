"""Field types that the partner contract and the policy share: lines, addresses, telephone numbers and time zones. Pure."""

from typing import Annotated, Final
from zoneinfo import available_timezones

from pydantic import AfterValidator, Field, StringConstraints

from shared.programme.email_address import EMAIL_PATTERN, MAX_EMAIL_LENGTH, normalise
from shared.programme.plain_text import LINE_PATTERN, LINK_PATTERN, has_link, is_visible

PHONE_PATTERN: Final = r"^\+[1-9]( ?[0-9]){7,14}$"
ZONE_PATTERN: Final = r"^(UTC|[A-Z][A-Za-z]+(/[A-Za-z0-9_+-]+){1,2})$"
ZONE_DESCRIPTION: Final = "the time zone of a place in the IANA list, such as Europe/Brussels"
ZONES: Final = frozenset(name for name in available_timezones() if "/" in name or name == "UTC")
"""Zones of a place, such as Europe/Brussels; also UTC. `Factory`, `localtime` and abbreviations such as EST name no place."""


def readable(text: str) -> str:
    """Return the text. Raises `ValueError` if it consists of characters beyond the patterns that no reader sees."""
    if not text.isascii() and not is_visible(text):
        raise ValueError("must contain a visible character")
    return text


def _without_link(text: str) -> str:
    if has_link(text):
        raise ValueError("looks like a link or an address; leave that out, because email programs would make it clickable")
    return readable(text)


def _known_zone(name: str) -> str:
    if name not in ZONES:
        raise ValueError("must be the time zone of a place in the IANA list, such as Europe/Brussels or Europe/Amsterdam")
    return name


Line = Annotated[str, StringConstraints(min_length=1, pattern=LINE_PATTERN), AfterValidator(readable)]
"""One line that a reader sees."""
Label = Annotated[
    str,
    StringConstraints(min_length=1, max_length=120, pattern=LINE_PATTERN),
    AfterValidator(_without_link),
    Field(json_schema_extra={"not": {"pattern": LINK_PATTERN}}),
]
"""A name or a title: one line without a link."""
EmailAddress = Annotated[
    str, AfterValidator(normalise), Field(json_schema_extra={"pattern": EMAIL_PATTERN, "maxLength": MAX_EMAIL_LENGTH})
]
"""One plain address; the value is the address as it travels."""
PhoneNumber = Annotated[str, StringConstraints(pattern=PHONE_PATTERN)]
"""With the country code (E.164), and single spaces anywhere."""
Zone = Annotated[str, AfterValidator(_known_zone), Field(json_schema_extra={"pattern": ZONE_PATTERN})]
