"""Starts coaching: `python -m services.coaching`."""

from services.coaching.app import service
from shared.programme import policy
from shared.runtime.service import run
from shared.settings import Settings

if __name__ == "__main__":
    settings = Settings.read()
    run(service(policy.load_policy(settings.policy)), settings)
