"""`tandem simulate`: load for the stack that runs, out of a seed."""

from typing import Annotated

import typer

from deploy.cli.partner import Partner


def simulate(
    rate: Annotated[float, typer.Option(help="events a second")] = 20,
    seconds: Annotated[float, typer.Option(help="how long")] = 60,
    seed: Annotated[int | None, typer.Option(help="the same seed says the same; none: a new one")] = None,
    partner: Partner = "demo",
    bad: Annotated[float, typer.Option(min=0, max=1, help="share of events beside which a wrong one stands")] = 0.1,
    hot: Annotated[float, typer.Option(min=0, max=1, help="share of events about one organisation")] = 0,
) -> None:
    """Publish events of every kind as a partner, and answer as people do on the pages behind their mails."""
    import asyncio
    import secrets

    from deploy.simulator import Counts, PartnerEvents, Publisher, simulating, today
    from deploy.stack import async_main, current_stack

    endpoints, chosen = current_stack.endpoints(), secrets.randbelow(10**6) if seed is None else seed
    typer.echo(f"Seed {chosen}; Ctrl-C ends it.")
    counts = Counts()
    simulated = PartnerEvents(chosen, partner, lambda: today(endpoints), bad, hot)

    async def speak(speaker: Publisher) -> None:
        await speaker.say_all(partner, simulated.events(), rate, seconds)
        await speaker.settled()
        await asyncio.sleep(3)

    async def all_of_it() -> None:
        async with simulating(endpoints, partner, chosen, counts) as speaker:
            speaking = asyncio.create_task(speak(speaker))
            while not speaking.done():
                await asyncio.wait([speaking], timeout=1)
                typer.echo(counts.line())
            speaking.result()

    async_main.run(all_of_it())
