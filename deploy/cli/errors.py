"""What went wrong around the services, as one sentence that says what to do."""

import errno
from collections.abc import Iterator

from deploy.errors import UserError

NEXT = "`tandem status` tells what runs, `make up` starts it"


def user_message(error: BaseException) -> str | None:
    """The sentence for an error that a person can mend; None for a fault of ours, whose traceback must be seen."""
    return next(_sentences(error), None)


def _sentences(error: BaseException) -> Iterator[str]:
    import asyncpg
    from aiokafka.errors import KafkaError
    from pydantic import ValidationError

    match error:
        case UserError():
            yield str(error)
        case OSError(errno=errno.ENOSPC):
            yield "The disk is full: make room and try again."
        case ConnectionError() | TimeoutError() | OSError(filename=None):
            yield f"The database or Kafka does not answer where STACK_DATABASE or `tandem up` says ({_plain(error)}): {NEXT}."
        case asyncpg.InvalidAuthorizationSpecificationError() | asyncpg.InvalidCatalogNameError():
            yield f"PostgreSQL lets us in nowhere ({_plain(error)}): mend user, password or database in STACK_DATABASE."
        case asyncpg.ClientConfigurationError():
            yield "STACK_DATABASE is no address: write postgresql://user:password@host:port/database."
        case asyncpg.UndefinedTableError() | asyncpg.InvalidSchemaNameError():
            yield "The tables are not there: run `tandem db migrate`."
        case asyncpg.PostgresConnectionError():
            yield f"PostgreSQL takes no connections now ({_plain(error)}): wait a moment and try again."
        case KafkaError():
            yield f"Kafka does not answer, or refuses ({type(error).__name__}): {NEXT}."
        case ValidationError(title="ExternalStackSettings"):
            names = ", ".join(f"STACK_{place['loc'][0]}".upper() for place in error.errors())
            yield f"STACK_DATABASE is set, and so is the rest to be: mend {names}, or unset it to use the stack that runs here."


def _plain(error: BaseException) -> str:
    return (getattr(error, "strerror", None) or str(error) or type(error).__name__).strip().rstrip(".")
