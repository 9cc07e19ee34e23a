"""The wiring of matching."""

from services.matching import shortlist_worker, store
from services.matching.domain.decider import decider
from services.matching.domain.inputs import ShortlistComputed
from shared.kafka.decoding import decoder_for
from shared.kafka.route import Route
from shared.messages.intake import ExpertNotYetEligible, ExpertRegistered, VacancyOpened
from shared.messages.matching import ExpertPlaced
from shared.messages.notify import ReplyReceived
from shared.pipeline.component import Component
from shared.pipeline.timer_scheduler import TIMERS
from shared.programme.local_dates import preload_holidays
from shared.programme.policy import load_policy
from shared.runtime.service import Service
from shared.settings import Settings

SHORTLISTS = Component(effect_handlers=store.EFFECT_HANDLERS, workers=[shortlist_worker.run], local_inputs=[ShortlistComputed])


def service(settings: Settings) -> Service:
    preload_holidays()
    return Service(
        "matching",
        decider(load_policy(settings.policy)),
        stores=store.STORES,
        routes=[
            Route(topic="tandem.intake", decode=decoder_for(ExpertRegistered, ExpertNotYetEligible, VacancyOpened)),
            Route(topic="tandem.notify", decode=decoder_for(ReplyReceived)),
            Route(topic="tandem.matching", decode=decoder_for(ExpertPlaced), concurrency=1),
        ],
        components=[TIMERS, SHORTLISTS],
    )
