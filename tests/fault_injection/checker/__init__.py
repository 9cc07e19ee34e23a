"""The checker: compares a history with the promises of `docs/reliability.md`. Pure, and shares no code with the pipeline."""

from tests.fault_injection.checker import messages, rows
from tests.fault_injection.history.model import History, Violation


def check(history: History) -> list[Violation]:
    """Return all violations, sorted."""
    return sorted({*messages.check(history), *rows.check(history)})
