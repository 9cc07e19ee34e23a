"""What can go wrong in the pipeline, and how an error is told without telling what was in the message."""

import traceback
from pathlib import Path

import asyncpg

PROJECT_ROOT = Path(__file__).parents[1]


class TandemError(Exception):
    """An error whose text is ours: it holds no word of a message and may be logged and shown."""


class DecodeError(TandemError):
    """The bytes of a record are not what they should be; says where, never what stands there."""


class MessageTooLarge(TandemError):
    """A message that follows is larger than a record may be."""


class UnknownTopic(TandemError):
    """A topic that the topology does not know; a message for it cannot leave."""

    def __init__(self, topic: str) -> None:
        super().__init__(f"{topic} is not in the topology: run `tandem kafka apply`")


class TopicNotDeclared(UnknownTopic):
    """A topic that we hear already, while the topology does not know it yet."""


class TopicRecreated(TandemError):
    """A topic that we use was deleted and made again: its positions begin again, at the next start."""


class NotProvisioned(TandemError):
    """The database or the bus lacks what a service needs to start; says which command makes it."""


class DeciderFailed(TandemError):
    """A rule raised what only the database or the network should raise; waiting would not mend it."""


class ConnectionLost(TandemError):
    """The connection was lost in the middle of a statement."""


TRANSIENT_ERRORS: tuple[type[Exception], ...] = (
    OSError,
    TimeoutError,
    ConnectionLost,
    asyncpg.PostgresConnectionError,
    asyncpg.InternalClientError,  # a statement begun on a connection that is just being lost
    asyncpg.OperatorInterventionError,  # shutdown, crash, not yet started, cancelled
    asyncpg.TransactionRollbackError,  # deadlock, serialization
    asyncpg.InsufficientResourcesError,  # disk, memory, connections, locks
    asyncpg.IdleInTransactionSessionTimeoutError,  # the process was frozen while it held locks
    asyncpg.ReadOnlySQLTransactionError,  # a standby answers
    asyncpg.InvalidCachedStatementError,  # a table was altered under a prepared statement
)
"""What passes by itself: it is waited out with the batch in hand. asyncpg's InterfaceError is none: one bad value raises it too."""

FATAL_ERRORS: tuple[type[Exception], ...] = (NotProvisioned, TopicRecreated)
"""What is wrong with the service, not with a message: it ends the process, as parking would park all traffic."""


def safe_error_text(error: BaseException) -> str:
    """One line about an error without any content: our own words, or the place in our code where it was raised."""
    if isinstance(error, TandemError):
        return str(error)
    ours = [f for f in traceback.extract_tb(error.__traceback__) if Path(f.filename).is_relative_to(PROJECT_ROOT / "services")]
    frames = ours or list(traceback.extract_tb(error.__traceback__))
    last = frames[-1] if frames else None
    return f"raised in {last.name}, {Path(last.filename).name} line {last.lineno}" if last else "raised nowhere"
