"""Which stack the commands speak to: the one that the environment states, else the one that runs in this checkout."""

import os
from pathlib import Path

from deploy.endpoints import Endpoints
from deploy.occupancy import occupant
from deploy.trouble import Trouble

VAR = Path("var")
OWN = VAR / "up"


def endpoints() -> Endpoints:
    """Where it is reached; Trouble when the environment states none (`stated.py`) and none runs here."""
    from deploy.embedded import plan
    from deploy.stated import Stated

    if "STACK_DATABASE" in os.environ:
        return Stated().endpoints()

    now = occupant(VAR)
    if now is None:
        raise Trouble("Nothing runs here: `make up` (or `tandem up`) starts the stack and the services.")
    return plan.load(now.folder).endpoints(now.folder.resolve())
