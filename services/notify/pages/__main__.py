"""Starts notify's pages: `python -m services.notify.pages`."""

from services.notify.app import pages
from shared.programme import policy
from shared.runtime.service import run
from shared.settings import Settings

if __name__ == "__main__":
    settings = Settings.read()
    chosen = policy.load_policy(settings.policy)
    run(pages(chosen, settings), settings)
