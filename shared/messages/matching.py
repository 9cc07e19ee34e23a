"""Messages published by matching: shortlists with reasons, proposals and their answers, tandems formed."""

from datetime import date
from typing import ClassVar, Literal
from uuid import UUID

import msgspec

from shared.messages.code_lists import Experience, Language, Role, Side, TandemForm
from shared.messages.envelope import Message
from shared.messages.ids import entity_key

Dimension = Literal[
    "tasks", "target_groups", "qualities", "interests", "competences", "languages", "region", "hours", "start", "tandem_form",
]  # fmt: skip
DeclineReason = Literal["tasks", "hours", "place", "not_now", "no_click", "other", "none"]
PickReason = Literal["fits_tasks", "fits_team", "fits_wishes", "chance_to_grow", "other"]
PickRefusal = Literal[
    "not_allowed", "not_open", "proposal_open", "expert_unavailable", "not_listed", "possible_duplicate", "first_day",
]  # fmt: skip
AnswerRefusal = Literal["not_allowed", "tandem_formed", "ended", "expert_unavailable", "deadline"]


class Reason(msgspec.Struct, frozen=True):
    """A reason for or against a candidate: a dimension, and the codes in it that match or are missing.

    `region`, `hours` and `start` have no codes; the code of `tandem_form` is the requested form."""

    dimension: Dimension
    codes: tuple[str, ...] = ()


class Candidate(msgspec.Struct, frozen=True):
    """An expert on a shortlist. The reasons are for people; the score, the sum of `parts`, only sorts the list.

    `not_used`: characteristics that no ranking uses, such as diploma and age (R029).
    `possible_duplicate_of`: experts with the same name and address, for the mediator to look at."""

    expert: UUID
    experience: Experience
    score: int
    parts: tuple[tuple[Dimension, int], ...]
    reasons_for: tuple[Reason, ...]
    reasons_against: tuple[Reason, ...]
    not_used: tuple[str, ...]
    possible_duplicate_of: tuple[UUID, ...] = ()


class _MatchingMessage(Message, frozen=True):
    default_topic: ClassVar[str] = "tandem.matching"


class ShortlistDrawn(_MatchingMessage, frozen=True):
    """The twenty best of `eligible_count` eligible experts, none pre-selected. `revision` counts the shortlists of the vacancy.

    The first shortlist is never empty; a later one is if no expert is eligible any more."""

    kind: ClassVar[str] = "tandem.matching.shortlist-drawn.v1"
    vacancy: UUID
    organisation: UUID
    revision: int
    eligible_count: int
    candidates: tuple[Candidate, ...]

    @property
    def subject(self) -> str:
        return entity_key("vacancy", self.vacancy)


class _MatchMessage(_MatchingMessage, frozen=True):
    match: UUID
    vacancy: UUID
    organisation: UUID
    expert: UUID

    @property
    def subject(self) -> str:
        return entity_key("vacancy", self.vacancy)


class MatchProposed(_MatchMessage, frozen=True):
    """The mediator picked a candidate. Both sides are asked, with the same reasons, each until its own local date (inclusive).

    `not_used`: characteristics that no ranking uses, such as diploma and age (R029). `form_warning`: the expert is starting, and
    the form is not a fixed tandem partner (R121).
    `requested_first_day`: the day that was asked for, if it is no working day and `starts_on` is therefore a later one."""

    kind: ClassVar[str] = "tandem.matching.match-proposed.v1"
    pick_reason: PickReason
    reasons_for: tuple[Reason, ...]
    reasons_against: tuple[Reason, ...]
    not_used: tuple[str, ...]
    tandem_form: TandemForm
    form_warning: bool
    starts_on: date
    zone: str
    expert_answers_by: date
    organisation_answers_by: date
    requested_first_day: date | None = None


class MatchAnswered(_MatchMessage, frozen=True):
    """A side answered yes. `answer` is always `yes`: a no is published as `MatchDeclined`."""

    kind: ClassVar[str] = "tandem.matching.match-answered.v1"
    side: Side
    answer: Literal["yes", "no"]


class MatchDeclined(_MatchMessage, frozen=True):
    """A side declined; the vacancy is open for another pick."""

    kind: ClassVar[str] = "tandem.matching.match-declined.v1"
    side: Side
    reason: DeclineReason


class MatchExpired(_MatchMessage, frozen=True):
    """At least one side did not answer by its deadline."""

    kind: ClassVar[str] = "tandem.matching.match-expired.v1"
    unanswered_by: tuple[Side, ...]


class MatchWithdrawn(_MatchMessage, frozen=True):
    """The proposal no longer holds: the expert was placed elsewhere or is no longer eligible (R053-R056), or the vacancy closed."""

    kind: ClassVar[str] = "tandem.matching.match-withdrawn.v1"
    reason: Literal["expert_placed", "expert_unavailable", "vacancy_closed"]


class TandemFormed(_MatchMessage, frozen=True):
    """Both sides accepted (R116-R118). `language` selects the holiday calendar of the organisation's country."""

    kind: ClassVar[str] = "tandem.matching.tandem-formed.v1"
    tandem: UUID
    tandem_form: TandemForm
    starts_on: date
    zone: str
    language: Language | None = None


class ExpertPlaced(_MatchingMessage, frozen=True):
    """Request of matching to itself: withdraw the expert's open proposal `match` for `other_vacancy`, with the reason."""

    kind: ClassVar[str] = "tandem.matching.expert-placed.v1"
    expert: UUID
    other_vacancy: UUID
    match: UUID
    reason: Literal["expert_placed", "expert_unavailable"] = "expert_placed"

    @property
    def subject(self) -> str:
        return entity_key("expert", self.expert)


class ReplyRefused(_MatchingMessage, frozen=True):
    """A person's reply (the id of its `reply-received`) changed nothing, and why; the person in that role gets an email.

    `nth` numbers people with the same role from 0. `match`, `side` and `answer` are None for a pick.
    `earliest` and `latest`: the first days allowed for a pick, if `reason` is `first_day`; otherwise None."""

    kind: ClassVar[str] = "tandem.matching.reply-refused.v1"
    reply: UUID
    role: Role
    nth: int
    vacancy: UUID
    expert: UUID
    reason: PickRefusal | AnswerRefusal
    match: UUID | None = None
    side: Side | None = None
    answer: Literal["yes", "no"] | None = None
    earliest: date | None = None
    latest: date | None = None

    @property
    def subject(self) -> str:
        return entity_key("vacancy", self.vacancy)


class TandemExpertWithdrawn(_MatchMessage, frozen=True):
    """The expert of a formed tandem no longer meets the criteria (R056). The tandem goes on until people decide otherwise."""

    kind: ClassVar[str] = "tandem.matching.tandem-expert-withdrawn.v1"
    tandem: UUID

    @property
    def subject(self) -> str:
        return entity_key("expert", self.expert)


KINDS: tuple[type[Message], ...] = (
    ShortlistDrawn,
    MatchProposed,
    MatchAnswered,
    MatchDeclined,
    MatchExpired,
    MatchWithdrawn,
    TandemFormed,
    ExpertPlaced,
    ReplyRefused,
    TandemExpertWithdrawn,
)
