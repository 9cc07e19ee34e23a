"""Fictional data for notify's tests: messages that other services publish about one organisation, expert and tandem."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from uuid import UUID

from shared.messages.coaching import EvaluationDue, EvaluationScheduled, Stage
from shared.messages.code_lists import Role
from shared.messages.envelope import Message
from shared.messages.ids import entity_key
from shared.messages.intake import (
    ContactChanged,
    ExpertNotYetEligible,
    ExpertRegistered,
    OrganisationRegistered,
    Task,
    TextFiled,
    VacancyOpened,
)
from shared.messages.matching import Candidate, MatchProposed, Reason, ShortlistDrawn, TandemFormed
from tests.support.ids import new_id

ZONE = "Europe/Brussels"
FIRST_DAY, EVALUATION_DAY = date(2027, 2, 1), date(2027, 5, 3)
NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
REASONS_FOR, REASONS_AGAINST = (Reason("tasks", ("group_work",)), Reason("hours")), (Reason("start"),)
NOT_USED = ("diploma", "age")


@dataclass(frozen=True)
class Example:
    """Ids of one organisation, its vacancy, an expert, their match and tandem; the methods return messages about them."""

    organisation: UUID = field(default_factory=new_id)
    vacancy: UUID = field(default_factory=new_id)
    expert: UUID = field(default_factory=new_id)
    match: UUID = field(default_factory=new_id)
    tandem: UUID = field(default_factory=new_id)

    def address(self, role: Role) -> str:
        return f"{role}-{self.organisation.hex}@post.example"

    def contact(self, role: Role) -> ContactChanged:
        subjects = {"coordinator": ("organisation", self.organisation), "expert": ("expert", self.expert)}
        about = entity_key(*subjects.get(role, ("vacancy", self.vacancy)))
        return ContactChanged(about, role, 0, f"{role.capitalize()} Eén", self.address(role), None, "nl-BE", ZONE)

    def contacts(self) -> list[Message]:
        return [self.contact("coordinator"), self.contact("expert"), self.contact("partner")]

    def texts(self) -> list[Message]:
        organisation, vacancy = entity_key("organisation", self.organisation), entity_key("vacancy", self.vacancy)
        return [
            TextFiled(organisation, "name", "Buurthuis Een"),
            TextFiled(organisation, "place", "Voorbeeldstad"),
            TextFiled(vacancy, "title", "Samen koken"),
            TextFiled(vacancy, "goal-0", "Mensen leren elkaar kennen."),
        ]

    def registered(self) -> OrganisationRegistered:
        return OrganisationRegistered(
            self.organisation,
            "taking_part",
            "welfare",
            ("fit",),
            ("other",),
            "tandem",
            True,
            "nl-BE",
            ZONE,
            ("RC-002",),
            ("RC-005",),
        )

    def eligible(self) -> ExpertRegistered:
        return ExpertRegistered(
            self.expert, "starting", ("group_work",), ("other",), ("patient",), ("work",), ("outreach",), ("nl",), ("BE-VAN",),
            8, 24, FIRST_DAY, "nl-BE", ZONE,
        )  # fmt: skip

    def not_eligible(self) -> ExpertNotYetEligible:
        return ExpertNotYetEligible(self.expert, ("training",), "training", "nl-BE", ZONE)

    def opened(self) -> VacancyOpened:
        return VacancyOpened(
            self.vacancy, self.organisation, ("fit",), ("other",), (Task("group_work", "ambulatory", True),), ("patient",),
            ("work",), ("outreach",), ("nl",), "BE-VAN", 19, "tandem", "fixed_one_to_one", "professional", 1, FIRST_DAY, "nl-BE",
            ZONE, ("RC-601",),
        )  # fmt: skip

    def drawn(self, revision: int = 1) -> ShortlistDrawn:
        candidate = Candidate(self.expert, "starting", 10, (("tasks", 10),), REASONS_FOR, REASONS_AGAINST, NOT_USED)
        return ShortlistDrawn(self.vacancy, self.organisation, revision, 1, (candidate,))

    def proposed(self, answers_by: date = date(2100, 1, 1)) -> MatchProposed:
        return MatchProposed(
            self.match, self.vacancy, self.organisation, self.expert, "fits_tasks", REASONS_FOR, REASONS_AGAINST, NOT_USED,
            "fixed_one_to_one", False, FIRST_DAY, ZONE, answers_by, answers_by,
        )  # fmt: skip

    def formed(self) -> TandemFormed:
        ids = (self.match, self.vacancy, self.organisation, self.expert, self.tandem)
        return TandemFormed(*ids, "fixed_one_to_one", FIRST_DAY, ZONE)

    def scheduled(self, sequence: int = 0, on: date = EVALUATION_DAY, at: time | None = None) -> EvaluationScheduled:
        ids = (self.tandem, self.vacancy, self.organisation, self.expert)
        return EvaluationScheduled(*ids, on, at, ZONE, sequence, "agenda" if sequence else None)

    def due(self, stage: Stage) -> EvaluationDue:
        return EvaluationDue(self.tandem, self.vacancy, self.organisation, self.expert, stage, EVALUATION_DAY, None, ZONE, 0)

    def registration(self) -> list[Message]:
        """Return all that the welcome email needs."""
        return [*self.contacts(), *self.texts(), self.registered()]

    def up_to_open_vacancy(self) -> list[Message]:
        return [*self.registration(), self.eligible(), self.opened()]
