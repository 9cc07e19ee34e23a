"""Starts notify's worker: `python -m services.notify`."""

from services.notify.app import service
from shared import policy
from shared.service import run
from shared.settings import Settings

if __name__ == "__main__":
    settings = Settings.read()
    chosen = policy.read(settings.policy)
    run(service(chosen, settings), settings)
