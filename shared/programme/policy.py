"""The programme's choices: one TOML file, validated at start and passed to the deciders when they are built."""

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from shared.error_text import validation_text
from shared.errors import FatalError
from shared.messages.coaching import Stage
from shared.messages.code_lists import Language, Role, Sector
from shared.programme.field_types import EmailAddress, Label, Line, PhoneNumber, Zone
from shared.programme.partner_id import PARTNER_ID_PATTERN

REVEALING_TERMS = re.compile(r"armoede|ervaringsdeskundig|uitkering|schuld", re.IGNORECASE)
MAX_NAMED_ERRORS, MAX_NAME_LENGTH = 10, 60


def _must_be_neutral(name: str) -> str:
    if REVEALING_TERMS.search(name):
        raise ValueError(
            "bystanders can read this name in an inbox, and it reveals something about the recipient: use a neutral one"
        )
    return name


class _PolicyModel(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Contact(_PolicyModel):
    """A staff member of the programme. The phone number is required: every email names a person to call (R006)."""

    name: Annotated[Label, Field(min_length=2, max_length=80)]
    email: EmailAddress
    phone: PhoneNumber


class ReminderStep(_PolicyModel):
    """One step of the reminder plan: days relative to the evaluation (negative is before), and the roles it is sent to."""

    stage: Stage
    days: int = Field(ge=-90, le=90)
    to: tuple[Role, ...] = Field(min_length=1)


class Partner(_PolicyModel):
    """A partner system, and the kinds of event it may publish."""

    id: str = Field(pattern=f"^{PARTNER_ID_PATTERN}$")
    grants: tuple[Literal["organisation-submitted", "readiness-reported", "expert-submitted", "vacancy-submitted"], ...]


class Policy(_PolicyModel):
    """All choices of the one programme that a deployment serves."""

    version: int = Field(ge=1)
    programme: Line = Field(description="its name on pages and in emails")
    sender_name: Annotated[Line, AfterValidator(_must_be_neutral)] = Field(
        description="sender of emails; must not reveal what the programme is about"
    )
    sender_address: EmailAddress = Field(description="the address emails are sent from")
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
    evaluation_reminders: tuple[ReminderStep, ...] = Field(
        min_length=1,
        description="each step is sent once for each date of the evaluation; the invitation is sent once only (R132)",
    )
    secondment_allowed: Literal[False] = False
    partners: tuple[Partner, ...] = Field(min_length=1)
    link_days: int = Field(ge=7, le=400, description="days that a link in an email stays valid")

    @model_validator(mode="after")
    def _reminders_in_order(self) -> Self:
        days = [step.days for step in self.evaluation_reminders]
        stages = [step.stage for step in self.evaluation_reminders]
        if days != sorted(days) or len(set(stages)) != len(stages):
            raise ValueError("evaluation_reminders: steps must be ordered by days, each stage once")
        return self

    def contact(self, role: Role) -> Contact | None:
        """Return the programme's own contact in this role, or None for roles that organisations and experts fill."""
        return {"mediator": self.mediator, "advice_team": self.advice_team, "lead": self.lead}.get(role)


class InvalidPolicy(FatalError):
    """The policy file cannot be used; the text names each mistake and its place, never a value."""


def load_policy(path: Path) -> Policy:
    """Read a policy file. Raises `InvalidPolicy`."""
    try:
        return Policy.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except ValidationError as error:
        reason = "; ".join(map(_describe, error.errors()[:MAX_NAMED_ERRORS]))
    except OSError as error:
        reason = f"cannot be read ({error.strerror})"
    except UnicodeDecodeError:
        reason = "is not UTF-8"
    except ValueError as error:
        reason = f"is not valid TOML: {error}" if isinstance(error, tomllib.TOMLDecodeError) else "holds a number that is too long"
    except RecursionError:
        reason = "is nested too deeply"
    raise InvalidPolicy(f"The policy file {path} must be corrected: {reason}.") from None


def _describe(error: Mapping[str, Any]) -> str:
    """Describe one validation error by its place."""
    place = ".".join(str(part) if isinstance(part, int) else _named(part) for part in error["loc"]) or "file"
    return f"{place}: {validation_text(error)}"


def _named(part: str) -> str:
    return part if part.isidentifier() and len(part) <= MAX_NAME_LENGTH else "(odd name)"
