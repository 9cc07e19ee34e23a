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
    """Publish events of every kind as a partner, and answer on the pages that the mails link to, as people would."""
    import asyncio
    import secrets

    from deploy import async_tools
    from deploy.simulator import Counts, PartnerEvents, Publisher, simulating, today
    from deploy.stack import current_stack

    endpoints, chosen = current_stack.endpoints(), secrets.randbelow(10**6) if seed is None else seed
    typer.echo(f"Seed {chosen}; Ctrl-C ends it.")
    counts = Counts()
    simulated = PartnerEvents(chosen, partner, lambda: today(endpoints), bad, hot)

    async def publish(publisher: Publisher) -> None:
        await publisher.say_all(partner, simulated.events(), rate, seconds)
        await publisher.settled()
        await asyncio.sleep(3)

    async def run() -> None:
        async with simulating(endpoints, partner, chosen, counts) as publisher:
            publishing = asyncio.create_task(publish(publisher))
            while not publishing.done():
                await asyncio.wait([publishing], timeout=1)
                typer.echo(counts.line())
            publishing.result()

    async_tools.run(run())
