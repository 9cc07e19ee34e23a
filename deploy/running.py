"""Which stack runs in this checkout: the demo's in `var`, or the one of `tandem up` in `var/up`."""

from pathlib import Path

from deploy.endpoints import Endpoints
from deploy.occupancy import occupant
from deploy.trouble import Trouble

VAR = Path("var")
OWN = VAR / "up"


def endpoints() -> Endpoints:
    """Where the stack that runs is reached; Trouble when none runs."""
    from deploy.embedded import plan

    now = occupant(VAR)
    if now is None:
        raise Trouble("Nothing runs here: `make up` (or `tandem up`) starts the stack and the services.")
    return plan.load(now.folder).endpoints(now.folder.resolve())
