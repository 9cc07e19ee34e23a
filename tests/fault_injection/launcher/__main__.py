"""Runs a service's module as it is, and ends it at a named point as SIGKILL does: `… services.intake --at before-commit --nth 5`.

The product has no hooks: what is wrapped here is wrapped in this process alone. `--bug` plants a fault (`planted.py`), `--poison`
names a file: while it is there, rules raise for every message whose subject its text is part of.
"""

import argparse
import os
import runpy
import signal
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from asyncpg.transaction import Transaction

from services.notify.emails import smtp
from shared.kafka import producer as kafka_producer
from shared.pipeline import outbox, relay, runner
from shared.pipeline.decider import step
from shared.pipeline.relay import Relay
from shared.runtime.service import Service
from tests.fault_injection.launcher import seeded_bugs
from tests.fault_injection.launcher.seeded_bugs import swap

Count = Callable[[], None]


def countdown(nth: int) -> Count:
    """Ends this process when it is called for the nth time."""
    left = nth

    def count() -> None:
        nonlocal left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    return count


def before(owner: Any, name: str, count: Count) -> None:
    wrapped = getattr(owner, name)

    async def counted(*arguments: Any, **named: Any) -> Any:
        count()
        return await wrapped(*arguments, **named)

    swap(owner, name, counted)


def after(owner: Any, name: str, count: Count) -> None:
    wrapped = getattr(owner, name)

    async def counted(*arguments: Any, **named: Any) -> Any:
        result = await wrapped(*arguments, **named)
        count()
        return result

    swap(owner, name, counted)


def at_commit(first: bool) -> Callable[[Count], None]:
    """Where a transaction that did not fail ends: before its COMMIT or after it."""

    def wrap(count: Count) -> None:
        wrapped = Transaction.__aexit__

        async def leaving(self: Transaction, kind: Any, error: Any, trace: Any) -> None:
            if kind is None and first:
                count()
            await wrapped(self, kind, error, trace)
            if kind is None and not first:
                count()

        swap(Transaction, "__aexit__", leaving)

    return wrap


def mid_batch(count: Count) -> None:
    wrapped: Any = step

    def counted(*arguments: Any) -> Any:
        count()
        return wrapped(*arguments)

    swap(runner, "step", counted)


def partly_acknowledged(count: Count) -> None:
    """Small record batches, so that a parcel takes several: after the first of them was acknowledged."""
    packed = relay.record_batches

    def counted(*arguments: Any) -> Iterator[Any]:
        for nth, batch in enumerate(packed(*arguments)):
            if nth:
                count()
            yield batch

    swap(relay, "record_batches", counted)
    swap(kafka_producer, "AIOKafkaProducer", lambda **how: AIOKafkaProducer(**how | {"max_batch_size": 2048}))


POINTS: Mapping[str, Callable[[Count], None]] = {
    "before-commit": at_commit(first=True),
    "after-commit": at_commit(first=False),
    "mid-batch": mid_batch,
    "before-outbox": lambda count: before(outbox, "insert", count),
    "before-offset-commit": lambda count: before(AIOKafkaConsumer, "commit", count),
    "after-acknowledgement": lambda count: after(Relay, "publish", count),
    "partly-acknowledged": partly_acknowledged,
    "before-own-door": lambda count: before(Service, "handle", count),
    "after-own-door": lambda count: after(Service, "handle", count),
    "before-mail": lambda count: before(smtp.SmtpConnection, "send", count),
    "after-mail": lambda count: after(smtp.SmtpConnection, "send", count),
}


def poison(file: Path) -> None:
    """Rules raise for subjects that hold the file's text."""
    wrapped: Any = step

    def stepping(decider: Any, states: Any, heard: Any) -> Any:
        if file.exists() and file.read_text() in heard.subject:
            raise LookupError("a rule that raises")
        return wrapped(decider, states, heard)

    swap(runner, "step", stepping)


def main() -> None:
    """Wraps what is asked for, and becomes the module."""
    asked = argparse.ArgumentParser()
    asked.add_argument("module")
    asked.add_argument("--at", choices=POINTS)
    asked.add_argument("--nth", type=int, default=1)
    asked.add_argument("--bug", choices=seeded_bugs.BUGS)
    asked.add_argument("--poison", type=Path)
    asked.add_argument("--largest", type=int)
    given = asked.parse_args()
    if given.at:
        POINTS[given.at](countdown(given.nth))
    if given.bug:
        seeded_bugs.BUGS[given.bug]()
    if given.poison:
        poison(given.poison)
    if given.largest:
        outbox.MAX_MESSAGE_BYTES = given.largest
    sys.argv = [given.module]
    runpy.run_module(given.module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
