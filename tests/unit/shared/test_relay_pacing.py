"""Poll interval and partition backoff of the relay."""

from aiokafka import TopicPartition

from shared.pipeline.relay_pacing import (
    FIRST_BACKOFF,
    MAX_BACKOFF,
    MAX_POLL_INTERVAL,
    POLL_INTERVAL,
    AdaptivePoll,
    PartitionBackoff,
)

TP = TopicPartition("out", 3)


def test_poll_interval_is_short_after_rows_were_found_and_grows_in_two_seconds() -> None:
    pacing, waited = AdaptivePoll(), 0.0
    pacing.observe(found=True, holds_all_shards=False)
    assert pacing.interval == POLL_INTERVAL

    while pacing.interval < MAX_POLL_INTERVAL:
        waited += pacing.interval
        pacing.observe(found=False, holds_all_shards=False)

    assert 1.5 < waited < 2.5


def test_poll_interval_stays_long_while_the_relay_holds_all_shards() -> None:
    pacing = AdaptivePoll()

    pacing.observe(found=True, holds_all_shards=True)

    assert pacing.interval == MAX_POLL_INTERVAL


def test_backoff_grows_up_to_its_maximum_and_ends_with_a_success() -> None:
    backoff = PartitionBackoff()

    seconds = [backoff.observe_failure(TP, now=0) for _ in range(7)]

    assert seconds == [FIRST_BACKOFF, 0.4, 0.8, 1.6, 3.2, MAX_BACKOFF, MAX_BACKOFF]
    assert list(backoff.active(now=MAX_BACKOFF - 1)) == [TP]
    assert list(backoff.active(now=MAX_BACKOFF)) == []
    assert list(backoff) == [TP]

    backoff.observe_success(TP)
    assert list(backoff) == []
