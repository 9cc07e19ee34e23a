"""Starts notify's worker: `python -m services.notify`."""

from services.notify.app import service
from shared.programme import policy
from shared.runtime.service import run
from shared.settings import Settings

if __name__ == "__main__":
    settings = Settings.read()
    chosen = policy.load_policy(settings.policy)
    run(service(chosen, settings), settings)
