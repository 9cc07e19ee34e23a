"""What notify hears, from the other services and from its own pages and sender, and what it says."""

from typing import ClassVar, Literal, get_args
from uuid import UUID

from shared.messages import coaching, intake, matching
from shared.messages.code_lists import Role
from shared.messages.envelope import Message, entity_key
from shared.messages.notify import EmailFailed, EmailSent, Reply, ReplyReceived

Skipped = Literal["past", "moved", "held", "merged"]


class _Inside(Message, frozen=True):
    """Never leaves notify: no topic hears it."""

    default_topic: ClassVar[str] = "tandem.notify"


class PageAnswered(_Inside, frozen=True):
    """Somebody pressed a button on a page. `words` are theirs, and stay in notify."""

    kind: ClassVar[str] = "tandem.notify.page-answered.v1"
    role: Role
    reply: Reply
    words: str = ""

    @property
    def subject(self) -> str:
        return self.reply.subject


class EmailDelivered(_Inside, frozen=True):
    """The mail server took the letter, at the `attempts`-th sending that may have reached the person."""

    kind: ClassVar[str] = "tandem.notify.letter-delivered.v1"
    letter: UUID
    attempts: int

    @property
    def subject(self) -> str:
        return entity_key("letter", self.letter)


class EmailRejected(_Inside, frozen=True):
    """The letter will not arrive: the server refuses it, nobody can be reached, or its outcome stays unknown."""

    kind: ClassVar[str] = "tandem.notify.letter-refused.v1"
    letter: UUID
    because: Literal["refused", "no_contact", "gave_up"]

    @property
    def subject(self) -> str:
        return entity_key("letter", self.letter)


class EmailSkipped(_Inside, frozen=True):
    """The letter is not sent, and nothing is lost by it: its moment is past, its talk moved or was held, or the same person
    gets the same letter in another role."""

    kind: ClassVar[str] = "tandem.notify.letter-skipped.v1"
    letter: UUID
    because: Skipped

    @property
    def subject(self) -> str:
        return entity_key("letter", self.letter)


OfIntake = (
    intake.OrganisationRegistered
    | intake.ReadinessProgressed
    | intake.ReadinessCompleted
    | intake.ExpertRegistered
    | intake.ExpertNotYetEligible
    | intake.VacancyOpened
)
OfPeople = intake.ContactChanged | intake.TextFiled
OfMatch = (
    matching.MatchProposed
    | matching.MatchAnswered
    | matching.MatchDeclined
    | matching.MatchExpired
    | matching.MatchWithdrawn
    | matching.TandemFormed
)
OfTandem = (
    coaching.ExplorationStarted
    | coaching.StartWaiting
    | coaching.EvaluationScheduled
    | coaching.EvaluationDue
    | coaching.EvaluationCompleted
)
OfOurs = PageAnswered | EmailDelivered | EmailRejected | EmailSkipped
Input = OfIntake | OfPeople | matching.ShortlistDrawn | OfMatch | OfTandem | OfOurs
Output = ReplyReceived | EmailSent | EmailFailed

PUBLISHED_INPUTS: tuple[type[Message], ...] = get_args(OfIntake | OfPeople | matching.ShortlistDrawn | OfMatch | OfTandem)
LOCAL_INPUTS: tuple[type[Message], ...] = get_args(OfOurs)
