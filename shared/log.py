"""The log: one JSON object a line on standard output. Ids, codes and counts only; never what a message holds."""

import logging
import sys
import traceback
from pathlib import Path
from typing import Any

import structlog

log: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger()

_SHARED: list[structlog.typing.Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]


def configure(level: str, **always: str) -> None:
    """Sends our own lines from `level` on, and the libraries' from ERROR on, to standard output; `always` stands in each line."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=_SHARED,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, structlog.processors.JSONRenderer()],
        )
    )
    logging.basicConfig(handlers=[handler], level=logging.ERROR, force=True)
    logging.getLogger("tandem").setLevel(level)
    structlog.configure(
        processors=[*_SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=lambda *_: logging.getLogger("tandem"),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    structlog.contextvars.bind_contextvars(**always)


class LibraryLogAdapter:
    """A library's own warnings as lines of ours. Of an error only its kind and place: its words could hold content."""

    def log(self, level: int, msg: Any, /, *, exc_info: Any = None, extra: Any = None) -> None:
        if exc_info:
            frames = traceback.extract_tb(exc_info.__traceback__)
            place = f"{frames[-1].name}, {Path(frames[-1].filename).name} line {frames[-1].lineno}" if frames else None
            log.log(level, "trouble in a library", error=type(exc_info).__name__, place=place)
        elif level >= logging.WARNING:
            log.log(level, str(msg))
