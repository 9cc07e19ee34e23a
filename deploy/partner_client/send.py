"""A partner's contract tried by hand: events published or only checked, and what the receipts say in the terminal."""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, NamedTuple

from aiokafka.errors import KafkaError, MessageSizeTooLargeError
from msgspec import json
from rich.markup import escape

from deploy.errors import UserError
from deploy.partner_client.client import Partner, Receipt
from deploy.partner_client.event_files import EventRecord
from deploy.partner_client.topic_tail import RecordPosition
from services.intake.contract import KINDS, STRUCTURED
from services.intake.domain.submission import RecordRejected
from services.intake.ingress import decoder
from shared import clock
from shared.runtime.maintenance import StoredRecord

COLOURS = {"accepted": "green", "duplicate": "yellow", "conflict": "red", "rejected": "red"}
NAMED = 5
"""Events without a receipt that are named."""

Said = Mapping[str, Any]
"""The data of a receipt."""


class Unpublished(NamedTuple):
    """Why the bus did not take a record: no receipt will come."""

    why: str


async def send(
    kafka: str, partner: str, made: Sequence[EventRecord], patience: float
) -> AsyncIterator[tuple[EventRecord, Said | Unpublished]]:
    """Publishes them in order, and gives each receipt as it comes, the last within so many seconds of the last event.

    What the bus does not take is given as `Unpublished`, and the rest goes on. Raises `Trouble`.
    """
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    try:
        async with Partner(kafka, partner) as speaker:
            told = 0
            for one in made:
                try:
                    await speaker.publish(one)
                except MessageSizeTooLargeError:
                    yield one, Unpublished("is larger than a record may be (1 MiB): not sent")
                for receipt in speaker.receipts.seen[told:]:
                    told += 1
                    if receipt.place in speaker.published:
                        yield speaker.published[receipt.place], receipt.data
            async for one, receipt in answered(speaker, told, patience):
                yield one, receipt.data
    except KafkaError as error:
        raise _trouble(kafka, error) from None


async def answered(speaker: Partner, seen: int, patience: float) -> AsyncIterator[tuple[EventRecord, Receipt]]:
    """The receipts of all that was published, as they come, but for those among the first `seen`."""
    before = {receipt.place for receipt in speaker.receipts.seen[:seen]}
    waiting = {place: one for place, one in speaker.published.items() if place not in before}
    until = asyncio.get_running_loop().time() + patience
    while waiting:
        try:
            async with asyncio.timeout_at(until):
                come = await speaker.receipts.since(seen)
        except TimeoutError:
            raise UserError(_in_vain(waiting, patience)) from None
        seen += len(come)
        for receipt in come:
            if one := waiting.pop(receipt.place, None):
                yield one, receipt


def _in_vain(waiting: Mapping[RecordPosition, EventRecord], patience: float) -> str:
    names = ", ".join(one.name for one in islice(waiting.values(), NAMED))
    more = f" and {len(waiting) - NAMED} more" if len(waiting) > NAMED else ""
    return (
        f"No receipt came within {patience:.0f} s for {names}{more}. The bus has what you sent: `tandem status` tells whether "
        "intake runs, how much waits for it and where its log is. Sent again, an event is only a duplicate; --wait waits longer."
    )


def _trouble(kafka: str, error: KafkaError) -> UserError:
    return UserError(f"Kafka at {kafka} does not answer, or refuses ({type(error).__name__}): is it running (`tandem status`)?")


def checked(partner: str, made: Iterable[EventRecord]) -> Iterator[tuple[EventRecord, Said]]:
    """What the door would say of each, as the data of a receipt; what only intake's books know is not looked at."""
    read = decoder(lambda _: frozenset(KINDS))
    for one in made:
        heard = read(
            StoredRecord(f"tandem.partner.{partner}.submissions", 0, 0, 0, one.key, one.value, STRUCTURED), clock.now()
        ).data
        outcome: dict[str, Any] = {"outcome": "accepted", **heard.record._asdict()}
        if isinstance(heard, RecordRejected):
            outcome |= {"outcome": "rejected", "problem": json.decode(json.encode(heard.problem))}
        yield one, outcome


def shown(name: str, receipt: Said, verdict: str) -> Iterator[str]:
    """A receipt in lines of rich's markup: the verdict in its colour, and below it what to know or to do."""
    named = f"  {receipt['tandem_id']}" if receipt.get("tandem_id") else ""
    yield f"[{COLOURS[receipt['outcome']]}]{verdict}[/]  {escape(name)}  {escape(receipt.get('event_id') or '')}[dim]{named}[/]"
    if problem := receipt.get("problem"):
        again = "; it may be accepted later" if problem.get("retryable") else ""
        yield f"    [bold]{escape(problem['title'])}[/] ({problem['status']}{again}). {escape(problem['detail'])}"
        yield from (f"    [red]{escape(fault['pointer'])}[/]  {escape(fault['detail'])}" for fault in problem.get("errors", ()))
        yield from _listed("missing", problem.get("missing"))
    yield from (f"    [yellow]{escape(advice['pointer'])}[/]  {escape(advice['detail'])}" for advice in receipt.get("advice", ()))
    of = " of this vacancy" if receipt.get("about", "").startswith("vacancy/") else ""
    yield from _listed("before a vacancy (gate B)", receipt.get("missing_b"))
    yield from _listed(f"before the first day{of} (gate S)", receipt.get("missing_s"))
    if receipt.get("missing_b") or receipt.get("missing_s"):
        yield "    [dim]`tandem contract items` says what each code asks[/]"
    yield from _listed("not in the contract", [*receipt.get("unknown_attributes", ()), *receipt.get("unknown_fields", ())])


def _listed(what: str, codes: Sequence[str] | None) -> Iterator[str]:
    if codes:
        yield f"    [dim]{what}:[/] {escape(', '.join(codes))}"
