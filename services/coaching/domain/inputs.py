"""Inputs and outputs of coaching's decider. Pure."""

from shared.messages.coaching import (
    EvaluationCompleted,
    EvaluationDue,
    EvaluationScheduled,
    ExplorationStarted,
    ReplyRefused,
    StartWaiting,
)
from shared.messages.intake import OrganisationRegistered, ReadinessCompleted, ReadinessProgressed, VacancyOpened
from shared.messages.matching import TandemFormed
from shared.messages.notify import ReplyReceived
from shared.pipeline.timers import CancelTimers, ScheduleTimer, TimerDue

ReadinessEvent = OrganisationRegistered | VacancyOpened | ReadinessProgressed | ReadinessCompleted
Input = TandemFormed | ReadinessEvent | ReplyReceived | TimerDue
EvaluationEvent = EvaluationScheduled | EvaluationDue | EvaluationCompleted
Output = EvaluationEvent | ExplorationStarted | StartWaiting | ReplyRefused | ScheduleTimer | CancelTimers
