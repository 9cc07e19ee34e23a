"""An organisation submits itself: registered, or its facts replaced (R008, R045, R063, R077-R079). Pure."""

from collections.abc import Iterator

from services.intake.domain import gates, private_messages, receipts
from services.intake.domain.gates import Missing
from services.intake.domain.inputs import OrganisationSubmitted
from services.intake.domain.states import Organisation, StoredState
from shared.messages.envelope import Message
from shared.messages.intake import Fault, OrganisationRegistered
from shared.programme.policy import Policy


def decide(policy: Policy, was: StoredState, heard: OrganisationSubmitted) -> Iterator[Message]:
    """Accepted; what is still missing stands in the receipt and in what everybody hears."""
    now = accept(policy, was, heard)
    open = gates.missing(now)
    yield receipts.accepted(heard, now, open, _advice(heard))
    yield _registered(now, heard, open)
    if isinstance(was, Organisation) and gates.missing(was) != open:
        yield gates.progressed(now, open)
        yield from gates.completed(was, now, open)
    yield private_messages.contact(now.key, "coordinator", heard.data.coordinator, now.language, now.zone)
    yield from _texts(now, heard)


def _advice(heard: OrganisationSubmitted) -> list[Fault]:
    if not heard.data.first_time:
        return []
    return [
        Fault("/data/first_time", "a colleague, a way of working and a first time, all at once: the advice team offers help (R079)")
    ]


def accept(policy: Policy, was: StoredState, heard: OrganisationSubmitted) -> Organisation:
    """The organisation with its new facts. Its answers stay, and its policy version, and whether step 1 applies, by its sector."""
    known, data = was if isinstance(was, Organisation) else None, heard.data
    listed = data.sector in policy.municipality_sectors
    return Organisation(
        key=was.key,
        owner=heard.arrival.partner,
        status=data.status,
        sector=data.sector,
        motives=data.motives,
        target_groups=data.target_groups,
        language=data.language,
        zone=data.zone,
        municipality=known.municipality if known and known.sector == data.sector else listed,
        dialogue_hours=data.dialogue.hours_per_week,
        sessions={str(s.held_on): s.attended for s in data.interest.sessions} if data.interest else {},
        by_data=gates.by_data("organisation", data.answers),
        answers=known.answers if known else {},
        policy=known.policy if known else policy.version,
    )


def _registered(now: Organisation, heard: OrganisationSubmitted, open: Missing) -> OrganisationRegistered:
    return OrganisationRegistered(
        organisation=now.id,
        status=now.status,
        sector=now.sector,
        motives=now.motives,
        target_groups=now.target_groups,
        cooperation_form=heard.data.cooperation.form,
        first_time=heard.data.first_time,
        language=now.language,
        zone=now.zone,
        missing_b=open.b,
        missing_s=open.s,
    )


def _texts(now: Organisation, heard: OrganisationSubmitted) -> Iterator[Message]:
    data = heard.data
    wishes = "\n".join(data.interest.wishes) if data.interest and data.interest.wishes else None
    return private_messages.texts(
        now.key,
        name=data.name,
        place=data.place,
        dialogue_owner=data.dialogue.owner,
        cooperation_reason=data.cooperation.reason,
        offer_to_improve=data.offer_to_improve,
        wishes=wishes,
    )
