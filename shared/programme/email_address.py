"""The one rule for email addresses, at every entry point and once more at the SMTP envelope. Pure: asks no name server."""

import re
from typing import Final
from unicodedata import category

from email_validator import SPECIAL_USE_DOMAIN_NAMES, EmailNotValidError, validate_email

MAX_EMAIL_LENGTH: Final = 254
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
EMAIL_PATTERN: Final = rf"^{_ATOM}(\.{_ATOM})*@[^\x00-\x2c\x2f\x3a-\x40\x5b-\x60\x7b-\x9f]+$"
"""The pattern for JSON Schemas: a superset of the rule. The domain name may be of any script."""

_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_PLAIN = re.compile(rf"(?=.{{1,64}}@){_ATOM}(?:\.{_ATOM})*@(?:{_LABEL}\.)+[a-z]{{2,63}}")

_NOT_PLAIN = "must be one plain email address, such as name@organisation.example: no name or link around it, no list, no quotes"
_NOT_ASCII = "has a character before the @ that many mail servers reject; use an address with only a-z, 0-9 and . _ + - there"
_DOMAIN = "has an invalid domain name after the @; check it for a typing error"


def normalise(address: str) -> str:
    """Return the address as it travels: the domain name in lower case and ASCII (punycode), the rest unchanged.

    Raises `ValueError` with advice, which never quotes the address.
    """
    if len(address) <= MAX_EMAIL_LENGTH and is_plain(address):
        return address
    return validated(address)


def is_plain(address: str) -> bool:
    """Return True only for addresses that `validated` returns unchanged: most of them, at a twentieth of the cost."""
    if not _PLAIN.fullmatch(address):
        return False
    domain = address.rpartition("@")[2]
    return "--" not in domain and domain.rpartition(".")[2] not in SPECIAL_USE_DOMAIN_NAMES and len(domain) < 250


def validated(address: str) -> str:
    """`normalise` for any address, by the library."""
    if any(category(character)[0] in "CZ" for character in address):
        raise ValueError(_NOT_PLAIN)
    try:
        found = validate_email(address, check_deliverability=False, allow_smtputf8=False, strict=True)
    except EmailNotValidError:
        raise ValueError(_advice(address)) from None
    if not found.ascii_email or len(found.ascii_email) > MAX_EMAIL_LENGTH:
        raise ValueError(_NOT_PLAIN)
    return found.ascii_email


def _advice(address: str) -> str:
    local, _, domain = address.rpartition("@")
    if re.fullmatch(rf"{_ATOM}(?:\.{_ATOM})*", local) and domain:
        return _DOMAIN
    return _NOT_ASCII if re.fullmatch(r"[\w.+-]+", local) and not local.isascii() else _NOT_PLAIN
