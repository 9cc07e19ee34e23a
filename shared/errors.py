"""The errors of the pipeline, by what the pipeline does about them.

Transient: caused by the infrastructure and expected to pass. The batch is retried until it succeeds.
Fatal: something is wrong with the service, not with a message. The process ends; a dead letter per message would stop all traffic.
Poison: anything else, so also whatever a decider raises. Bisection finds the message, which becomes a dead letter.
"""

import asyncpg


class TandemError(Exception):
    """An error whose text is safe to log and to show: it contains no message content."""


class TransientError(TandemError):
    """An error that passes by itself; the same work is tried again."""


class FatalError(TandemError):
    """An error that ends the process."""


class PoisonError(TandemError):
    """An error of one message, which becomes a dead letter."""


class ConnectionLost(TransientError):
    """The connection to PostgreSQL was lost during a statement."""


class NotProvisioned(FatalError):
    """The database or Kafka lacks something that the service needs; the text names the command that creates it."""


class TopicRecreated(FatalError):
    """A topic in use was deleted and created again. Its offsets restart at zero, which the service applies at its next start."""


class DecodeError(PoisonError):
    """The bytes of a record are invalid; the text names the place, never the value."""


class MessageTooLarge(PoisonError):
    """An output message exceeds the size limit of a record."""


class DeciderFailed(PoisonError):
    """A decider raised what counts as transient elsewhere; a decider is pure, so that a retry would not help."""


class UnknownTopic(PoisonError):
    """An output message is for a topic that is not in the topology."""

    def __init__(self, topic: str) -> None:
        super().__init__(f"{topic} is not in the topology: run `tandem kafka apply`")


class TopicNotDeclared(UnknownTopic):
    """A batch comes from a topic that is not in the topology; the batch waits until it is."""


TRANSIENT_ERRORS: tuple[type[Exception], ...] = (
    TransientError,
    OSError,
    TimeoutError,
    asyncpg.PostgresConnectionError,
    asyncpg.InternalClientError,  # a statement started on a connection that is being lost
    asyncpg.OperatorInterventionError,  # shutdown, crash, not yet started, cancelled
    asyncpg.TransactionRollbackError,  # deadlock, serialization
    asyncpg.InsufficientResourcesError,  # disk, memory, connections, locks
    asyncpg.IdleInTransactionSessionTimeoutError,  # the process was frozen while it held locks
    asyncpg.ReadOnlySQLTransactionError,  # connected to a standby
    asyncpg.InvalidCachedStatementError,  # a table was altered under a prepared statement
)
"""Transient errors, those of the drivers included. Not asyncpg.InterfaceError: a single invalid value raises it too."""
