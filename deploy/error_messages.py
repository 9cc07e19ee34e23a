"""One-sentence messages for errors that the user can fix, each with the remedy."""

import errno
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from deploy.errors import UserError

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

CHECK_STATUS = "`tandem status` shows what runs, `make up` starts it"


@contextmanager
def exit_with_message() -> Iterator[None]:
    """End the process with the sentence for an error that the user can fix; a bug keeps its traceback."""
    try:
        yield
    except Exception as error:
        if (message := user_message(error)) is None:
            raise
        sys.exit(message)


def user_message(error: BaseException) -> str | None:
    """The sentence for an error that the user can fix, or None for a bug, whose traceback must be shown."""
    return next(_sentences(error), None)


def _sentences(error: BaseException) -> Iterator[str]:
    match error:
        case UserError():
            yield str(error)
        case OSError(errno=errno.ENOSPC):
            yield "The disk is full: free up space and try again."
        case ConnectionError() | TimeoutError() | OSError(filename=None):
            yield f"The stack's database or Kafka does not answer ({_plain(error)}): {CHECK_STATUS}; or correct STACK_DATABASE."
    libraries = {kind.__module__.partition(".")[0] for kind in type(error).__mro__}
    for library, sentences in LIBRARIES.items():
        if library in libraries:
            yield from sentences(error)


def _database_sentences(error: BaseException) -> Iterator[str]:
    import asyncpg

    match error:
        case asyncpg.InvalidAuthorizationSpecificationError() | asyncpg.InvalidCatalogNameError():
            yield f"PostgreSQL refuses the connection ({_plain(error)}): correct user, password or database in STACK_DATABASE."
        case asyncpg.ClientConfigurationError():
            yield "STACK_DATABASE is not a valid URL: write postgresql://user:password@host:port/database."
        case asyncpg.UndefinedTableError() | asyncpg.InvalidSchemaNameError():
            yield "The tables do not exist: run `tandem db migrate`."
        case asyncpg.PostgresConnectionError():
            yield f"PostgreSQL accepts no connections at the moment ({_plain(error)}): wait a moment and try again."


def _kafka_sentences(error: BaseException) -> Iterator[str]:
    from aiokafka.errors import KafkaError

    if isinstance(error, KafkaError):
        yield f"Kafka does not answer or refuses the request ({type(error).__name__}): {CHECK_STATUS}."


def _settings_sentences(error: BaseException) -> Iterator[str]:
    from pydantic import ValidationError

    match error:
        case ValidationError(title="ExternalStackSettings"):
            names = " and ".join(dict.fromkeys(f"STACK_{place['loc'][0]}".upper() for place in error.errors()))
            yield (
                f"STACK_… variables name a stack elsewhere, so {names} must be set and valid too: set it, or unset them all "
                "for the stack of this checkout."
            )
        case ValidationError(title="Declaration"):
            yield f"topology.toml must be corrected: {'; '.join(map(_describe, error.errors()))}."


def _describe(error: "ErrorDetails") -> str:
    from shared.error_text import validation_text

    place = ".".join(map(str, error["loc"]))
    return f"{place}: {validation_text(error)}" if place else validation_text(error)


def _tandem_sentences(error: BaseException) -> Iterator[str]:
    from shared.errors import TandemError

    if isinstance(error, TandemError):
        yield str(error)


LIBRARIES = {
    "shared": _tandem_sentences,
    "asyncpg": _database_sentences,
    "aiokafka": _kafka_sentences,
    "pydantic_core": _settings_sentences,
}
"""Handlers by the library that raises; each is imported only for its own errors, because these imports take half a second."""


def _plain(error: BaseException) -> str:
    return (getattr(error, "strerror", None) or str(error) or type(error).__name__).strip().rstrip(".")
