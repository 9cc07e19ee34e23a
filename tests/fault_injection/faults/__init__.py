"""The faults, by what they break."""

from collections.abc import Sequence

from tests.fault_injection.faults import (
    bad_emails,
    bad_input,
    broker,
    crashes,
    database,
    heavy_records,
    load,
    mail,
    poison_messages,
    processes,
    transactions,
    undecodable_records,
)
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
    *bad_emails.FAULTS,
    *undecodable_records.FAULTS,
    *transactions.FAULTS,
    *heavy_records.FAULTS,
]
