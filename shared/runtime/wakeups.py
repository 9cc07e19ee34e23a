"""Lets the workers of a service sleep until there is work, or until the stop."""

import asyncio

from shared.postgres.retry import RetryLimit


class Wakeups:
    def __init__(self) -> None:
        self._stop, self._commit_events = asyncio.Event(), list[asyncio.Event]()
        self.retry_limit = RetryLimit()

    @property
    def stopping(self) -> bool:
        return self._stop.is_set()

    def stop(self) -> None:
        """Wake all workers; from now on `sleep_until_stop` returns False, and the time for retries is limited."""
        self._stop.set()
        self.retry_limit.stop()
        self.notify_waiters()

    def notify_waiters(self) -> None:
        for event in self._commit_events:
            event.set()

    def commit_event(self) -> asyncio.Event:
        """Return a new event, set at each commit of this process and at the stop."""
        self._commit_events.append(asyncio.Event())
        return self._commit_events[-1]

    async def sleep_until_stop(self, seconds: float, wake: asyncio.Event | None = None) -> bool:
        """Sleep, at most until the stop or until `wake` is set, which is cleared. Returns False after the stop."""
        waits = [asyncio.ensure_future(event.wait()) for event in (self._stop, wake) if event]
        try:
            await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
        if wake:
            wake.clear()
        return not self.stopping
