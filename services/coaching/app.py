"""The wiring of coaching."""

from services.coaching import store
from services.coaching.domain.decider import decider
from shared.kafka.decoding import decoder_for
from shared.kafka.route import Route
from shared.messages.intake import OrganisationRegistered, ReadinessCompleted, ReadinessProgressed, VacancyOpened
from shared.messages.matching import TandemFormed
from shared.messages.notify import ReplyReceived
from shared.pipeline.timer_scheduler import TIMERS
from shared.programme.local_dates import preload_holidays
from shared.programme.policy import load_policy
from shared.runtime.service import Service
from shared.settings import Settings


def service(settings: Settings) -> Service:
    preload_holidays()
    return Service(
        "coaching",
        decider(load_policy(settings.policy)),
        stores=store.STORES,
        routes=[
            Route(topic="tandem.matching", decode=decoder_for(TandemFormed)),
            Route(
                topic="tandem.intake",
                decode=decoder_for(OrganisationRegistered, VacancyOpened, ReadinessProgressed, ReadinessCompleted),
            ),
            Route(topic="tandem.notify", decode=decoder_for(ReplyReceived)),
        ],
        components=[TIMERS],
    )
