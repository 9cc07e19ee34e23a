"""Repeated lines are limited to one per interval.

During an outage, each retry of a library and of our code logs a line.
"""

import logging
import time

INTERVAL = 10.0
"""Seconds between two lines of the same kind."""
MAX_KINDS = 1000
RETRIED_EVENTS = frozenset(
    {
        "database_unavailable",
        "kafka_unavailable",
        "library_error",
        "library_warning",
        "linger_poll_failed",
        "mail_server_unavailable",
        "offset_commit_failed",
        "page_unavailable",
        "policy_file_unreadable",
        "poll_failed",
        "publish_failed",
        "topic_unknown",
    }
)
"""Our events that are logged again at each retry. All others pass unlimited."""


class RepeatFilter(logging.Filter):
    """Passes one line of a kind in each interval; the next one has the number of those `suppressed` since then.

    A kind is one of our retried events, or the template of a library's message, without its arguments.
    """

    def __init__(self) -> None:
        super().__init__()
        self._next_at, self._suppressed = dict[str, float](), dict[str, int]()

    def filter(self, record: logging.LogRecord) -> bool:
        kind = _kind(record)
        if kind is None:
            return True
        now = time.monotonic()
        if now < self._next_at.get(kind, 0):
            self._suppressed[kind] = self._suppressed.get(kind, 0) + 1
            return False
        if len(self._next_at) >= MAX_KINDS:
            self._next_at.clear()
        self._next_at[kind] = now + INTERVAL
        if suppressed := self._suppressed.pop(kind, 0):
            _note(record, suppressed)
        return True


def _kind(record: logging.LogRecord) -> str | None:
    """Return the kind of a line that may repeat; None for a line that always passes."""
    if isinstance(record.msg, dict):
        event = str(record.msg.get("event"))
        return event if event in RETRIED_EVENTS else None
    return f"{record.name} {record.msg}"


def _note(record: logging.LogRecord, suppressed: int) -> None:
    if isinstance(record.msg, dict):
        record.msg = record.msg | {"suppressed": suppressed}
    else:
        record.suppressed = suppressed
