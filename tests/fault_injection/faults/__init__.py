"""The faults, by what they break."""

from collections.abc import Sequence

from tests.fault_injection.faults import bad_input, broker, crashes, database, load, mail, poison_messages, processes
from tests.fault_injection.faults.fault import Fault

FAULTS: Sequence[Fault] = [
    *crashes.FAULTS,
    *processes.FAULTS,
    *load.FAULTS,
    *database.FAULTS,
    *broker.FAULTS,
    *mail.FAULTS,
    *poison_messages.FAULTS,
    *bad_input.FAULTS,
]
