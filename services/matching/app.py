"""Matching as it is put together, read from top to bottom."""

from services.matching import rounds, store
from services.matching.domain import decider
from services.matching.states import DrawWanted, PoolChanged, ShortlistComputed
from shared import alarm
from shared.consumer import reading
from shared.dates import open_calendars
from shared.messages.intake import ExpertNotYetEligible, ExpertRegistered, VacancyOpened
from shared.messages.matching import ExpertPlaced
from shared.messages.notify import ReplyReceived
from shared.policy import Policy
from shared.service import Route, Service


def service(policy: Policy) -> Service:
    """Matching under a programme's choices, ready to run."""
    open_calendars()
    return Service(
        "matching",
        decider(policy),
        rows=[store.Experts(), store.Vacancies()],
        sinks={**alarm.SINKS, DrawWanted: store.want_draws, PoolChanged: store.note_change},
        routes=[
            Route("tandem.intake", None, reading(ExpertRegistered, ExpertNotYetEligible, VacancyOpened)),
            Route("tandem.notify", None, reading(ReplyReceived)),
            Route("tandem.matching", None, reading(ExpertPlaced), lanes=1),
        ],
        workers=[alarm.watch, rounds.draw],
        own=[ShortlistComputed],
    )
