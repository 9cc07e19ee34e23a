"""Starts matching: `python -m services.matching`."""

from services.matching.app import service
from shared import policy
from shared.service import run
from shared.settings import Settings

if __name__ == "__main__":
    settings = Settings.read()
    run(service(policy.read(settings.policy)), settings)
