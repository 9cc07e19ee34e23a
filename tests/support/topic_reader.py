"""Reads everything that topics hold, up to their current end."""

from collections.abc import Sequence

from aiokafka import TopicPartition

from deploy.partner_client.topic_tail import Record
from shared.kafka.fetching import create_consumer

POLL_TIMEOUT_MS = 200


class TopicReader:
    """`records` holds what was read so far; each read continues where the last one ended, also after a broker restart."""

    def __init__(self, kafka: str, topics: Sequence[str]) -> None:
        self.records: list[Record] = []
        self._kafka, self._topics = kafka, topics
        self._next: dict[TopicPartition, int] = {}

    async def read_to_end(self) -> Sequence[Record]:
        """Read up to the current end of every partition, and return all records; in order for each partition."""
        async with create_consumer(
            *self._topics, bootstrap_servers=self._kafka, auto_offset_reset="earliest", max_poll_records=5000
        ) as consumer:
            ends = await consumer.end_offsets(consumer.assignment())
            for partition in ends:
                consumer.seek(partition, self._next.get(partition, 0))
            while any([await consumer.position(partition) < end for partition, end in ends.items()]):
                for records in (await consumer.getmany(timeout_ms=POLL_TIMEOUT_MS)).values():
                    self.records += records
            self._next = {partition: await consumer.position(partition) for partition in ends}
        return self.records
