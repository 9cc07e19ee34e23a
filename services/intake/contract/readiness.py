"""`readiness-reported`: answers to the readiness catalogue, for an organisation or for one of its open vacancies."""

# Checklist rows, which the published texts below do not name:
# R069-R072, R081-R085, R093-R095.

from collections.abc import Iterator
from typing import Annotated, Any

from pydantic import AfterValidator, ConfigDict, Field, ValidationInfo, field_validator
from pydantic.config import JsonDict

from services.intake.contract.fields import ContractModel, ExternalId, Note
from shared.messages.code_lists import ReadinessAnswer
from shared.programme.readiness_catalogue import readiness_items


def _item(code: str) -> str:
    if code not in readiness_items():
        raise ValueError("is not an item of the readiness catalogue, RC-001 to RC-804 (`tandem contract items`)")
    return code


_WHERE_NOT_APPLICABLE: JsonDict = {
    "if": {"required": ["answer"], "properties": {"answer": {"const": "not_applicable"}}},
    "then": {"properties": {"item": {"enum": [item.code for item in readiness_items().values() if item.allows_not_applicable]}}},
}


class Answered(ContractModel):
    """The answer to one item."""

    model_config = ConfigDict(json_schema_extra=_WHERE_NOT_APPLICABLE)

    item: Annotated[str, AfterValidator(_item), Field(json_schema_extra={"enum": list(readiness_items())})]
    answer: ReadinessAnswer = Field(description="not_applicable is allowed only for step 1, step 4 and RC-305")
    note: Note | None = None

    @field_validator("answer")
    @classmethod
    def _applies(cls, answer: ReadinessAnswer, info: ValidationInfo) -> ReadinessAnswer:
        item = readiness_items().get(info.data.get("item", ""))
        if answer == "not_applicable" and item and not item.allows_not_applicable:
            raise ValueError("`not_applicable` is allowed only for items of step 1 (RC-1xx) and step 4 (RC-4xx), and for RC-305")
        return answer


def _only_items_of(scope: str) -> JsonDict:
    codes: list[Any] = [item.code for item in readiness_items().values() if item.scope == scope]
    return {"properties": {"answers": {"items": {"properties": {"item": {"enum": codes}}}}}}


_ITEMS_BY_SCOPE: JsonDict = {
    "if": {"required": ["vacancy"], "properties": {"vacancy": {"type": "string"}}},
    "then": _only_items_of("vacancy"),
    "else": _only_items_of("organisation"),
}


class Readiness(ContractModel):
    """Answers of an organisation to readiness items. Later answers replace earlier ones, item by item."""

    model_config = ConfigDict(json_schema_extra=_ITEMS_BY_SCOPE)

    organisation: ExternalId = Field(description="your id for it, or the Tandem id in its receipt")
    vacancy: ExternalId | None = Field(None, description="only for items of a vacancy: your id for it, or its Tandem id")
    answers: tuple[Answered, ...] = Field(min_length=1, max_length=len(readiness_items()), description="each item once")

    @field_validator("answers")
    @classmethod
    def _once_and_in_scope(cls, answers: tuple[Answered, ...], info: ValidationInfo) -> tuple[Answered, ...]:
        if errors := list(_scope_errors(answers, "vacancy" if info.data.get("vacancy") else "organisation")):
            raise ValueError("; ".join(errors))
        return answers


def _scope_errors(answers: tuple[Answered, ...], scope: str) -> Iterator[str]:
    items = [answered.item for answered in answers]
    if duplicates := sorted({item for item in items if items.count(item) > 1}):
        yield f"answered twice: {', '.join(duplicates)}"
    if out_of_scope := [item for item in items if readiness_items()[item].scope != scope]:
        owner = "a vacancy" if scope == "organisation" else "the organisation"
        hint = "set `vacancy`" if scope == "organisation" else "leave out `vacancy`"
        yield f"these items belong to {owner}; {hint}: {', '.join(out_of_scope)}"
