"""The auditor: what must hold after whatever happened, told by what can be seen from outside. Pure."""

from tests.faults.audit import messages, rows
from tests.faults.audit.evidence import Evidence as Evidence
from tests.faults.audit.evidence import Violation as Violation


def audit(evidence: Evidence) -> list[Violation]:
    """All that does not hold; so many messages may be parked."""
    return sorted({*messages.audit(evidence), *rows.audit(evidence)})
