"""Coaching as it is put together, read from top to bottom."""

from services.coaching import store
from services.coaching.domain import decider
from shared import alarm
from shared.consumer import reading
from shared.dates import open_calendars
from shared.messages.intake import OrganisationRegistered, ReadinessCompleted, ReadinessProgressed, VacancyOpened
from shared.messages.matching import TandemFormed
from shared.messages.notify import ReplyReceived
from shared.policy import Policy
from shared.service import Route, Service


def service(policy: Policy) -> Service:
    """Coaching under a programme's choices, ready to run."""
    open_calendars()
    return Service(
        "coaching",
        decider(policy),
        rows=[store.Tandems(), store.Readinesses("organisation"), store.Readinesses("vacancy")],
        sinks=alarm.SINKS,
        routes=[
            Route("tandem.matching", None, reading(TandemFormed)),
            Route("tandem.intake", None, reading(OrganisationRegistered, VacancyOpened, ReadinessProgressed, ReadinessCompleted)),
            Route("tandem.notify", None, reading(ReplyReceived)),
        ],
        workers=[alarm.watch],
    )
