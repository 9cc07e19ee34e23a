"""Intake, put together: the partners' topics in, receipts and facts out."""

from services.intake.domain.decider import decider
from services.intake.grants import PartnerGrants
from services.intake.ingress import TOPIC, decoder
from services.intake.store import SQL, STORES
from shared.kafka.route import Route
from shared.programme.policy import load_policy
from shared.runtime.maintenance import delete_in_batches
from shared.runtime.service import Service
from shared.settings import Settings

HOUR = 3600.0


def service(settings: Settings) -> Service:
    """The service as the settings want it. Raises what `shared.policy.read` raises."""
    policy = load_policy(settings.policy)
    partners = PartnerGrants(policy, settings.policy)
    return Service(
        "intake",
        decider(policy),
        stores=STORES,
        routes=[Route(pattern=TOPIC.pattern, decode=decoder(partners.grants))],
        workers=[forget],
    )


async def forget(service: Service) -> None:
    """Once an hour lets go of accepted events older than the contract promises to remember, in portions."""
    while await service.sleep_until_stop(HOUR):
        await delete_in_batches(service, SQL["purge_accepted_events"])
