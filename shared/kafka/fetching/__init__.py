"""Adaptation of aiokafka's fetching: no record can stop its partition, and no partition can keep the others waiting.

aiokafka raises while it iterates over fetched records: at a header name that is not valid UTF-8, a wrong checksum, an unknown
codec. It then fetches the same batch again, for ever. It trusts the offsets that a producer wrote into a batch, and
decompresses any size. It returns the records of one partition until they are used up. It has no hook for any of these, hence
the classes that replace its own.
"""

from typing import Any, Final

from aiokafka import AIOKafkaConsumer
from aiokafka.consumer import consumer as consumer_module
from aiokafka.consumer import fetcher as fetcher_module

from shared.kafka import reconnecting
from shared.kafka.fetching.fair_fetcher import BoundedFetchResult, FairFetcher
from shared.kafka.fetching.fetched_batches import FetchedBatches
from shared.kafka.fetching.partition_records import RobustPartitionRecords

ISOLATION_LEVEL: Final = "read_committed"
"""Records of an open transaction are read once it is committed, those of an aborted one never."""


def create_consumer(*topics: str, bootstrap_servers: str, **settings: Any) -> AIOKafkaConsumer:
    """Return a consumer of committed records for tools and tests. A service has its consumers from FastStream."""
    install()
    return AIOKafkaConsumer(*topics, bootstrap_servers=bootstrap_servers, isolation_level=ISOLATION_LEVEL, **settings)


def install() -> None:
    """Let aiokafka's consumers use the classes of this package."""
    fetcher_module.MemoryRecords = FetchedBatches
    fetcher_module.PartitionRecords = RobustPartitionRecords
    fetcher_module.FetchResult = BoundedFetchResult
    consumer_module.Fetcher = FairFetcher
    reconnecting.install()
