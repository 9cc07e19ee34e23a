"""The readiness catalogue: which items an organisation reports on, for which gate, and their labels. Read once, immutable."""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

FILE = Path(__file__).with_name("readiness.toml")


class _CatalogueModel(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Step(_CatalogueModel):
    """One of the eight steps, or the basic conditions before them (step 0). The numbers are stable, not the printed ones (R145)."""

    number: int = Field(ge=0, le=8)
    label: str
    english: str


class Item(_CatalogueModel):
    """One readiness item. `gate`: B is required before a vacancy opens, S before the first working day, A is advice only.

    `asked_with`: what the organisation is asked to give with its answer; documentation only.
    """

    code: str = Field(pattern=r"^RC-[0-8][0-9]{2}$")
    step: int = Field(ge=0, le=8)
    gate: Literal["B", "S", "A"]
    scope: Literal["organisation", "vacancy"]
    label: str
    english: str
    asked_with: str
    condition: Literal["always", "municipality", "tandem"] = "always"
    may_not_apply: bool = False
    answered_by: tuple[str, ...] = ()

    @property
    def allows_not_applicable(self) -> bool:
        """True if the answer `not_applicable` can ever satisfy the item (R099)."""
        return self.may_not_apply or self.condition != "always"


class _Catalogue(_CatalogueModel):
    version: int
    steps: tuple[Step, ...]
    items: tuple[Item, ...]

    @model_validator(mode="after")
    def _codes_are_unique_and_steps_known(self) -> Self:
        codes = [item.code for item in self.items]
        if duplicates := sorted({code for code in codes if codes.count(code) > 1}):
            raise ValueError(f"duplicate codes: {', '.join(duplicates)}")
        if orphans := [item.code for item in self.items if item.step not in {step.number for step in self.steps}]:
            raise ValueError(f"items without a step: {', '.join(orphans)}")
        return self


@cache
def _catalogue() -> _Catalogue:
    return _Catalogue.model_validate(tomllib.loads(FILE.read_text()))


@cache
def readiness_items() -> Mapping[str, Item]:
    """Return all items by code, in catalogue order (R069-R072, R081-R085, R093-R095)."""
    return MappingProxyType({item.code: item for item in _catalogue().items})


def steps() -> tuple[Step, ...]:
    """Return the steps in order, with their labels."""
    return _catalogue().steps
