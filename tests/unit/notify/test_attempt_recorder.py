"""Send attempts are recorded before they start, with one statement for all that wait."""

import asyncio
from collections.abc import Collection, Mapping
from uuid import UUID

from services.notify.domain.people import of_programme
from services.notify.emails.attempt_recorder import AttemptRecorder
from services.notify.emails.queue import Attempt, PendingEmail
from tests.support.factories import NOW


def email(n: int, attempts: int = 0) -> PendingEmail:
    id = UUID(int=n)
    return PendingEmail(id, id, id, None, "start", of_programme("mediator"), "", {}, NOW, None, attempts)


class Database:
    """Remembers each statement; answers it once `open` is set, except for emails claimed by another process."""

    def __init__(self, claimed_elsewhere: Collection[UUID] = ()) -> None:
        self.claimed_elsewhere = claimed_elsewhere
        self.statements: list[tuple[dict[UUID, int], set[UUID]]] = []
        self.open = asyncio.Event()
        self.open.set()

    async def record_attempts(self, attempts: Mapping[UUID, Attempt], accepted: Collection[UUID]) -> Mapping[UUID, int]:
        self.statements.append(({id: it.number for id, it in attempts.items()}, set(accepted)))
        await self.open.wait()
        return {id: it.number for id, it in attempts.items() if id not in self.claimed_elsewhere}


async def test_attempt_is_recorded_with_the_next_number() -> None:
    database = Database()

    assert await AttemptRecorder(database.record_attempts).record_attempt(email(1, attempts=1)) == 2
    assert database.statements == [({UUID(int=1): 2}, set())]


async def test_attempt_on_an_email_claimed_by_another_process_is_refused() -> None:
    database = Database(claimed_elsewhere={UUID(int=1)})

    assert await AttemptRecorder(database.record_attempts).record_attempt(email(1)) is None


async def test_accepted_email_is_recorded_together_with_the_next_attempt() -> None:
    database = Database()
    recorder = AttemptRecorder(database.record_attempts)
    recorder.mark_accepted(email(1))

    assert database.statements == []
    assert await recorder.record_attempt(email(2)) == 1
    assert database.statements == [({UUID(int=2): 1}, {UUID(int=1)})]


async def test_attempts_that_arrive_during_a_statement_share_the_next_one() -> None:
    database = Database()
    recorder = AttemptRecorder(database.record_attempts)
    database.open.clear()
    attempts = [asyncio.ensure_future(recorder.record_attempt(email(n))) for n in range(1, 5)]
    await asyncio.sleep(0)
    database.open.set()

    assert await asyncio.gather(*attempts) == [1, 1, 1, 1]
    assert [len(numbers) for numbers, _ in database.statements] == [1, 3]


async def test_flush_without_anything_pending_runs_no_statement() -> None:
    database = Database()

    await AttemptRecorder(database.record_attempts).flush()

    assert database.statements == []
