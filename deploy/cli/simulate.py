"""`tandem simulate`: generated load for the running stack."""

from typing import Annotated

import typer

from deploy.cli.partner import Partner


def simulate(
    rate: Annotated[float, typer.Option(help="events per second")] = 20,
    seconds: Annotated[float, typer.Option(help="duration")] = 60,
    seed: Annotated[int | None, typer.Option(help="the same seed gives the same events; default: random")] = None,
    partner: Partner = "demo",
    bad: Annotated[float, typer.Option(min=0, max=1, help="share of events that are followed by an invalid one")] = 0.1,
    hot: Annotated[float, typer.Option(min=0, max=1, help="share of events about one organisation")] = 0,
) -> None:
    """Publish events of every kind as a partner, and answer on the pages that the emails link to, as people would."""
    import asyncio
    import secrets

    from deploy import async_tools
    from deploy.demo.context import local_today
    from deploy.simulator.partner_events import PartnerEvents
    from deploy.simulator.run import Simulation, publish_at_rate, simulation
    from deploy.stack import current_stack

    endpoints, chosen = current_stack.endpoints_with_people(), secrets.randbelow(10**6) if seed is None else seed
    typer.echo(f"Seed {chosen}; Ctrl-C ends it.")
    events = PartnerEvents(chosen, partner, lambda: local_today(endpoints.clock), bad, hot).events()

    async def publish(running: Simulation) -> None:
        await publish_at_rate(running.publisher, partner, events, rate, seconds)
        await running.publisher.flush()
        await asyncio.sleep(3)

    async def run() -> None:
        async with simulation(endpoints, partner, chosen) as running:
            publishing = asyncio.create_task(publish(running))
            while not publishing.done():
                await asyncio.wait([publishing], timeout=1)
                typer.echo(running.summary())
            publishing.result()

    async_tools.run(run())
