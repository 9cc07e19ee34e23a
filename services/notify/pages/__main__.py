"""Entry point of the pages of notify: `python -m services.notify.pages`."""

from services.notify.app import pages
from shared.runtime.process import run

if __name__ == "__main__":
    run(pages, "pages")
