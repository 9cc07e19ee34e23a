"""The points at which a process can be made to crash."""

import os
import signal
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from asyncpg.transaction import Transaction

from services.notify.emails import smtp
from shared.kafka import producer
from shared.pipeline import outbox, relay, runner
from shared.pipeline.decider import step
from shared.pipeline.relay import Relay
from shared.runtime.service import Service
from tests.fault_injection.launcher.patching import call_after, call_before, replace

Hook = Callable[[], None]
SMALL_BATCH_BYTES = 2048


def crash_at_call(nth: int) -> Hook:
    """Return a hook that kills this process with SIGKILL at its nth call."""
    remaining = nth

    def count() -> None:
        nonlocal remaining
        remaining -= 1
        if remaining == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    return count


def _at_commit(*, before: bool) -> Callable[[Hook], None]:
    def install(hook: Hook) -> None:
        original = Transaction.__aexit__

        async def leave(self: Transaction, kind: Any, error: Any, trace: Any) -> None:
            if kind is None and before:
                hook()
            await original(self, kind, error, trace)
            if kind is None and not before:
                hook()

        replace(Transaction, "__aexit__", leave)

    return install


def _mid_batch(hook: Hook) -> None:
    original: Any = step

    def counted(*arguments: Any) -> Any:
        hook()
        return original(*arguments)

    replace(runner, "step", counted)


def _partly_acknowledged(hook: Hook) -> None:
    """Make record batches small, so that an outbox batch takes several, and call the hook after the first acknowledgement."""
    original = relay.build_record_batches

    def build_record_batches(*arguments: Any) -> Iterator[Any]:
        for index, batch in enumerate(original(*arguments)):
            if index:
                hook()
            yield batch

    replace(relay, "build_record_batches", build_record_batches)
    replace(producer, "AIOKafkaProducer", lambda **o: AIOKafkaProducer(**o | {"max_batch_size": SMALL_BATCH_BYTES}))


CRASH_POINTS: Mapping[str, Callable[[Hook], None]] = {
    "before-commit": _at_commit(before=True),
    "after-commit": _at_commit(before=False),
    "mid-batch": _mid_batch,
    "before-outbox": lambda hook: call_before(outbox, "insert", hook),
    "before-offset-commit": lambda hook: call_before(AIOKafkaConsumer, "commit", hook),
    "after-acknowledgement": lambda hook: call_after(Relay, "publish", hook),
    "partly-acknowledged": _partly_acknowledged,
    "before-local-input": lambda hook: call_before(Service, "handle", hook),
    "after-local-input": lambda hook: call_after(Service, "handle", hook),
    "before-email": lambda hook: call_before(smtp.SmtpConnection, "send", hook),
    "after-email": lambda hook: call_after(smtp.SmtpConnection, "send", hook),
}
"""Each installs a hook that is called whenever the process reaches the point."""
