"""The readiness catalogue as data: what an organisation answers, for which gate, and in which words. Read once, never written."""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

FILE = Path(__file__).with_name("readiness.toml")


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Step(_Part):
    """One of the eight steps, and the base before them (step 0); own stable numbers, never the printed ones (R145)."""

    number: int = Field(ge=0, le=8)
    label: str
    english: str


class Item(_Part):
    """One thing to have in order. `gate`: B before a vacancy goes out, S before the first working day, A is advice alone."""

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
    def takes_not_applicable(self) -> bool:
        """Whether the answer `not_applicable` can ever count."""
        return self.may_not_apply or self.condition != "always"


class _Catalogue(_Part):
    version: int
    steps: tuple[Step, ...]
    items: tuple[Item, ...]

    @model_validator(mode="after")
    def _codes_are_unique_and_steps_known(self) -> Self:
        codes = [item.code for item in self.items]
        if doubled := sorted({code for code in codes if codes.count(code) > 1}):
            raise ValueError(f"doubled codes: {', '.join(doubled)}")
        if strays := [item.code for item in self.items if item.step not in {step.number for step in self.steps}]:
            raise ValueError(f"items of no step: {', '.join(strays)}")
        return self


@cache
def _catalogue() -> _Catalogue:
    return _Catalogue.model_validate(tomllib.loads(FILE.read_text()))


@cache
def readiness() -> Mapping[str, Item]:
    """All items by code, in the catalogue's order (R069-R072, R081-R085, R093-R095)."""
    return MappingProxyType({item.code: item for item in _catalogue().items})


def steps() -> tuple[Step, ...]:
    """The steps in their order, with the words that people read."""
    return _catalogue().steps
