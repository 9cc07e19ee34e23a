"""Coaching as it is put together, read from top to bottom."""

from services.coaching import store
from services.coaching.domain.decider import decider
from shared.kafka.decoding import decoder_for
from shared.kafka.route import Route
from shared.messages.intake import OrganisationRegistered, ReadinessCompleted, ReadinessProgressed, VacancyOpened
from shared.messages.matching import TandemFormed
from shared.messages.notify import ReplyReceived
from shared.pipeline import timer_scheduler
from shared.programme.local_dates import preload_holidays
from shared.programme.policy import Policy
from shared.runtime.service import Service


def service(policy: Policy) -> Service:
    """Coaching under a programme's choices, ready to run."""
    preload_holidays()
    return Service(
        "coaching",
        decider(policy),
        stores=[store.Tandems(), store.Readinesses("organisation"), store.Readinesses("vacancy")],
        effect_handlers=timer_scheduler.EFFECT_HANDLERS,
        routes=[
            Route(topic="tandem.matching", decode=decoder_for(TandemFormed)),
            Route(
                topic="tandem.intake",
                decode=decoder_for(OrganisationRegistered, VacancyOpened, ReadinessProgressed, ReadinessCompleted),
            ),
            Route(topic="tandem.notify", decode=decoder_for(ReplyReceived)),
        ],
        workers=[timer_scheduler.fire_due_timers],
    )
