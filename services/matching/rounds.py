"""Shortlists are drawn here: a claimed row of work, a snapshot of the pool, a pure draw, and its result as a message of our own."""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from services.matching.pool import question
from services.matching.scoring import MAY_START_LATER, ON_TIME, REGION, candidate
from services.matching.states import ShortlistComputed, Vacancy
from services.matching.store import SQL, Vacancies, bits, profile
from shared import clock
from shared.database import Connection, borrowed, patiently
from shared.messages.envelope import Envelope, derived, key
from shared.service import Service

PAUSE: Final = 0.1


async def draw(service: Service) -> None:
    """A worker: draws what is due. A crash leaves the claim to lapse, and the same draw is made again under the same id."""
    claimed: Sequence[Any] = ()
    while await service.pause(0 if claimed else PAUSE):
        await patiently(lambda: service.pool.execute(SQL["mark"]))
        if claimed := await patiently(lambda: service.pool.fetch(SQL["claim"])):
            await _round(service, claimed)


async def _round(service: Service, claimed: Sequence[Any]) -> None:
    async def computed() -> list[ShortlistComputed]:
        async with borrowed(service.pool) as db:
            return await compute(db, {row["vacancy"]: row["wanted"] for row in claimed})

    lists = {done.vacancy: done for done in await patiently(computed)}
    await service.handle([_envelope(row, lists[row["vacancy"]]) for row in claimed if row["vacancy"] in lists], park=True)
    made = [row["vacancy"] for row in claimed], [row["wanted"] for row in claimed]
    await patiently(lambda: service.pool.execute(SQL["drawn"], *made))


async def compute(db: Connection, wanted: dict[UUID, int]) -> list[ShortlistComputed]:
    """The best for each of these vacancies, from the pool as it stands; `wanted` has the number of the draw by vacancy."""
    vacancies = await Vacancies().load(db, [key("vacancy", id) for id in wanted])
    return [await _best(db, vacancy, wanted[vacancy.vacancy]) for vacancy in vacancies.values()]


async def _best(db: Connection, vacancy: Vacancy, nth: int) -> ShortlistComputed:
    sought = vacancy.sought
    assert sought, "only an opened vacancy has a row"
    asked = question(sought)
    rows = await db.fetch(
        SQL["best"],
        *map(bits, asked.masks),
        *(asked.region, REGION, asked.starts_on, ON_TIME, asked.hours, asked.starts_on + MAY_START_LATER),
        bits(asked.speaks),
        list(vacancy.declined),
    )
    candidates = tuple(candidate(sought, profile(row["profile"])) for row in rows)
    return ShortlistComputed(vacancy.vacancy, draw=nth, total=rows[0]["total"] if rows else 0, candidates=candidates)


def _envelope(row: Any, computed: ShortlistComputed) -> Envelope[ShortlistComputed]:
    return Envelope(
        id=derived(row["cause"], f"shortlist/{computed.draw}"),
        source="/tandem/matching",
        subject=computed.subject,
        time=clock.now(),
        causationid=row["cause"],
        correlationid=row["correlation"],
        data=computed,
    )
