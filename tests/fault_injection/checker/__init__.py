"""The auditor: what must hold after whatever happened, told by what can be seen from outside. Pure."""

from tests.fault_injection.checker import messages, rows
from tests.fault_injection.history.model import History as History
from tests.fault_injection.history.model import Violation as Violation


def check(evidence: History) -> list[Violation]:
    """All that does not hold; so many messages may be parked."""
    return sorted({*messages.audit(evidence), *rows.audit(evidence)})
