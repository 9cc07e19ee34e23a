"""Forms with errors: stored so that the answer to every POST is a redirect, shown with their errors by the page, and purged."""

from collections.abc import Mapping
from uuid import UUID

from services.notify.links import Link
from services.notify.pages import forms
from services.notify.pages.views import Draft, FormErrors, PageView
from services.notify.store import SQL
from shared.pipeline.component import WorkerContext
from shared.postgres.pool import Pool
from shared.postgres.retry import retry_transient
from shared.runtime.maintenance import delete_in_batches

PURGE_INTERVAL = 600.0


async def save(pool: Pool, id: UUID, link: Link, fields: Mapping[str, str]) -> None:
    """Store a form with errors for the person behind the link."""
    await retry_transient(lambda: pool.execute(SQL["save_form_draft"], id, forms.sender(link), dict(fields)))


async def load(pool: Pool, id: str, link: Link, view: PageView) -> Draft:
    """Return the draft with the errors that it has now; an unknown id, or one of another person, gives an empty draft."""
    try:
        fields = await pool.fetchval(SQL["load_form_draft"], UUID(id), forms.sender(link))
    except ValueError:
        return Draft()
    return validate(fields, view) if fields else Draft()


def validate(fields: Mapping[str, str], view: PageView) -> Draft:
    """Return these fields as a draft, validated again: its errors may be gone, and so may the form."""
    form = fields.get("form", "")
    if form not in view.forms:
        return Draft(is_closed=True)
    try:
        view.forms[form](fields)
    except FormErrors as error:
        return Draft(fields, error.messages)
    return Draft(fields)


async def purge(service: WorkerContext) -> None:
    """Delete drafts after a day: they may hold free text."""
    while await service.sleep_until_stop(PURGE_INTERVAL):
        await delete_in_batches(service, SQL["purge_form_drafts"])
