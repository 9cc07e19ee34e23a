"""Starts notify's pages: `python -m services.notify.pages`."""

from services.notify.app import pages
from shared import policy
from shared.service import run
from shared.settings import Settings

if __name__ == "__main__":
    settings = Settings.read()
    chosen = policy.read(settings.policy)
    run(pages(chosen, settings), settings)
