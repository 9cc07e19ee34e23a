"""`expert-submitted`: a person with experience, the three criteria, and the person's strengths and wishes."""

from pydantic import Field, ValidationInfo, field_validator

from services.intake.contract.fields import ContractModel, Day, NonEmptyList, OwnId, Person, Region, UniqueList, WeekHours, Zone
from shared.messages.code_lists import Competence, Experience, Interest, Language, Quality, TargetGroup, TaskCategory, WorkLanguage


class Training(ContractModel):
    """A training in using one's experience; it counts if it is on the programme's list (R055)."""

    code: OwnId
    finished_on: Day


class Criteria(ContractModel):
    """The criteria as yes or no, never the story behind them (R033, R053-R055)."""

    own_experience: bool = Field(description="own experience of poverty (R053)")
    behind_the_person: bool = Field(description="the person has put that experience behind them (R054)")
    training: Training | None = Field(None, description="the finished training (R055); none if not finished yet (R057)")


class Hours(ContractModel):
    """Hours a week, from `min` to `max`."""

    min: WeekHours
    max: WeekHours

    @field_validator("max")
    @classmethod
    def _not_below(cls, value: int, info: ValidationInfo) -> int:
        if value < info.data.get("min", 0):
            raise ValueError("is below min")
        return value


class Expert(Person):
    """A person with experience (R001, R005, R052). The same `expert` again replaces what was submitted before.

    There is no field for a diploma, age, origin, family, health, debts or a life story, and there will be none: leave them out.
    """

    expert: OwnId = Field(description="your own id of the person")
    language: Language
    zone: Zone | None = Field(None, description="the programme's zone when left out")
    criteria: Criteria
    experience: Experience = Field(description="starting or experienced in this work (R121)")
    task_categories: UniqueList[TaskCategory] = Field(description="work that the person wants to do (R108-R112)")
    target_groups: UniqueList[TargetGroup]
    qualities: UniqueList[Quality]
    interests: UniqueList[Interest]
    competences: UniqueList[Competence]
    languages: NonEmptyList[WorkLanguage]
    regions: NonEmptyList[Region] = Field(description="ISO 3166-2 codes: BE-VAN, NL-GE")
    hours: Hours
    available_from: Day
