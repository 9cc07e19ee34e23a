"""What intake remembers of organisations, vacancies and experts, and of the events that it accepted. Pure."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Literal
from uuid import UUID

import msgspec

from services.intake.contract.vacancy import ContractForm
from services.intake.domain.inputs import Submitted
from shared.messages.code_lists import Answer, Criterion, Language, Motive, Sector, TargetGroup


class KeyedState(msgspec.Struct, frozen=True):
    """A state by its key, `organisation/<uuid>`."""

    key: str

    @property
    def id(self) -> UUID:
        return _id(self.key)


@lru_cache(8192)
def _id(key: str) -> UUID:
    return UUID(key.partition("/")[2])


class Absent(KeyedState, frozen=True):
    """Nothing was accepted under this key yet."""


class Organisation(KeyedState, frozen=True):
    """`owner`: the partner that submitted it. `dialogue_hours`: set aside each week for the dialogue (R078). `sessions`: whether it
    was there, by date (R063). `by_data`: items that its own data answer. `policy`: the version it started with."""

    owner: str
    status: Literal["interested", "taking_part"]
    sector: Sector
    motives: tuple[Motive, ...]
    target_groups: tuple[TargetGroup, ...]
    language: Language
    zone: str
    municipality: bool
    dialogue_hours: int
    sessions: Mapping[str, bool]
    by_data: tuple[str, ...]
    answers: Mapping[str, Answer]
    policy: int


class Vacancy(KeyedState, frozen=True):
    """An open place. `tandem`: whether its form has one, so that step 4 counts. `contract`: the employer's own (R060)."""

    owner: str
    organisation: UUID
    tandem: bool
    contract: ContractForm
    by_data: tuple[str, ...]
    answers: Mapping[str, Answer]
    policy: int


class Expert(KeyedState, frozen=True):
    """A person with experience; an expert when no criterion is missing (R056)."""

    owner: str
    missing: tuple[Criterion, ...]
    policy: int


class AcceptedEvent(KeyedState, frozen=True):
    """An accepted event: the digest of its body, and what it was about."""

    digest: bytes
    tandem_id: UUID


StoredState = Absent | Organisation | Vacancy | Expert | AcceptedEvent


class PendingSubmission(msgspec.Struct, frozen=True):
    """A state with a submission before it, until the receipt says what becomes of it. Never outlives the decision."""

    was: StoredState
    submission: Submitted


State = StoredState | PendingSubmission
