"""The programme's choices: one file, read and validated at start, and handed to the deciders when they are built."""

import re
import tomllib
from pathlib import Path
from typing import Annotated, Literal, Self
from zoneinfo import available_timezones

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from shared.messages.coaching import Stage
from shared.messages.code_lists import Language, Role, Sector

PARTNER = r"[a-z0-9](?:-?[a-z0-9]){1,38}"
REVEALING_TERMS = re.compile(r"armoede|ervaringsdeskundig|uitkering|schuld", re.IGNORECASE)


def _known_zone(name: str) -> str:
    if name not in available_timezones():
        raise ValueError(f"{name!r} is no time zone; for example Europe/Brussels")
    return name


def _must_be_neutral(name: str) -> str:
    if REVEALING_TERMS.search(name):
        raise ValueError("whoever looks over a shoulder learns something from this name: choose a neutral one")
    return name


Zone = Annotated[str, AfterValidator(_known_zone)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Contact(_Part):
    """A person of the programme, with a telephone: every mail ends with one (R006)."""

    name: str = Field(min_length=2, max_length=80)
    email: str = Field(pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$", max_length=254)
    phone: str = Field(pattern=r"^\+[0-9 ]{8,20}$")


class ReminderStep(_Part):
    """One step of the chase plan: so many days from the evaluation (before is negative), to these roles, for this stage."""

    stage: Stage
    days: int = Field(ge=-90, le=90)
    to: tuple[Role, ...] = Field(min_length=1)


class Partner(_Part):
    """A partner system, and the kinds that it may publish."""

    id: str = Field(pattern=f"^{PARTNER}$")
    grants: tuple[Literal["organisation-submitted", "readiness-reported", "expert-submitted", "vacancy-submitted"], ...]


class Policy(_Part):
    """One deployment serves one programme; what it may choose stands here, with the rule it answers."""

    version: int = Field(ge=1)
    programme: str = Field(description="its name on pages and in mails")
    sender_name: Annotated[str, AfterValidator(_must_be_neutral)] = Field(
        description="the sender's name; says nothing to a stranger"
    )
    sender: str = Field(pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$", description="the address that mails come from")
    zone: Zone
    language: Language
    mediator: Contact
    advice_team: Contact
    lead: Contact
    trainings_that_count: tuple[str, ...] = Field(min_length=1, description="criterion 3 (R055)")
    municipality_sectors: tuple[Sector, ...] = Field(description="sectors that need step 1 (R099)")
    expert_answer_days: int = Field(ge=1, le=60, description="working days to answer a proposal")
    organisation_answer_days: int = Field(ge=1, le=60, description="working days to answer a proposal")
    evaluation_months: Literal[3] = 3
    evaluation_reminders: tuple[ReminderStep, ...] = Field(min_length=1)
    secondment_allowed: Literal[False] = False
    partners: tuple[Partner, ...] = Field(min_length=1)
    link_days: int = Field(ge=7, le=400, description="how long a link in a mail works")

    @model_validator(mode="after")
    def _reminders_in_order(self) -> Self:
        days = [step.days for step in self.evaluation_reminders]
        stages = [step.stage for step in self.evaluation_reminders]
        if days != sorted(days) or len(set(stages)) != len(stages):
            raise ValueError("evaluation_reminders: steps stand in the order of their days, each stage once")
        return self

    def contact(self, role: Role) -> Contact | None:
        """The programme's own person in a role; None for the roles that organisations and experts fill."""
        return {"mediator": self.mediator, "advice_team": self.advice_team, "lead": self.lead}.get(role)


def load_policy(path: Path) -> Policy:
    """The policy in a TOML file. Raises `pydantic.ValidationError` naming each fault, `OSError` where there is no file."""
    return Policy.model_validate(tomllib.loads(path.read_text()))
