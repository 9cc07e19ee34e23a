"""Publishes events by hand and waits for their receipts."""

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping, Sequence
from itertools import islice
from typing import NamedTuple

from aiokafka.errors import KafkaError, MessageSizeTooLargeError

from deploy.errors import UserError
from deploy.partner_client.client import PartnerClient, Receipt
from deploy.partner_client.record import EventRecord, ReceiptData, RecordPosition

MAX_NAMED = 5
"""Number of events without a receipt that an error names."""


class NotPublished(NamedTuple):
    """Kafka rejected a record, for this reason; there will be no receipt."""

    reason: str


async def send(
    kafka: str, partner: str, records: Sequence[EventRecord], wait: float
) -> AsyncIterator[tuple[EventRecord, ReceiptData | NotPublished]]:
    """Publish records in order and yield each receipt as it arrives.

    A record that Kafka rejects is yielded as `NotPublished`, and the others continue. Raises `UserError` if Kafka is
    unavailable, or if a receipt is missing `wait` seconds after the last record.
    """
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    try:
        async with PartnerClient(kafka, partner) as client:
            index = 0
            for record in records:
                try:
                    await client.publish(record)
                except MessageSizeTooLargeError:
                    yield record, NotPublished("is larger than a record may be (1 MiB): not sent")
                for receipt in client.receipts.received[index:]:
                    index += 1
                    if receipt.position in client.published:
                        yield client.published[receipt.position], receipt.data
            async for record, receipt in wait_for_receipts(client, index, wait):
                yield record, receipt.data
    except KafkaError as error:
        raise _unavailable(kafka, error) from None


async def wait_for_receipts(client: PartnerClient, index: int, wait: float) -> AsyncIterator[tuple[EventRecord, Receipt]]:
    """Yield the receipts of all published records as they arrive, except the first `index` receipts received."""
    done = {receipt.position for receipt in client.receipts.received[:index]}
    pending = {position: record for position, record in client.published.items() if position not in done}
    deadline = asyncio.get_running_loop().time() + wait
    while pending:
        try:
            async with asyncio.timeout_at(deadline):
                receipts = await client.receipts.from_index(index)
        except TimeoutError:
            raise UserError(_missing_receipts(pending, wait)) from None
        index += len(receipts)
        for receipt in receipts:
            if record := pending.pop(receipt.position, None):
                yield record, receipt


def _missing_receipts(pending: Mapping[RecordPosition, EventRecord], wait: float) -> str:
    names = ", ".join(record.name for record in islice(pending.values(), MAX_NAMED))
    more = f" and {len(pending) - MAX_NAMED} more" if len(pending) > MAX_NAMED else ""
    return (
        f"No receipt came within {wait:.0f} s for {names}{more}. Kafka has stored the events: `tandem status` shows whether "
        "intake is running, its consumer lag and its log. Sending an event again only yields a duplicate; --wait waits longer."
    )


def _unavailable(kafka: str, error: KafkaError) -> UserError:
    return UserError(f"Kafka at {kafka} does not answer, or refuses ({type(error).__name__}): is it running (`tandem status`)?")
