"""Entry point of coaching: `python -m services.coaching`."""

from services.coaching.app import service
from shared.runtime.process import run

if __name__ == "__main__":
    run(service)
