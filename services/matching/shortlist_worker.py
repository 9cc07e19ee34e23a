"""Shortlists are drawn here: a claimed row of work, a snapshot of the pool, a pure draw, and its result as a message of our own."""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from services.matching.domain.pool_query import build_query
from services.matching.domain.scoring import MAY_START_LATER, ON_TIME, REGION, score_candidate
from services.matching.domain.states import ShortlistComputed, Vacancy
from services.matching.store import SQL, Vacancies, bits, profile
from shared import clock
from shared.messages.envelope import Envelope, deterministic_uuid, entity_key
from shared.postgres.pool import Connection, connection
from shared.postgres.retry import retry_transient
from shared.runtime.service import Service

POLL_INTERVAL: Final = 0.1


async def run(service: Service) -> None:
    """A worker: draws what is due. A crash leaves the claim to lapse, and the same draw is made again under the same id."""
    claimed: Sequence[Any] = ()
    while await service.sleep_until_stop(0 if claimed else POLL_INTERVAL):
        await retry_transient(lambda: service.pool.execute(SQL["mark"]))
        if claimed := await retry_transient(lambda: service.pool.fetch(SQL["claim"])):
            await _round(service, claimed)


async def _round(service: Service, claimed: Sequence[Any]) -> None:
    async def computed() -> list[ShortlistComputed]:
        async with connection(service.pool) as db:
            return await compute(db, {row["vacancy"]: row["wanted"] for row in claimed})

    lists = {done.vacancy: done for done in await retry_transient(computed)}
    await service.handle(
        [_envelope(row, lists[row["vacancy"]]) for row in claimed if row["vacancy"] in lists], dead_letter_failures=True
    )
    made = [row["vacancy"] for row in claimed], [row["wanted"] for row in claimed]
    await retry_transient(lambda: service.pool.execute(SQL["drawn"], *made))


async def compute(db: Connection, wanted: dict[UUID, int]) -> list[ShortlistComputed]:
    """The best for each of these vacancies, from the pool as it stands; `wanted` has the number of the draw by vacancy."""
    vacancies = await Vacancies().load(db, [entity_key("vacancy", id) for id in wanted])
    return [await _best(db, vacancy, wanted[vacancy.vacancy]) for vacancy in vacancies.values()]


async def _best(db: Connection, vacancy: Vacancy, nth: int) -> ShortlistComputed:
    sought = vacancy.sought
    assert sought, "only an opened vacancy has a row"
    asked = build_query(sought)
    rows = await db.fetch(
        SQL["best"],
        *map(bits, asked.masks),
        *(asked.region, REGION, asked.starts_on, ON_TIME, asked.hours, asked.starts_on + MAY_START_LATER),
        bits(asked.speaks),
        list(vacancy.declined),
    )
    candidates = tuple(score_candidate(sought, profile(row["profile"])) for row in rows)
    return ShortlistComputed(
        vacancy.vacancy, draw=nth, eligible_count=rows[0]["eligible_count"] if rows else 0, candidates=candidates
    )


def _envelope(row: Any, computed: ShortlistComputed) -> Envelope[ShortlistComputed]:
    return Envelope(
        id=deterministic_uuid(row["cause"], f"shortlist/{computed.draw}"),
        source="/tandem/matching",
        subject=computed.subject,
        time=clock.now(),
        causationid=row["cause"],
        correlationid=row["correlation"],
        data=computed,
    )
