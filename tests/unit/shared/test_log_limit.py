"""During an outage the log has one line of a kind in each interval, with the number of those left out."""

import logging
from typing import Any

import pytest

from shared.log_limit import RepeatFilter


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    moments = [1000.0]
    monkeypatch.setattr("shared.log_limit.time.monotonic", lambda: moments[0])
    return moments


def library_line(node: int) -> logging.LogRecord:
    return logging.makeLogRecord({"name": "aiokafka", "msg": "Unable connect to node with id %s", "args": (node,)})


def our_line(event: str, **more: Any) -> logging.LogRecord:
    return logging.makeLogRecord({"name": "tandem", "msg": {"event": event, **more}})


def test_lines_of_a_library_do_not_repeat_within_the_interval(now: list[float]) -> None:
    limit, passed = RepeatFilter(), list[logging.LogRecord]()
    for second in range(25):
        now[0] = 1000.0 + second
        passed += [line for line in map(library_line, range(100)) if limit.filter(line)]

    assert [getattr(line, "suppressed", None) for line in passed] == [None, 999, 999]


def test_our_retried_events_do_not_repeat_within_the_interval(now: list[float]) -> None:
    limit = RepeatFilter()
    assert [limit.filter(our_line("publish_failed", partition=n)) for n in range(3)] == [True, False, False]

    now[0] += 10
    line = our_line("publish_failed", partition=3)
    assert limit.filter(line)
    assert line.msg == {"event": "publish_failed", "partition": 3, "suppressed": 2}


@pytest.mark.parametrize("event", ["mail_server_unavailable", "page_unavailable", "policy_file_unreadable"])
def test_each_event_that_is_logged_at_each_retry_is_limited(now: list[float], event: str) -> None:
    limit = RepeatFilter()

    assert [limit.filter(our_line(event)) for _ in range(3)] == [True, False, False]


def test_events_about_one_message_all_pass(now: list[float]) -> None:
    limit = RepeatFilter()

    assert all(limit.filter(our_line("message_dead_lettered", offset=n)) for n in range(50))


def test_the_kinds_that_are_remembered_are_bounded(now: list[float]) -> None:
    limit = RepeatFilter()
    for n in range(5000):
        limit.filter(logging.makeLogRecord({"name": "library", "msg": f"message {n}"}))

    assert len(limit._next_at) <= 1000
