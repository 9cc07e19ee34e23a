"""Coaching as it is put together, read from top to bottom."""

from services.coaching import store
from services.coaching.domain.decider import decider
from shared.kafka.consumer import decoder_for
from shared.messages.intake import OrganisationRegistered, ReadinessCompleted, ReadinessProgressed, VacancyOpened
from shared.messages.matching import TandemFormed
from shared.messages.notify import ReplyReceived
from shared.pipeline import timer_scheduler
from shared.programme.local_dates import preload_holidays
from shared.programme.policy import Policy
from shared.runtime.service import Route, Service


def service(policy: Policy) -> Service:
    """Coaching under a programme's choices, ready to run."""
    preload_holidays()
    return Service(
        "coaching",
        decider(policy),
        stores=[store.Tandems(), store.Readinesses("organisation"), store.Readinesses("vacancy")],
        effect_handlers=timer_scheduler.EFFECT_HANDLERS,
        routes=[
            Route("tandem.matching", None, decoder_for(TandemFormed)),
            Route(
                "tandem.intake", None, decoder_for(OrganisationRegistered, VacancyOpened, ReadinessProgressed, ReadinessCompleted)
            ),
            Route("tandem.notify", None, decoder_for(ReplyReceived)),
        ],
        workers=[timer_scheduler.fire_due_timers],
    )
