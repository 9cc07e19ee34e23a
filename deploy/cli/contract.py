"""`tandem contract`: for developers of a partner's system: kinds, examples, schemas; check and send events by hand."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from deploy.cli.partner import Partner
from deploy.errors import UserError

if TYPE_CHECKING:
    from datetime import datetime

    from deploy.partner_client.record import EventRecord

app = typer.Typer(no_args_is_help=True, help="The contract with partners: kinds, examples, schemas; check or send events.")

Files = Annotated[list[Path] | None, typer.Argument(metavar="[FILE…]", help="one event, or one per line; default: standard input")]
Kind = Annotated[str, typer.Argument(metavar="KIND", help="see `tandem contract kinds`")]


@app.command()
def kinds() -> None:
    """List the kinds that a partner may publish."""
    from rich.console import Console
    from rich.table import Table

    from services.intake.contract import KINDS, type_name

    table = Table("Kind", "Description", box=None)
    for kind, majors in KINDS.items():
        description = (majors[max(majors)].__doc__ or "").partition("\n")[0]
        table.add_row(kind, f"{description}\n[dim]{type_name(kind, max(majors))}")
    Console().print(table)


@app.command()
def items() -> None:
    """List the items of the readiness catalogue, whose codes appear in receipts."""
    from rich.console import Console
    from rich.table import Table

    from shared.programme.readiness_catalogue import readiness_items

    required_before = {"B": "the vacancy", "S": "the first day", "A": "advice"}
    conditions = {"always": "", "municipality": " [dim](only for some sectors)", "tandem": " [dim](only with a tandem partner)"}
    table = Table("Code", "Answered for", "Required before", "Requirement", box=None)
    for item in readiness_items().values():
        implied = " [dim](answered by the event itself)" if item.answered_by else ""
        required = required_before[item.gate] + conditions[item.condition]
        table.add_row(item.code, item.scope, required, item.english + implied)
    Console().print(table)


@app.command()
def example(kind: Kind, partner: Partner = "demo") -> None:
    """Print a valid event of a kind, with a new id, as a starting point. Its dates follow the clock of the stack that runs."""
    import secrets

    from services.intake.contract import example

    _print_json(example(_known(kind), partner, f"example-{secrets.token_hex(6)}", _now().replace(microsecond=0)))


@app.command()
def schema(kind: Kind) -> None:
    """Print the JSON Schema of a kind's events."""
    from services.intake.contract import schema

    _print_json(schema(_known(kind)))


@app.command()
def check(files: Files = None, partner: Partner = "demo") -> None:
    """Validate events without sending them, by the clock of the stack that runs. Exits with 1 if one would be rejected."""
    from deploy.partner_client.check import check
    from deploy.partner_client.receipts_view import receipt_lines

    outcomes, now = [], _now()
    _print_assumed_date(now)
    for record, outcome in check(partner, _events(files), now):
        outcomes.append(outcome["outcome"])
        _print_lines(receipt_lines(record.name, outcome, "valid" if outcome["outcome"] == "accepted" else "would be rejected"))
    _exit_unless_accepted(outcomes)


@app.command()
def send(
    files: Files = None,
    partner: Partner = "demo",
    kafka: Annotated[str | None, typer.Option(help="bootstrap servers; default: the current stack")] = None,
    wait: Annotated[float, typer.Option(help="seconds to wait for the receipts")] = 30,
) -> None:
    """Publish events as a partner and print their receipts. Exits with 1 if one was not accepted."""
    import asyncio

    from deploy.partner_client.receipts_view import receipt_lines
    from deploy.partner_client.send import NotPublished, send
    from deploy.stack import current_stack

    records, bootstrap = _events(files), kafka or current_stack.endpoints().kafka

    async def send_all() -> list[str]:
        outcomes = []
        async for record, receipt in send(bootstrap, partner, records, wait):
            if isinstance(receipt, NotPublished):
                outcomes.append("not sent")
                typer.echo(f"{record.name} {receipt.reason}.", err=True)
            else:
                outcomes.append(receipt["outcome"])
                _print_lines(receipt_lines(record.name, receipt, receipt["outcome"]))
        return outcomes

    _exit_unless_accepted(asyncio.run(send_all()))


def _events(files: list[Path] | None) -> list["EventRecord"]:
    from deploy.partner_client.event_files import parse_events

    if not files:
        return parse_events(Path("stdin"), sys.stdin.buffer.read())
    try:
        return [event for file in files for event in parse_events(file, file.read_bytes())]
    except OSError as error:
        raise UserError(f"{error.filename} cannot be read: {error.strerror}.") from None


def _now() -> "datetime":
    """The time by which the current stack judges events; the real time if there is none."""
    from deploy.operations import dev_clock
    from deploy.stack import current_stack

    file = current_stack.clock_file()
    return dev_clock.stack_now(file) if file else dev_clock.real_now()


def _print_assumed_date(now: "datetime") -> None:
    """Print by which date events are checked, if it is not today's."""
    from deploy.operations import dev_clock

    if now.astimezone().date() != dev_clock.real_now().astimezone().date():
        typer.echo(f"Checked as on {now.astimezone():%Y-%m-%d}: the stack's clock shows that date.")


def _known(kind: str) -> str:
    from services.intake.contract import KINDS

    if kind not in KINDS:
        raise UserError(f"Unknown kind {kind}. The kinds are {', '.join(KINDS)}.")
    return kind


def _print_json(value: Any) -> None:
    import json

    typer.echo(json.dumps(value, ensure_ascii=False, indent=2))


def _print_lines(lines: Any) -> None:
    from rich.console import Console

    console = Console(highlight=False, soft_wrap=True)
    for line in lines:
        console.print(line)


def _exit_unless_accepted(outcomes: list[str]) -> None:
    if not set(outcomes) <= {"accepted", "duplicate"}:
        raise typer.Exit(1)
