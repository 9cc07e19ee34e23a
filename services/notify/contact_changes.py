"""Workers: after a person's name or address changed, pass each entity that may have open emails to the decider.

This happens after the change was committed: an email that was resolved before has an entity that the worker sees, and a later one
goes to the new address. A crash repeats the work under the same message ids.
"""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from services.notify.domain.inputs import ContactReplaced
from services.notify.domain.people import FORMER, Person
from services.notify.store import SQL
from shared import clock
from shared.messages.envelope import Envelope
from shared.messages.ids import deterministic_uuid
from shared.pipeline.component import WorkerContext
from shared.postgres.retry import retry_transient

POLL_INTERVAL: Final = 0.5
CLEANUP_INTERVAL: Final = 60.0
PAGE_SIZE: Final = 50


async def run(service: WorkerContext) -> None:
    """Process changes until the service stops."""
    changes: Sequence[Any] = ()
    while await service.sleep_until_stop(0 if changes else POLL_INTERVAL):
        if changes := await retry_transient(lambda: service.pool.fetch(SQL["load_contact_changes"], PAGE_SIZE)):
            await _process(service, changes)


async def purge_former(service: WorkerContext) -> None:
    """Delete the contact data of people who left, once no email waits for them, until the service stops."""
    while await service.sleep_until_stop(CLEANUP_INTERVAL):
        await retry_transient(lambda: service.pool.execute(SQL["delete_former_contacts"]))


async def _process(service: WorkerContext, changes: Sequence[Any]) -> None:
    envelopes = [envelope for change in changes for envelope in await _envelopes(service, change)]
    await service.handle(envelopes, dead_letter_failures=True)
    ids = [change["id"] for change in changes]
    await retry_transient(lambda: service.pool.execute(SQL["delete_contact_changes"], ids))


async def _envelopes(service: WorkerContext, change: Any) -> list[Envelope[ContactReplaced]]:
    person = Person(change["about"], change["role"], change["nth"])
    arguments = person.subject, person.role, UUID(person.subject.partition("/")[2]), person.nth, change["recorded_at"]
    entities = await retry_transient(lambda: service.pool.fetch(SQL["load_open_entities"], *arguments))
    return [_envelope(change, person, entity) for entity in entities]


def _envelope(change: Any, person: Person, entity: Any) -> Envelope[ContactReplaced]:
    former = Person(f"{FORMER}/{change['id']}", person.role, person.nth) if change["left_role"] else None
    message = ContactReplaced(entity["key"], person, former, tuple(entity["pending"]), entity["vacancy"])
    return Envelope(
        id=deterministic_uuid(change["id"], message.about),
        source="/tandem/notify",
        subject=message.subject,
        time=clock.now(),
        causationid=change["id"],
        correlationid=change["correlation"],
        traceparent=change["traceparent"],
        data=message,
    )


WORKERS = (run, purge_former)
