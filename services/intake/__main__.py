"""Starts intake: `python -m services.intake`."""

from services.intake.app import service
from shared.runtime.service import run
from shared.settings import Settings

if __name__ == "__main__":
    settings = Settings.read()
    run(service(settings), settings)
