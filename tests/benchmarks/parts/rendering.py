"""The rows that need no bus: a mail with its calendar entry beside jinja2 alone, and a shortlist out of a hundred thousand."""

import time
from collections.abc import Callable
from itertools import product
from statistics import median

import asyncpg
from msgspec.structs import replace

from services.matching import shortlist_worker
from services.matching.domain.expert import Expert
from services.matching.domain.vacancy import Vacancy
from services.matching.store import EXPERTS, VACANCIES
from services.notify.emails.render import render, template_context
from shared.messages.ids import entity_key
from shared.runtime.gc_tuning import freeze_startup_objects
from tests.benchmarks.environment import Environment
from tests.benchmarks.load import service_messages as service_load
from tests.benchmarks.metrics import Spread, percentile
from tests.benchmarks.parts.services import Done
from tests.benchmarks.references import plain
from tests.benchmarks.report.rows import Row, limits, ratio
from tests.unit.notify.sample_emails import EVALUATION_FACTS, POLICY, sample_email

POOL = 100_000
CHUNK = 2_000
TEMPLATE = "evaluation_invitation"


async def mails(*, rounds: int, done: Done) -> list[Row]:
    """The same mail, whole and plain in turn, in processor time, with the garbage collector as a service sets it."""
    freeze_startup_objects()
    drafts = [sample_email(TEMPLATE, role, EVALUATION_FACTS) for role in ("coordinator", "expert", "partner")]
    compiled, contexts = plain.templates(TEMPLATE), [template_context(one, POLICY) for one in drafts]
    ours, theirs = list[float](), list[float]()
    for _ in range(rounds + 1):
        ours.append(_micros(lambda: [render(one, POLICY) for one in drafts]) / len(drafts))
        theirs.append(_micros(lambda: [plain.render(compiled, said) for said in contexts]) / len(drafts))
        done()
    ratios = [mine / other for mine, other in zip(ours[1:], theirs[1:], strict=True)]
    absolute = f"{median(ours[1:]):.0f} µs; jinja2 alone {median(theirs[1:]):.0f} µs"
    return [ratio("a mail with its calendar entry", "plain jinja2", ratios, 3, absolute, least=False)]


def _micros(work: Callable[[], object], times: int = 100) -> float:
    begun = time.process_time()
    for _ in range(times):
        work()
    return (time.process_time() - begun) / times * 1e6


async def shortlist(stage: Environment, *, times: int, done: Done) -> list[Row]:
    """The work of one draw, for one vacancy after the other, over the same pool."""
    await stage.fresh()
    db = await asyncpg.connect(stage.endpoints.database_of("matching"))
    for start in range(0, POOL, CHUNK):
        some = (_expert(nth) for nth in range(start, start + CHUNK))
        await EXPERTS.save(db, {entity_key("expert", one.expert): one for one in some})
    await db.execute("ANALYZE")
    vacancies = [Vacancy(one.vacancy, 1, one) for one in map(service_load.vacancy, range(times))]
    await VACANCIES.save(db, {entity_key("vacancy", one.vacancy): one for one in vacancies})
    waits = list[float]()
    for one in vacancies:
        begun = time.perf_counter()
        computed = await shortlist_worker.compute_shortlists(db, {one.vacancy: 1})
        waits.append((time.perf_counter() - begun) * 1e3)
        assert len(computed[one.vacancy].candidates) == 20, "the pool is not what it should be"
    await db.close()
    done()
    found = {part: Spread(at, at, at) for part, at in (("p50", percentile(waits, 0.5)), ("most", max(waits)))}
    return [limits("a shortlist: one vacancy against 100 000 experts", found, {"p50": 200, "most": 200}, "ms", f"{times} draws")]


VARIANTS = list(product(range(5), range(7), range(3), range(4)))


def _expert(nth: int) -> Expert:
    """Experts of 420 kinds: what they can do, where, how many hours."""
    tasks, region, hours, wishes = VARIANTS[nth % len(VARIANTS)]
    profile = replace(
        service_load.expert(nth),
        task_categories=(("individual_support", "group_work", "policy_work", "training_advice", "research")[tasks],),
        regions=(("BE-VOV", "BE-VAN", "BE-VLI", "BE-VBR", "BE-VWV", "BE-BRU", "NL-NB")[region],),
        hours_min=8 + 4 * hours,
        hours_max=24 + 4 * hours,
        interests=(("neighbourhood", "children_and_family", "debts", "work")[wishes],),
    )
    return Expert(profile.expert, 1, profile)
