"""The type of a fault."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from tests.fault_injection.run_context import RunContext

Inject = Callable[[RunContext], Awaitable[None]]


@dataclass(frozen=True)
class Fault:
    """A fault: `inject` puts the cluster under load and breaks something. QUICK omits those with `only_full`."""

    name: str
    inject: Inject
    only_full: bool = False
