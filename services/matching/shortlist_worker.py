"""Computes requested shortlists: claims requests, ranks the pool, and hands each result to the decider as `ShortlistComputed`."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from services.matching.domain.inputs import ShortlistComputed
from services.matching.domain.pool_query import build_query
from services.matching.domain.scoring import score_candidate
from services.matching.domain.vacancy import Vacancy
from services.matching.store import DEBOUNCE_INTERVAL, SQL, VACANCIES, top_candidates
from shared import clock
from shared.messages.envelope import Envelope
from shared.messages.ids import deterministic_uuid, entity_key
from shared.pipeline.component import WorkerContext
from shared.postgres.pool import Connection, connection
from shared.postgres.retry import retry_transient

POLL_INTERVAL: Final = 0.1
CLAIM_LIMIT: Final = 20
CLAIM_DURATION: Final = timedelta(seconds=30)


async def run(service: WorkerContext) -> None:
    """Compute requested shortlists until the service stops.

    After a crash the claim expires, and the shortlist is computed again under the same message id."""
    claimed: Sequence[Any] = ()
    while await service.sleep_until_stop(0 if claimed else POLL_INTERVAL):
        await retry_transient(lambda: service.pool.execute(SQL["request_all"], DEBOUNCE_INTERVAL))
        if claimed := await retry_transient(lambda: service.pool.fetch(SQL["claim_requests"], CLAIM_LIMIT, CLAIM_DURATION)):
            await _process(service, claimed)


async def _process(service: WorkerContext, claimed: Sequence[Any]) -> None:
    request_numbers = {row["vacancy"]: row["request_number"] for row in claimed}

    async def compute() -> Mapping[UUID, ShortlistComputed]:
        async with connection(service.pool) as db:
            return await compute_shortlists(db, request_numbers)

    computed = await retry_transient(compute)
    envelopes = [_envelope(row, computed[row["vacancy"]]) for row in claimed if row["vacancy"] in computed]
    await service.handle(envelopes, dead_letter_failures=True)
    completed = list(request_numbers), list(request_numbers.values())
    await retry_transient(lambda: service.pool.execute(SQL["complete_requests"], *completed))


async def compute_shortlists(db: Connection, request_numbers: Mapping[UUID, int]) -> Mapping[UUID, ShortlistComputed]:
    """Return the shortlist of each of these vacancies, from the current pool; the keys are their ids."""
    vacancies = await VACANCIES.load(db, [entity_key("vacancy", id) for id in request_numbers])
    return {state.vacancy: await _compute(db, state, request_numbers[state.vacancy]) for state in vacancies.values()}


async def _compute(db: Connection, vacancy: Vacancy, request_number: int) -> ShortlistComputed:
    assert vacancy.opened, "only an opened vacancy has a row"
    eligible_count, members = await top_candidates(db, build_query(vacancy.opened), vacancy.declined_experts)
    return ShortlistComputed(
        vacancy=vacancy.vacancy,
        request_number=request_number,
        eligible_count=eligible_count,
        candidates=tuple(score_candidate(vacancy.opened, *member) for member in members),
    )


def _envelope(request: Any, computed: ShortlistComputed) -> Envelope[ShortlistComputed]:
    return Envelope(
        id=deterministic_uuid(request["cause_id"], f"shortlist/{computed.request_number}"),
        source="/tandem/matching",
        subject=computed.subject,
        time=clock.now(),
        causationid=request["cause_id"],
        correlationid=request["correlation_id"],
        data=computed,
    )
