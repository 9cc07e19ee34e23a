"""The transient errors, those of the PostgreSQL driver included."""

import asyncpg

from shared.errors import TransientError

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
"""Not asyncpg.InterfaceError: a single invalid value raises it too."""
