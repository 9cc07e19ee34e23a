"""Receipts as text for the terminal."""

from collections.abc import Iterator, Sequence

from rich.markup import escape

from deploy.partner_client.record import ReceiptData
from services.intake.problems import SEE_ERRORS

COLOURS = {"accepted": "green", "duplicate": "yellow", "conflict": "red", "rejected": "red"}


def receipt_lines(name: str, receipt: ReceiptData, verdict: str) -> Iterator[str]:
    """Yield a receipt as lines of rich markup: the verdict, and below it the details and the next step."""
    id = f"  Tandem id: {receipt['tandem_id']}" if receipt.get("tandem_id") else ""
    yield f"[{COLOURS[receipt['outcome']]}]{verdict}[/]  {escape(name)}  {escape(receipt.get('event_id') or '')}[dim]{id}[/]"
    if problem := receipt.get("problem"):
        retry = "; it may be accepted later" if problem.get("retryable") else ""
        detail = problem["detail"].replace(f" {SEE_ERRORS}", "")  # they follow
        yield f"    [bold]{escape(problem['title'])}[/] ({problem['status']}{retry}). {escape(detail)}"
        yield from (f"    [red]{escape(error['pointer'])}[/]  {escape(error['detail'])}" for error in problem.get("errors", ()))
        yield from _code_list("missing", problem.get("missing"))
    yield from (f"    [yellow]{escape(advice['pointer'])}[/]  {escape(advice['detail'])}" for advice in receipt.get("advice", ()))
    scope = " of this vacancy" if receipt.get("about", "").startswith("vacancy/") else ""
    yield from _code_list("before a vacancy (gate B)", receipt.get("missing_b"))
    yield from _code_list(f"before the first day{scope} (gate S)", receipt.get("missing_s"))
    if receipt.get("missing_b") or receipt.get("missing_s"):
        yield "    [dim]`tandem contract items` explains each code[/]"
    unknown = [*receipt.get("unknown_attributes", ()), *receipt.get("unknown_fields", ())]
    yield from _code_list("not in the contract", unknown)


def _code_list(title: str, codes: Sequence[str] | None) -> Iterator[str]:
    if codes:
        yield f"    [dim]{title}:[/] {escape(', '.join(codes))}"
