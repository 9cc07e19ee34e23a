"""Entry point of notify: `python -m services.notify`."""

from services.notify.app import service
from shared.runtime.process import run

if __name__ == "__main__":
    run(service)
