"""CPU time of rendering an email with its calendar entry, compared with jinja2 alone."""

import time
from collections.abc import AsyncIterator, Callable
from statistics import median

from services.notify.emails.render import render, template_context
from shared.runtime.gc_tuning import freeze_startup_objects
from tests.benchmarks.parts.part import Advance
from tests.benchmarks.references import plain_rendering
from tests.benchmarks.report.rows import Row, ratio_row
from tests.unit.notify.sample_emails import EVALUATION_FACTS, PARTICIPANTS, POLICY, sample_email

TEMPLATE = "evaluation_invitation"
REPETITIONS = 100


async def measure(*, rounds: int, advance: Advance) -> AsyncIterator[Row]:
    """Render the same emails completely and with jinja2 alone, in turn; the first round is a warm-up."""
    freeze_startup_objects()
    emails = [sample_email(TEMPLATE, role, EVALUATION_FACTS) for role in PARTICIPANTS]
    templates, contexts = plain_rendering.compile_templates(TEMPLATE), [template_context(email, POLICY) for email in emails]
    complete, plain = list[float](), list[float]()
    for _ in range(rounds + 1):
        complete.append(_micros(lambda: [render(email, POLICY) for email in emails]) / len(emails))
        plain.append(_micros(lambda: [plain_rendering.render(templates, context) for context in contexts]) / len(emails))
        advance()
    ratios = [one / other for one, other in zip(complete[1:], plain[1:], strict=True)]
    absolute = f"{median(complete[1:]):.0f} µs; jinja2 alone {median(plain[1:]):.0f} µs"
    yield ratio_row("email with its calendar entry", "jinja2 alone", ratios, 3, absolute, at_least=False)


def _micros(work: Callable[[], object]) -> float:
    """Return the CPU time of one repetition in microseconds."""
    started = time.process_time()
    for _ in range(REPETITIONS):
        work()
    return (time.process_time() - started) / REPETITIONS * 1e6
