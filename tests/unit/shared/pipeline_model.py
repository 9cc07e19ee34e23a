"""A Hypothesis state machine over the real runner and relay: whatever is late, lost or crashed, each key keeps its order.

The decider under test forwards numbers: an `Added` for some things becomes a `Forwarded` for each of them.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import ClassVar
from uuid import UUID
from zlib import crc32

import msgspec
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from shared.kafka.incoming import Received
from shared.kafka.record import StoredRecord
from shared.messages.envelope import Envelope, Message
from shared.messages.ids import deterministic_uuid
from shared.pipeline.decider import Decider
from shared.pipeline.runner import Runner
from tests.unit.shared.simulation import Process, States, World

MOMENT = datetime(2027, 2, 1, 9, tzinfo=UTC)
MAX_OPERATIONS = 6_000
"""Number of operations after which a history must have become quiet."""
THINGS = st.lists(st.sampled_from([0, 1, 4]), min_size=1, max_size=3, unique=True)
"""Two of them are in one partition, the last in the other."""
SCHEDULE = st.binary(max_size=24)
"""Which operation takes effect next, byte by byte."""
LABELS = st.sampled_from(["statement", "load", "save", "commit", "fetch", "send", "send", "send"])


class Added(Message, frozen=True):
    kind: ClassVar[str] = "tandem.model.added.v1"
    things: tuple[str, ...]
    n: int

    @property
    def subject(self) -> str:
        return self.things[0]


class Forwarded(Message, frozen=True):
    kind: ClassVar[str] = "tandem.model.forwarded.v1"
    default_topic: ClassVar[str] = "out"
    thing: str
    n: int

    @property
    def subject(self) -> str:
        return self.thing


def decide(states: Mapping[str, tuple[int, ...]], incoming: Envelope[Added]) -> Iterator[Forwarded]:
    return (Forwarded(thing, incoming.data.n) for thing in incoming.data.things)


def evolve(state: tuple[int, ...], event: Message) -> tuple[int, ...]:
    return (*state, event.n) if isinstance(event, Added) else state


DECIDER: Decider[tuple[int, ...]] = Decider(initial_state=lambda _: (), keys=lambda m: m.things, decide=decide, evolve=evolve)


class PipelineModel(RuleBasedStateMachine):
    """Two processes consume the same partitions, as when one is frozen and does not know of its successor."""

    @initialize()
    def start(self) -> None:
        self.world, self.last_n = World(), 0
        self.processes = [self.start_process() for _ in range(2)]

    def start_process(self) -> Process:
        process = Process(self.world, Runner("model", DECIDER, [States()], {}))
        self.world.loop.run_ready()
        return process

    @rule(things=THINGS, count=st.integers(1, 4), schedule=SCHEDULE)
    def publish(self, things: list[int], count: int, schedule: bytes) -> None:
        for _ in range(count):
            self.last_n += 1
            self.append(Added(tuple(f"thing/{thing}" for thing in things), self.last_n))
        self.run(schedule)

    def append(self, message: Added) -> None:
        partition = crc32(message.subject.encode()) % 2
        records, id = self.world.input[partition], deterministic_uuid(UUID(int=1), str(message.n))
        envelope = Envelope(id=id, source="/model", subject=message.subject, time=MOMENT, data=message)
        records.append(Received(MOMENT, envelope, StoredRecord("in", partition, len(records))))

    @rule(partition=st.integers(0, 1), schedule=SCHEDULE)
    def publish_duplicate(self, partition: int, schedule: bytes) -> None:
        """The last message of a partition arrives again, under its id."""
        if records := self.world.input[partition]:
            self.append(records[-1].envelope.data)
        self.run(schedule)

    @rule(label=LABELS, choice=st.integers(0, 2), fate=st.sampled_from(["lost", "response lost"]), schedule=SCHEDULE)
    def lose(self, label: str, choice: int, fate: str, schedule: bytes) -> None:
        """An operation of this kind, or its response, is lost; until there is one, the others take effect in order."""
        for _ in range(12):
            if candidates := [nth for nth, operation in enumerate(self.world.in_flight) if operation.label == label]:
                self.world.complete(candidates[choice % len(candidates)], fate)
                break
            self.run(b"\0")
        self.run(schedule)

    @rule(nth=st.integers(0, 1), schedule=SCHEDULE)
    def crash(self, nth: int, schedule: bytes) -> None:
        self.processes[nth].crash()
        self.processes[nth] = self.start_process()
        self.run(schedule)

    def run(self, schedule: bytes) -> None:
        """Let operations in flight take effect in the order of the schedule; if there are none, time passes."""
        for choice in schedule:
            if self.world.in_flight and choice < 230:
                self.world.complete(choice)
            else:
                self.world.loop.advance()

    @invariant()
    def only_committed_messages_are_published(self) -> None:
        if hasattr(self, "world"):
            published = (value for values in self.world.published.values() for value in values)
            assert self.world.committed.issuperset(published), "a message was published before its commit"

    def teardown(self) -> None:
        if hasattr(self, "world"):
            try:
                self.run_until_idle()
                self.check()
            finally:
                self.close()

    def run_until_idle(self) -> None:
        """Run without further losses."""
        for _ in range(MAX_OPERATIONS):
            if self.world.in_flight:
                self.world.complete(0)
            if all(operation.label == "fetch" for operation in self.world.in_flight):
                if not self.world.outbox and self.all_processed() and not any(it.relay.in_flight for it in self.processes):
                    return
                self.world.loop.advance()
        raise AssertionError(f"the pipeline does not become idle: {self.world.in_flight}, {self.world.outbox}, {self.world.locks}")

    def all_processed(self) -> bool:
        return all(self.world.offsets.get(("in", p), 0) == len(records) for p, records in self.world.input.items())

    def check(self) -> None:
        """Each thing received each of its numbers once, and they were published in the order of its state."""
        expected = defaultdict[str, set[int]](set)
        for records in self.world.input.values():
            for received in records:
                for thing in received.envelope.data.things:
                    expected[thing].add(received.envelope.data.n)
        for thing, numbers in expected.items():
            state, published = self.world.states[thing], self.published(thing)
            assert sorted(state) == sorted(numbers), f"the state of {thing} is {state} instead of {numbers}"
            assert published == list(state), f"published for {thing}: {published} instead of {state}"
        assert not self.world.locks

    def published(self, thing: str) -> list[int]:
        """The first occurrence of each number."""
        events = [msgspec.json.decode(value) for value in self.world.published[crc32(thing.encode()) % 2]]
        return list(dict.fromkeys(event["data"]["n"] for event in events if event["subject"] == thing))

    def close(self) -> None:
        for process in self.processes:
            process.crash()
        self.world.loop.close()


VIOLATIONS = "the state of|published for|published before its commit"
"""Matches the messages of the assertions above that a bug in the pipeline violates."""
