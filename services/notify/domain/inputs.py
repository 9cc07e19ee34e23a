"""Messages that notify's decider takes, from other services and from notify's own pages and sender."""

from typing import ClassVar, Literal, get_args
from uuid import UUID

import msgspec

from services.notify.domain.people import Person
from services.notify.page_routes import Purpose
from shared.messages import coaching, intake, matching
from shared.messages.code_lists import Role
from shared.messages.envelope import Message
from shared.messages.ids import entity_key
from shared.messages.notify import FailureReason, Reply

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


class _SenderReport(Message, frozen=True):
    """Report of the sender to the decider about one email; never published."""

    email: UUID

    @property
    def subject(self) -> str:
        return entity_key("email", self.email)


class EmailDelivered(_SenderReport, frozen=True):
    """The mail server accepted the email at the `attempts`-th attempt that may have reached the person."""

    kind: ClassVar[str] = "tandem.local.email-delivered.v1"
    attempts: int


class Unreachable(msgspec.Struct, frozen=True):
    """A person of a partner whose address does not work; `address_tag` is a keyed hash of it."""

    person: Person
    address_tag: str
    organisation: UUID | None = None


class EmailUndeliverable(_SenderReport, frozen=True):
    """The email will not arrive: it was rejected, its contact never came, or its outcome stays unknown."""

    kind: ClassVar[str] = "tandem.local.email-undeliverable.v1"
    reason: FailureReason
    unreachable: Unreachable | None = None


class EmailSkipped(_SenderReport, frozen=True):
    """The email was not sent because it is out of date, or because the same person gets it in another role."""

    kind: ClassVar[str] = "tandem.local.email-skipped.v1"
    reason: SkipReason


class LinkRequested(Message, frozen=True):
    """A visitor of a link that expired asked for a new one, which goes to the person in that role; never published."""

    kind: ClassVar[str] = "tandem.local.link-requested.v1"
    about: str
    purpose: Purpose
    person: Person

    @property
    def subject(self) -> str:
        return self.about


class ContactReplaced(Message, frozen=True):
    """Another name or address was stored for a person, for whom something may be open at the entity `about`; never published.

    `former` is the person who left, if it is another one at another address. `pending` names the emails about the entity that wait
    for the person already. `vacancy` is that of a tandem.
    """

    kind: ClassVar[str] = "tandem.local.contact-replaced.v1"
    about: str
    person: Person
    former: Person | None = None
    pending: tuple[str, ...] = ()
    vacancy: UUID | None = None

    @property
    def subject(self) -> str:
        return self.about


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
MatchingInput = matching.ShortlistDrawn | MatchInput | matching.TandemExpertWithdrawn
RefusalInput = matching.ReplyRefused | coaching.ReplyRefused
TandemInput = (
    coaching.ExplorationStarted
    | coaching.StartWaiting
    | coaching.EvaluationScheduled
    | coaching.EvaluationDue
    | coaching.EvaluationCompleted
)
PublishedInput = IntakeInput | PrivateInput | MatchingInput | TandemInput | RefusalInput
LocalInput = PageAnswered | EmailDelivered | EmailUndeliverable | EmailSkipped | LinkRequested | ContactReplaced
Input = PublishedInput | LocalInput

PUBLISHED_INPUTS: tuple[type[Message], ...] = get_args(PublishedInput)
LOCAL_INPUTS: tuple[type[Message], ...] = get_args(LocalInput)
