"""Time to compute a shortlist from a large pool."""

import time
from collections.abc import AsyncIterator
from itertools import product

import asyncpg
from msgspec.structs import replace

from services.matching.domain.expert import Expert
from services.matching.domain.vacancy import Vacancy
from services.matching.shortlist_worker import compute_shortlists
from services.matching.store import EXPERTS, VACANCIES
from shared.messages.ids import entity_key
from shared.postgres.pool import Connection
from tests.benchmarks.environment import Environment
from tests.benchmarks.load import service_messages
from tests.benchmarks.measurement.figures import percentile
from tests.benchmarks.parts.part import Advance
from tests.benchmarks.report.rows import Row, limits_row

POOL_SIZE = 100_000
EXPERTS_PER_STATEMENT = 2_000
TASKS = ("individual_support", "group_work", "policy_work", "training_advice", "research")
REGIONS = ("BE-VOV", "BE-VAN", "BE-VLI", "BE-VBR", "BE-VWV", "BE-BRU", "NL-NB")
FIRST_HOURS = (8, 12, 16)
INTERESTS = ("neighbourhood", "children_and_family", "debts", "work")
VARIANTS = list(product(TASKS, REGIONS, FIRST_HOURS, INTERESTS))


async def measure(environment: Environment, *, vacancies: int, advance: Advance) -> AsyncIterator[Row]:
    """Compute the shortlists of several vacancies, one after the other, from the same pool."""
    await environment.reset()
    db = await asyncpg.connect(environment.endpoints.database_of("matching"))
    opened = [Vacancy(one.vacancy, 1, one) for one in map(service_messages.vacancy, range(vacancies))]
    await _insert(db, opened)
    await environment.admin.execute("ANALYZE")  # as autovacuum does; a service's role may not, and would only get a warning
    milliseconds = list[float]()
    for vacancy in opened:
        started = time.perf_counter()
        computed = await compute_shortlists(db, {vacancy.vacancy: 1})
        milliseconds.append((time.perf_counter() - started) * 1e3)
        candidates = len(computed[vacancy.vacancy].candidates)
        assert candidates == service_messages.SHORTLIST_SIZE, f"{candidates} candidates"
    await db.close()
    advance()
    figures = {"p50": percentile(milliseconds, 0.5), "max": max(milliseconds)}
    name = "a shortlist: one vacancy against 100 000 experts"
    yield limits_row(name, figures, {"p50": 200, "max": 200}, "ms", f"{vacancies} vacancies")


async def _insert(db: Connection, vacancies: list[Vacancy]) -> None:
    for start in range(0, POOL_SIZE, EXPERTS_PER_STATEMENT):
        experts = (_expert(nth) for nth in range(start, start + EXPERTS_PER_STATEMENT))
        await EXPERTS.save(db, {entity_key("expert", one.expert): one for one in experts})
    await VACANCIES.save(db, {entity_key("vacancy", one.vacancy): one for one in vacancies})


def _expert(nth: int) -> Expert:
    """Return the nth expert; experts differ in task, region, hours and interest."""
    task, region, hours, interest = VARIANTS[nth % len(VARIANTS)]
    profile = replace(
        service_messages.expert(nth),
        task_categories=(task,),
        regions=(region,),
        hours_min=hours,
        hours_max=hours + 16,
        interests=(interest,),
    )
    return Expert(profile.expert, 1, profile)
