"""Matching as it is put together, read from top to bottom."""

from services.matching import shortlist_worker, store
from services.matching.domain.decider import decider
from services.matching.domain.inputs import ShortlistComputed
from shared.kafka.decoding import decoder_for
from shared.kafka.route import Route
from shared.messages.intake import ExpertNotYetEligible, ExpertRegistered, VacancyOpened
from shared.messages.matching import ExpertPlaced
from shared.messages.notify import ReplyReceived
from shared.pipeline import timer_scheduler
from shared.programme.local_dates import preload_holidays
from shared.programme.policy import Policy
from shared.runtime.service import Service


def service(policy: Policy) -> Service:
    """Matching under a programme's choices, ready to run."""
    preload_holidays()
    return Service(
        "matching",
        decider(policy),
        stores=store.STORES,
        effect_handlers={**timer_scheduler.EFFECT_HANDLERS, **store.EFFECT_HANDLERS},
        routes=[
            Route(topic="tandem.intake", decode=decoder_for(ExpertRegistered, ExpertNotYetEligible, VacancyOpened)),
            Route(topic="tandem.notify", decode=decoder_for(ReplyReceived)),
            Route(topic="tandem.matching", decode=decoder_for(ExpertPlaced), concurrency=1),
        ],
        workers=[timer_scheduler.fire_due_timers, shortlist_worker.run],
        local_inputs=[ShortlistComputed],
    )
