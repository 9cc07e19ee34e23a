"""Messages of intake: registrations, readiness, opened vacancies, contact data and texts (private topic), receipts to partners."""

from datetime import date
from typing import ClassVar, Literal
from uuid import UUID

import msgspec

from shared.messages.code_lists import (
    Competence,
    CooperationForm,
    Criterion,
    Experience,
    Gate,
    Interest,
    Language,
    Motive,
    PartnerType,
    Quality,
    Role,
    Sector,
    Setting,
    TandemForm,
    TargetGroup,
    TaskCategory,
    WorkLanguage,
)
from shared.messages.envelope import Message, Tombstone
from shared.messages.ids import entity_key


class _IntakeMessage(Message, frozen=True):
    default_topic: ClassVar[str] = "tandem.intake"


class OrganisationRegistered(_IntakeMessage, frozen=True):
    """An organisation was registered, or its data replaced; it is interested or takes part (R063)."""

    kind: ClassVar[str] = "tandem.intake.organisation-registered.v1"
    organisation: UUID
    status: Literal["interested", "taking_part"]
    sector: Sector
    motives: tuple[Motive, ...]
    target_groups: tuple[TargetGroup, ...]
    cooperation_form: CooperationForm
    first_time: bool
    language: Language
    zone: str
    missing_b: tuple[str, ...]
    missing_s: tuple[str, ...]

    @property
    def subject(self) -> str:
        return entity_key("organisation", self.organisation)


class ReadinessProgressed(_IntakeMessage, frozen=True):
    """The readiness items still missing for gates B and S: the organisation's own, or those of one vacancy."""

    kind: ClassVar[str] = "tandem.intake.readiness-progressed.v1"
    organisation: UUID
    vacancy: UUID | None
    missing_b: tuple[str, ...]
    missing_s: tuple[str, ...]

    @property
    def subject(self) -> str:
        return entity_key("vacancy", self.vacancy) if self.vacancy else entity_key("organisation", self.organisation)


class ReadinessCompleted(_IntakeMessage, frozen=True):
    """An organisation, or one of its vacancies, has met a gate."""

    kind: ClassVar[str] = "tandem.intake.readiness-completed.v1"
    organisation: UUID
    vacancy: UUID | None
    gate: Gate

    @property
    def subject(self) -> str:
        return entity_key("vacancy", self.vacancy) if self.vacancy else entity_key("organisation", self.organisation)


class ExpertRegistered(_IntakeMessage, frozen=True):
    """A trained expert by experience who meets the three criteria (R053-R056); only what matching may use.

    `possible_duplicate_of`: experts with the same name and address. `no_longer_duplicate_of`: those that an earlier message named.
    """

    kind: ClassVar[str] = "tandem.intake.expert-registered.v1"
    expert: UUID
    experience: Experience
    task_categories: tuple[TaskCategory, ...]
    target_groups: tuple[TargetGroup, ...]
    qualities: tuple[Quality, ...]
    interests: tuple[Interest, ...]
    competences: tuple[Competence, ...]
    languages: tuple[WorkLanguage, ...]
    regions: tuple[str, ...]
    hours_min: int
    hours_max: int
    available_from: date
    language: Language
    zone: str
    possible_duplicate_of: tuple[UUID, ...] = ()
    no_longer_duplicate_of: tuple[UUID, ...] = ()

    @property
    def subject(self) -> str:
        return entity_key("expert", self.expert)


class ExpertNotYetEligible(_IntakeMessage, frozen=True):
    """A person with experience who does not meet all criteria yet, with the next step (R056, R057)."""

    kind: ClassVar[str] = "tandem.intake.expert-not-yet-eligible.v1"
    expert: UUID
    missing: tuple[Criterion, ...]
    next_step: Literal["training", "talk"]
    language: Language
    zone: str

    @property
    def subject(self) -> str:
        return entity_key("expert", self.expert)


class Task(msgspec.Struct, frozen=True):
    """One task in one of the five categories of work (R108-R113). The text of its goal is filed separately (`TextFiled`)."""

    category: TaskCategory
    setting: Setting | None
    lowers_threshold: bool


