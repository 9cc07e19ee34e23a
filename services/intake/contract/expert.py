"""`expert-submitted`: a person with experience, the three criteria, and the person's strengths and wishes."""

# Checklist rows, which the published texts below do not name:
# R001, R005, R052-R057, R108-R112, R121.

from pydantic import Field, ValidationInfo, field_validator

from services.intake.contract.fields import ContractModel, Day, ExternalId, NonEmptyList, Person, Region, UniqueList, WeekHours
from shared.messages.code_lists import Competence, Experience, Interest, Language, Quality, TargetGroup, TaskCategory, WorkLanguage
from shared.programme.field_types import ZONE_DESCRIPTION, Zone


class Training(ContractModel):
    """A training in using one's experience; it counts if it is on the programme's list."""

    code: ExternalId
    finished_on: Day


class Criteria(ContractModel):
    """The criteria as yes or no, never the story behind them."""

    own_experience: bool = Field(description="own experience of poverty")
    behind_the_person: bool = Field(description="the person has put that experience behind them")
    training: Training | None = Field(None, description="the finished training; none if not finished yet")


class Hours(ContractModel):
    """Hours a week, from `min` to `max`."""

    min: WeekHours
    max: WeekHours = Field(description="not below min")

    @field_validator("max")
    @classmethod
    def _not_below(cls, value: int, info: ValidationInfo) -> int:
        if value < info.data.get("min", 0):
            raise ValueError("is below min")
        return value


class Expert(Person):
    """A person with experience. Submitting the same `expert` again replaces the earlier submission.

    There is no field for a diploma, age, origin, family, health, debts or a life story, and there will be none: leave them out.
    """

    expert: ExternalId = Field(description="your id for the person")
    language: Language
    zone: Zone | None = Field(None, description=f"{ZONE_DESCRIPTION}; the programme's zone when left out")
    criteria: Criteria
    experience: Experience = Field(description="starting or experienced in this work")
    task_categories: UniqueList[TaskCategory] = Field(description="work that the person wants to do")
    target_groups: UniqueList[TargetGroup]
    qualities: UniqueList[Quality]
    interests: UniqueList[Interest]
    competences: UniqueList[Competence]
    languages: NonEmptyList[WorkLanguage]
    regions: NonEmptyList[Region] = Field(description="ISO 3166-2 codes: BE-VAN, NL-GE")
    hours: Hours
    available_from: Day
