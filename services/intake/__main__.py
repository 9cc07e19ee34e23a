"""Entry point of intake: `python -m services.intake`."""

from services.intake.app import service
from shared.runtime.process import run

if __name__ == "__main__":
    run(service)
