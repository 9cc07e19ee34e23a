"""Open emails, sent again to a person whose name or address changed; a person who left gets a cancellation. Pure."""

from collections.abc import Iterator, Mapping
from typing import Any

from services.notify.domain import experts, organisations, proposals, tandems
from services.notify.domain.effects import SendEmail, facts
from services.notify.domain.experts import Expert
from services.notify.domain.inputs import ContactReplaced, LinkRequested
from services.notify.domain.organisations import Organisation
from services.notify.domain.proposals import Proposal
from services.notify.domain.tandems import Tandem
from services.notify.domain.vacancies import Vacancy
from shared.messages.envelope import Envelope
from shared.messages.ids import entity_key


def on_contact_replaced(states: Mapping[str, Any], incoming: Envelope[ContactReplaced]) -> Iterator[SendEmail]:
    """Send the open emails of one entity, except those already queued that will reach the new address."""
    replaced = incoming.data
    for email in _open_emails(states, incoming):
        if email.template not in replaced.pending:
            yield email
    state = states[replaced.about]
    if replaced.former and isinstance(state, Tandem):
        yield from tandems.cancellation(state, replaced.former, incoming.id, incoming.time)


def _open_emails(states: Mapping[str, Any], incoming: Envelope[ContactReplaced]) -> Iterator[SendEmail]:
    replaced, cause, now = incoming.data, incoming.id, incoming.time
    match states[replaced.about]:
        case Organisation() as organisation:
            yield from organisations.open_emails(organisation, cause)
        case Expert() as expert:
            yield from experts.open_emails(expert, cause)
        case Proposal() as proposal:
            yield from proposals.open_emails(proposal, "expert" if replaced.person.role == "expert" else "organisation", cause, now)
        case Tandem() as tandem if replaced.vacancy:
            vacancy: Vacancy = states[entity_key("vacancy", replaced.vacancy)]
            yield from tandems.open_emails(tandem, vacancy, replaced.person, cause, now)


def on_link_requested(incoming: Envelope[LinkRequested]) -> Iterator[SendEmail]:
    """Send a new link to the same page to the person in that role, at the current address."""
    request = incoming.data
    yield SendEmail(incoming.id, "new_link", request.person, request.about, facts(purpose=request.purpose))
