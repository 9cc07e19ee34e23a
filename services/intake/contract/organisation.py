"""`organisation-submitted`: the organisation, why it takes part, and who is responsible for the dialogue."""

# Checklist rows, which the published texts below do not name:
# R008, R010, R021, R022, R042, R045, R063, R072-R079.

from typing import Literal

from pydantic import ConfigDict, Field, ValidationInfo, field_validator
from pydantic.config import JsonDict

from services.intake.contract.fields import (
    ContractModel,
    Day,
    ExternalId,
    NonEmptyList,
    Note,
    Person,
    ShortText,
    UniqueList,
    WeekHours,
)
from shared.messages.code_lists import CooperationForm, Language, Motive, Sector, TargetGroup
from shared.programme.field_types import ZONE_DESCRIPTION, Zone


class Cooperation(ContractModel):
    """The form in which the team will work with the expert."""

    form: CooperationForm
    reason: Note = Field(description="in short, why this form suits you")


class Dialogue(ContractModel):
    """The person responsible for the dialogue with the expert, and the time reserved for it, in every form of cooperation."""

    owner: ShortText = Field(description="the name of the person responsible for the dialogue")
    hours_per_week: WeekHours


class Session(ContractModel):
    """A meeting before there is a vacancy, to think together."""

    held_on: Day = Field(description="not in the future if attended is true")
    attended: bool = Field(description="whether the organisation was there")


class Interest(ContractModel):
    """An organisation's wishes before there is a vacancy, and the sessions it was invited to."""

    wishes: UniqueList[Note] = ()
    sessions: UniqueList[Session] = Field((), description="each day once")

    @field_validator("sessions")
    @classmethod
    def _each_day_once(cls, sessions: tuple[Session, ...]) -> tuple[Session, ...]:
        if len({session.held_on for session in sessions}) != len(sessions):
            raise ValueError("contains the same day twice")
        return sessions


_OFFER_WITH_FIT: JsonDict = {
    "if": {"required": ["motives"], "properties": {"motives": {"contains": {"const": "fit"}}}},
    "then": {"required": ["offer_to_improve"], "properties": {"offer_to_improve": {"type": "string"}}},
}


class Organisation(ContractModel):
    """An organisation that is interested or takes part. Submitting the same one again replaces the earlier data."""

    model_config = ConfigDict(json_schema_extra=_OFFER_WITH_FIT)

    organisation: ExternalId = Field(description="your id for the organisation")
    name: ShortText
    sector: Sector
    place: ShortText
    motives: NonEmptyList[Motive] = Field(description="why you take part, at least one")
    offer_to_improve: Note | None = Field(
        None, description="with the motive `fit`: which part of your offer", validate_default=True
    )
    target_groups: NonEmptyList[TargetGroup]
    status: Literal["interested", "taking_part"] = Field(description="interested: before there is a vacancy")
    cooperation: Cooperation
    dialogue: Dialogue
    first_time: bool = Field(description="true if you have never worked with an expert by experience before")
    language: Language
    zone: Zone = Field(description=ZONE_DESCRIPTION)
    coordinator: Person = Field(description="receives the emails")
    interest: Interest | None = None

    @field_validator("offer_to_improve")
    @classmethod
    def _named_with_fit(cls, value: str | None, info: ValidationInfo) -> str | None:
        if value is None and "fit" in info.data.get("motives", ()):
            raise ValueError("is required with the motive fit")
        return value

    @property
    def answers(self) -> frozenset[str]:
        """The facts in these data that answer items of the readiness catalogue (`answered_by`)."""
        always = {"motives", "cooperation", "dialogue_hours", "dialogue_owner"}
        return frozenset(always | {"first_time"} if self.first_time else always)
