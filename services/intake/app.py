"""Intake, put together: the partners' topics in, receipts and facts out."""

from services.intake.domain import decider
from services.intake.edge import TOPIC, reading
from services.intake.partners import Partners
from services.intake.store import ROWS, SQL
from shared.policy import read
from shared.service import Route, Service
from shared.settings import Settings
from shared.upkeep import repeatedly

HOUR = 3600.0


def service(settings: Settings) -> Service:
    """The service as the settings want it. Raises what `shared.policy.read` raises."""
    policy = read(settings.policy)
    partners = Partners(policy, settings.policy)
    return Service(
        "intake",
        decider(policy),
        rows=ROWS,
        routes=[Route(topic=None, pattern=TOPIC.pattern, read=reading(partners.grants))],
        workers=[forget],
    )


async def forget(service: Service) -> None:
    """Once an hour lets go of accepted events older than the contract promises to remember, in portions."""
    while await service.pause(HOUR):
        await repeatedly(service, SQL["forget_submissions"])
