"""Structured log: one JSON object per line on standard output. Ids, codes and counts only; never message content."""

import logging
import sys
import traceback
from pathlib import Path
from typing import Any

import structlog

from shared.log_limit import RepeatFilter

log: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger()

_PROCESSORS: list[structlog.typing.Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.ExtraAdder(allow=["suppressed"]),
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]


def configure(level: str, **context: str) -> None:
    """Log our events from `level` up, and those of libraries from ERROR up, to standard output, each with `context`.

    Repeated lines are limited to one per interval."""
    handler = logging.StreamHandler(sys.stdout)
    handler.addFilter(RepeatFilter())
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=_PROCESSORS,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, structlog.processors.JSONRenderer()],
        )
    )
    logging.basicConfig(handlers=[handler], level=logging.ERROR, force=True)
    logging.getLogger("tandem").setLevel(level)
    structlog.configure(
        processors=[*_PROCESSORS, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=lambda *_: logging.getLogger("tandem"),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    structlog.contextvars.bind_contextvars(**context)


class LibraryLogAdapter:
    """Logger for a library: logs its warnings and errors as our events.

    Only the type and the location of an exception are logged, because its text may hold content.
    """

    def log(self, level: int, msg: Any, /, *, exc_info: Any = None, extra: Any = None) -> None:
        event = "library_error" if level >= logging.ERROR else "library_warning"
        if exc_info:
            frames = traceback.extract_tb(exc_info.__traceback__)
            location = f"{frames[-1].name}, {Path(frames[-1].filename).name} line {frames[-1].lineno}" if frames else None
            log.log(level, event, error=type(exc_info).__name__, location=location)
        elif level >= logging.WARNING:
            log.log(level, event, detail=str(msg))
