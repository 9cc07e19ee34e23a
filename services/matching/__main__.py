"""Entry point of matching: `python -m services.matching`."""

from services.matching.app import service
from shared.runtime.process import run

if __name__ == "__main__":
    run(service)
