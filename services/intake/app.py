"""The wiring of intake."""

from services.intake.domain.decider import decider
from services.intake.grants import PartnerGrants
from services.intake.identity import identify_with
from services.intake.ingress import TOPIC, decoder
from services.intake.store import SQL, STORES
from shared.kafka.route import Route
from shared.pipeline.component import Component, WorkerContext
from shared.programme.policy import load_policy
from shared.runtime.maintenance import delete_in_batches
from shared.runtime.service import Service
from shared.settings import Settings, strong_secret

PURGE_INTERVAL = 3600.0


def service(settings: Settings) -> Service:
    policy = load_policy(settings.policy)
    secret = strong_secret(settings.person_secret, "TANDEM_PERSON_SECRET", "it keys the hashes of people")
    partners = PartnerGrants(policy, settings.policy)
    return Service(
        "intake",
        decider(policy, identify_with(secret)),
        stores=STORES,
        routes=[Route(pattern=TOPIC.pattern, decode=decoder(partners.grants))],
        components=[Component(workers=[purge_accepted_events])],
    )


async def purge_accepted_events(service: WorkerContext) -> None:
    """Delete accepted events older than the period for which the contract promises to detect duplicates."""
    while await service.sleep_until_stop(PURGE_INTERVAL):
        await delete_in_batches(service, SQL["purge_accepted_events"])
