"""`organisation-submitted`: an organisation is registered, or its data are replaced (R008, R045, R063, R077-R079). Pure."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import ClassVar, Literal
from uuid import UUID

from services.intake.contract.organisation import Organisation as OrganisationData
from services.intake.domain import date_limits, gates, private_messages, receipts
from services.intake.domain.gates import Missing, ReadinessState, Scope
from services.intake.domain.private_messages import OptionalTexts
from services.intake.domain.states import KeyedState
from services.intake.domain.submission import Output, RecordInfo, Submission
from services.intake.ids import external_key
from shared.messages.code_lists import Language, Motive, Sector, TargetGroup
from shared.messages.envelope import Message
from shared.messages.intake import Advice, OrganisationRegistered
from shared.programme.local_dates import local_date
from shared.programme.policy import Policy


class Organisation(ReadinessState, frozen=True):
    """An organisation that is interested or takes part.

    `municipality`: step 1 of the catalogue applies, because the policy listed its sector when it named it (R099).
    `dialogue_hours`: per week, for the dialogue with the expert (R078). `sessions`: attendance by date (R063).
    """

    scope: ClassVar[Scope] = "organisation"
    status: Literal["interested", "taking_part"]
    sector: Sector
    motives: tuple[Motive, ...]
    target_groups: tuple[TargetGroup, ...]
    language: Language
    zone: str
    municipality: bool
    dialogue_hours: int
    sessions: Mapping[str, bool]

    @property
    def condition(self) -> str | None:
        return "municipality" if self.municipality else None

    @property
    def organisation_and_vacancy(self) -> tuple[UUID, None]:
        return self.id, None


class OrganisationSubmitted(Submission, frozen=True):
    kind: ClassVar[str] = "tandem.partner.organisation-submitted.v1"
    data: OrganisationData

    @classmethod
    def of(cls, record: RecordInfo, data: OrganisationData) -> "OrganisationSubmitted":
        return cls(record, external_key(record.partner, "organisation", data.organisation), (), record.dedup_key, data)


def decide(policy: Policy, before: KeyedState, submission: OrganisationSubmitted, time: datetime) -> Iterator[Output]:
    """Accept the organisation, unless it attended a session that is still to come.

    The receipt and `organisation-registered` carry its missing readiness items.
    """
    if error := next(_session_errors(submission.data, local_date(time, submission.data.zone)), None):
        yield receipts.rejected_field(submission, "invalid-data", *error)
        return
    after = _updated(policy, before, submission)
    missing = gates.missing_items(after)
    yield from receipts.accepted(submission, after, missing, _advice(submission))
    yield _registered(after, submission, missing)
    if isinstance(before, Organisation) and gates.missing_items(before) != missing:
        yield gates.progressed(after, missing)
        yield from gates.completed(before, after, missing)
    yield private_messages.contact(after.key, "coordinator", submission.data.coordinator, after.language, after.zone)
    yield from _texts(before, after, submission)


def _session_errors(data: OrganisationData, today: date) -> Iterator[tuple[str, str]]:
    for nth, session in enumerate(data.interest.sessions if data.interest else ()):
        for why in date_limits.past_errors(session.held_on, today) if session.attended else ():
            yield f"/data/interest/sessions/{nth}/held_on", why


def _updated(policy: Policy, before: KeyedState, submission: OrganisationSubmitted) -> Organisation:
    """The organisation with its new data. It keeps its answers and policy version, and `municipality` unless its sector changes."""
    known, data = before if isinstance(before, Organisation) else None, submission.data
    listed = data.sector in policy.municipality_sectors
    return Organisation(
        key=before.key,
        owner=submission.record.partner,
        policy_version=known.policy_version if known else policy.version,
        answered_by_data=gates.items_answered_by("organisation", data.answers),
        answers=known.answers if known else {},
        optional_texts=private_messages.filed_after(known.optional_texts if known else (), _optional_texts(data)),
        status=data.status,
        sector=data.sector,
        motives=data.motives,
        target_groups=data.target_groups,
        language=data.language,
        zone=data.zone,
        municipality=known.municipality if known and known.sector == data.sector else listed,
        dialogue_hours=data.dialogue.hours_per_week,
        sessions={str(s.held_on): s.attended for s in data.interest.sessions} if data.interest else {},
    )


def _advice(submission: OrganisationSubmitted) -> list[Advice]:
    if not submission.data.first_time:
        return []
    detail = "working with an expert by experience is new to you; the advice team can help you prepare"
    return [Advice("/data/first_time", detail)]


def _registered(organisation: Organisation, submission: OrganisationSubmitted, missing: Missing) -> OrganisationRegistered:
    return OrganisationRegistered(
        organisation=organisation.id,
        status=organisation.status,
        sector=organisation.sector,
        motives=organisation.motives,
        target_groups=organisation.target_groups,
        cooperation_form=submission.data.cooperation.form,
        first_time=submission.data.first_time,
        language=organisation.language,
        zone=organisation.zone,
        missing_b=missing.b,
        missing_s=missing.s,
    )


def _texts(before: KeyedState, after: Organisation, submission: OrganisationSubmitted) -> Iterator[Message]:
    data = submission.data
    yield from private_messages.texts(
        after.key,
        name=data.name,
        place=data.place,
        dialogue_owner=data.dialogue.owner,
        cooperation_reason=data.cooperation.reason,
    )
    filed = before.optional_texts if isinstance(before, Organisation) else ()
    yield from private_messages.optional_texts(after.key, filed, _optional_texts(data))


def _optional_texts(data: OrganisationData) -> OptionalTexts:
    wishes = data.interest.wishes if data.interest else ()
    return {"offer-to-improve": data.offer_to_improve, "wishes": "\n".join(wish.strip() for wish in wishes) or None}
