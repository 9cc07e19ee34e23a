"""Messages that notify's decider takes, from other services and from notify's own pages and sender, and those it publishes."""

from typing import ClassVar, Literal, get_args
from uuid import UUID

from shared.messages import coaching, intake, matching
from shared.messages.code_lists import Role
from shared.messages.envelope import Message
from shared.messages.ids import entity_key
from shared.messages.notify import EmailFailed, EmailSent, FailureReason, Reply, ReplyReceived

SkipReason = Literal["expired", "rescheduled", "already_held", "duplicate_recipient"]


class PageAnswered(Message, frozen=True):
    """A person submitted a form; `nth` numbers people with the same role. Never published: `words`, free text, stays in notify."""

    kind: ClassVar[str] = "tandem.local.page-answered.v1"
    role: Role
    reply: Reply
    words: str = ""
    nth: int = 0

    @property
    def subject(self) -> str:
        return self.reply.subject


class _EmailOutcome(Message, frozen=True):
    """What the sender reports to the decider; never published."""

    email: UUID

    @property
    def subject(self) -> str:
        return entity_key("email", self.email)


class EmailDelivered(_EmailOutcome, frozen=True):
    """The mail server accepted the email at the `attempts`-th attempt that may have reached the person."""

    kind: ClassVar[str] = "tandem.local.email-delivered.v1"
    attempts: int


class EmailUndeliverable(_EmailOutcome, frozen=True):
    """The email will not arrive: it was rejected, its contact never came, or its outcome stays unknown."""

    kind: ClassVar[str] = "tandem.local.email-undeliverable.v1"
    reason: FailureReason


class EmailSkipped(_EmailOutcome, frozen=True):
    """The email was not sent because it is out of date, or because the same person gets it in another role."""

    kind: ClassVar[str] = "tandem.local.email-skipped.v1"
    reason: SkipReason


IntakeInput = (
    intake.OrganisationRegistered
    | intake.ReadinessProgressed
    | intake.ReadinessCompleted
    | intake.ExpertRegistered
    | intake.ExpertNotYetEligible
    | intake.VacancyOpened
)
PrivateInput = intake.ContactChanged | intake.TextFiled | intake.PrivateDataErased
MatchInput = (
    matching.MatchProposed
    | matching.MatchAnswered
    | matching.MatchDeclined
    | matching.MatchExpired
    | matching.MatchWithdrawn
    | matching.TandemFormed
)
RefusalInput = matching.ReplyRefused | coaching.ReplyRefused
TandemInput = (
    coaching.ExplorationStarted
    | coaching.StartWaiting
    | coaching.EvaluationScheduled
    | coaching.EvaluationDue
    | coaching.EvaluationCompleted
)
WithdrawalInput = matching.TandemExpertWithdrawn
PublishedInput = IntakeInput | PrivateInput | matching.ShortlistDrawn | MatchInput | TandemInput | RefusalInput | WithdrawalInput
LocalInput = PageAnswered | EmailDelivered | EmailUndeliverable | EmailSkipped
Input = PublishedInput | LocalInput
Output = ReplyReceived | EmailSent | EmailFailed

PUBLISHED_INPUTS: tuple[type[Message], ...] = get_args(PublishedInput)
LOCAL_INPUTS: tuple[type[Message], ...] = get_args(LocalInput)