class VacancyOpened(_IntakeMessage, frozen=True):
    """A vacancy for an expert, open for matching. `partners`: the number of tandem partners."""

    kind: ClassVar[str] = "tandem.intake.vacancy-opened.v1"
    vacancy: UUID
    organisation: UUID
    motives: tuple[Motive, ...]
    target_groups: tuple[TargetGroup, ...]
    tasks: tuple[Task, ...]
    qualities: tuple[Quality, ...]
    interests: tuple[Interest, ...]
    competences: tuple[Competence, ...]
    languages: tuple[WorkLanguage, ...]
    region: str
    hours: int
    cooperation_form: CooperationForm
    tandem_form: TandemForm
    partner_type: PartnerType | None
    partners: int
    starts_on: date
    language: Language
    zone: str
    missing_s: tuple[str, ...]

    @property
    def subject(self) -> str:
        return entity_key("vacancy", self.vacancy)


class ContactChanged(Message, frozen=True):
    """Contact data of the person in a role; `nth` numbers people with the same role from 0. Private topic, read by notify only."""

    kind: ClassVar[str] = "tandem.intake.contact-changed.v1"
    default_topic: ClassVar[str] = "tandem.private"
    compacted: ClassVar[bool] = True
    about: str
    role: Role
    nth: int
    name: str
    email: str
    phone: str | None
    language: Language
    zone: str

    @property
    def subject(self) -> str:
        return self.about

    @property
    def record_key(self) -> str:
        return f"{self.about}/contact/{self.role}-{self.nth}"


class TextFiled(Message, frozen=True):
    """Free text (an organisation's name, a task's goal), for emails and pages only. Private topic."""

    kind: ClassVar[str] = "tandem.intake.text-filed.v1"
    default_topic: ClassVar[str] = "tandem.private"
    compacted: ClassVar[bool] = True
    about: str
    field: str
    text: str

    @property
    def subject(self) -> str:
        return self.about

    @property
    def record_key(self) -> str:
        return f"{self.about}/text/{self.field}"


class PrivateDataErased(Tombstone, frozen=True):
    """A text or contact data were left out of what replaces an earlier submission. `key`: of the record that is erased."""

    kind: ClassVar[str] = "tandem.intake.private-data-erased.v1"
    default_topic: ClassVar[str] = "tandem.private"

    @classmethod
    def of_text(cls, about: str, field: str) -> "PrivateDataErased":
        return cls(TextFiled(about, field, "").record_key)


class Problem(msgspec.Struct, frozen=True, omit_defaults=True):
    """An RFC 9457 problem. It never quotes the event."""

    type: str
    title: str
    detail: str
    status: int
    retryable: bool = False
    errors: tuple["FieldError", ...] = ()
    missing: tuple[str, ...] = ()


class FieldError(msgspec.Struct, frozen=True):
    """One error in an event: its place as a JSON pointer (RFC 6901), and the error itself."""

    pointer: str
    detail: str


class Advice(msgspec.Struct, frozen=True):
    """A remark on one field of an accepted event (`pointer`: RFC 6901)."""

    pointer: str
    detail: str


class Receipt(Message, frozen=True, omit_defaults=True):
    """The answer to one record of a partner: the outcome, and what to do about it. `advice` is given with accepted events only."""

    kind: ClassVar[str] = "tandem.intake.receipt.v1"
    partner: str
    about: str
    outcome: Literal["accepted", "duplicate", "conflict", "rejected"]
    topic_name: str = msgspec.field(name="topic")
    partition: int
    offset: int
    event_id: str | None = None
    event_source: str | None = None
    event_type: str | None = None
    tandem_id: UUID | None = None
    unknown_attributes: tuple[str, ...] = ()
    unknown_fields: tuple[str, ...] = ()
    missing_b: tuple[str, ...] | None = None
    missing_s: tuple[str, ...] | None = None
    advice: tuple[Advice, ...] = ()
    problem: Problem | None = None

    @property
    def subject(self) -> str:
        return self.about

    @property
    def topic(self) -> str:
        return f"tandem.partner.{self.partner}.receipts"


KINDS: tuple[type[Message], ...] = (
    OrganisationRegistered,
    ReadinessProgressed,
    ReadinessCompleted,
    ExpertRegistered,
    ExpertNotYetEligible,
    VacancyOpened,
    ContactChanged,
    TextFiled,
    Receipt,
)
"""The kinds with a JSON value; tombstones have none."""
