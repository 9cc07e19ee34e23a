"""What must hold whatever comes in: only accepted addresses get email; logs hold neither tracebacks nor personal data. Pure."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from email_validator import EmailNotValidError, validate_email

from deploy.partner_client.client import Receipt
from deploy.partner_client.record import RecordPosition
from tests.fuzz.structure import places

PRIVATE_TEXT = "Mijn eigen verhaal gaat niemand iets aan."
"""What people write on pages."""
PERSONAL = re.compile(
    r"@[\w.-]*(mensen|huis|voorbeeldhuis|tandem|post)\.example|Co\S{1,6}rdinator E|Deskundige E|Tandempartner E|\+32 2 000"
    r"|Mijn eigen verhaal|Voorbeeldhuis|Samen koken|Wij zijn een klein team|Je ontvangt mensen|De workshop is in"
)
"""Names, addresses, telephone numbers and texts of the contract's examples, of which all mutated events are made."""
TRACEBACK = "Traceback (most recent call last)"
ACCEPTED = ("accepted", "duplicate")


def accepted_addresses(values: Mapping[RecordPosition, bytes | None], receipts: Mapping[RecordPosition, Receipt]) -> set[str]:
    """Return the addresses in all accepted events, in the form in which they travel."""
    accepted = (value for position, value in values.items() if position in receipts and receipts[position].outcome in ACCEPTED)
    return {address for value in accepted for address in addresses_in(value or b"")}


def addresses_in(value: bytes) -> Iterator[str]:
    """Yield the plain addresses in an event; what is not a plain address is not an address."""
    try:
        document: Any = json.loads(value)
    except (ValueError, RecursionError):
        return
    for container, key in places(document):
        if key == "email" and isinstance(container[key], str) and (address := plain_address(container[key])):
            yield address


def plain_address(text: str) -> str | None:
    """Return the address in lower case with an ASCII domain; None if it is not a plain one. Shares no code with the product."""
    try:
        address = validate_email(text.strip(), check_deliverability=False, allow_smtputf8=False).ascii_email
    except EmailNotValidError:
        return None
    return address.lower() if address else None


def unaccepted(recipients: Iterable[str], accepted: set[str]) -> set[str]:
    """Return the recipients that were not accepted."""
    return {recipient for recipient in recipients if recipient.lower() not in accepted}


def log_findings(lines: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield what a log must not hold, with the line."""
    for line in lines:
        if TRACEBACK in line:
            yield "a traceback in a log", line
        if PERSONAL.search(_decoded(line)):
            yield "personal data in a log", line


def _decoded(line: str) -> str:
    """Return a JSON line with its escapes resolved."""
    try:
        return json.dumps(json.loads(line), ensure_ascii=False) if line.startswith("{") else line
    except ValueError:
        return line
