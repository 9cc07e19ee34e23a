"""Runner and relay under thousands of schedules: whatever is late, lost or dead, each key keeps its order, once and whole."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, ClassVar
from uuid import UUID
from zlib import crc32

import msgspec
import pytest
from aiokafka.errors import KafkaError
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from shared.kafka.incoming import Received
from shared.kafka.record import StoredRecord
from shared.messages.envelope import Envelope, Message, deterministic_uuid
from shared.pipeline import outbox, relay, runner
from shared.pipeline.decider import Decider
from shared.pipeline.relay import Relay
from shared.pipeline.runner import Runner
from shared.postgres import retry
from tests.unit.shared.simulation import Process, Session, States, World

MOMENT = datetime(2027, 2, 1, 9, tzinfo=UTC)
QUIET = 6_000
THINGS = st.lists(st.sampled_from([0, 1, 4]), min_size=1, max_size=3, unique=True)
"""Two of them lie in one partition, the last in the other."""
CHOICES = st.binary(max_size=24)
"""What arrives next, byte by byte."""
LABELS = st.sampled_from(["statement", "load", "save", "commit", "take", "send", "send", "send"])


class Told(Message, frozen=True):
    kind: ClassVar[str] = "tandem.model.told.v1"
    things: tuple[str, ...]
    n: int

    @property
    def subject(self) -> str:
        return self.things[0]


class Counted(Message, frozen=True):
    kind: ClassVar[str] = "tandem.model.counted.v1"
    default_topic: ClassVar[str] = "out"
    thing: str
    n: int

    @property
    def subject(self) -> str:
        return self.thing


def decide(states: Mapping[str, tuple[int, ...]], heard: Envelope[Told]) -> Iterator[Counted]:
    return (Counted(thing, heard.data.n) for thing in heard.data.things)


def evolve(state: tuple[int, ...], fact: Message) -> tuple[int, ...]:
    return (*state, fact.n) if isinstance(fact, Told) else state


RULES: Decider[tuple[int, ...]] = Decider(initial_state=lambda _: (), keys=lambda told: told.things, decide=decide, evolve=evolve)


class Pipeline(RuleBasedStateMachine):
    """Two processes over the same partitions, as when one is frozen and the other does not know that it is still there."""

    @initialize()
    def open(self) -> None:
        self.world, self.said = World(), 0
        self.processes = [self.started() for _ in range(2)]

    def started(self) -> Process:
        made = Process(self.world, Runner("model", RULES, [States()], {}))
        self.world.loop.settle()
        return made

    @rule(things=THINGS, count=st.integers(1, 4), then=CHOICES)
    def publish(self, things: list[int], count: int, then: bytes) -> None:
        for _ in range(count):
            self.said += 1
            self.arrive(Told(tuple(f"thing/{thing}" for thing in things), self.said))
        self.go_on(then)

    def arrive(self, told: Told) -> None:
        part = crc32(told.subject.encode()) % 2
        line = self.world.input[part]
        envelope = Envelope(
            id=deterministic_uuid(UUID(int=1), str(told.n)), source="/model", subject=told.subject, time=MOMENT, data=told
        )
        line.append(Received(MOMENT, envelope, StoredRecord("in", part, len(line), 0, None, None, ())))

    @rule(part=st.integers(0, 1), then=CHOICES)
    def say_again(self, part: int, then: bytes) -> None:
        """The last record of a partition comes once more, under its id."""
        if line := self.world.input[part]:
            self.arrive(line[-1].envelope.data)
        self.go_on(then)

    @rule(label=LABELS, choice=st.integers(0, 2), fate=st.sampled_from(["lost", "answer lost"]), then=CHOICES)
    def lose(self, label: str, choice: int, fate: str, then: bytes) -> None:
        """One thing of this sort, waited for while the rest arrives as it set out."""
        for _ in range(12):
            if of_the_sort := [nth for nth, item in enumerate(self.world.under_way) if item.label == label]:
                self.world.happens(of_the_sort[choice % len(of_the_sort)], fate)
                break
            self.go_on(b"\0")
        self.go_on(then)

    @rule(nth=st.integers(0, 1), then=CHOICES)
    def kill(self, nth: int, then: bytes) -> None:
        self.processes[nth].die()
        self.processes[nth] = self.started()
        self.go_on(then)

    def go_on(self, choices: bytes) -> None:
        """Some of what is under way arrives, in this order; where nothing is, time passes."""
        for choice in choices:
            if self.world.under_way and choice < 230:
                self.world.happens(choice)
            else:
                self.world.loop.leap()

    @invariant()
    def nothing_is_said_that_did_not_commit(self) -> None:
        if hasattr(self, "world"):
            said = (value for line in self.world.bus.values() for value in line)
            assert self.world.committed.issuperset(said), "something is said before it was committed"

    def teardown(self) -> None:
        if hasattr(self, "world"):
            try:
                self.until_quiet()
                self.check()
            finally:
                self.close()

    def until_quiet(self) -> None:
        """From here on nothing is lost any more."""
        for _ in range(QUIET):
            if self.world.under_way:
                self.world.happens(0)
            if not self.world.under_way or all(item.label == "take" for item in self.world.under_way):
                if not self.world.outbox and self.handled() and not any(it.relay.in_flight for it in self.processes):
                    return
                self.world.loop.leap()
        raise AssertionError(f"it does not come to rest: {self.world.under_way}, {self.world.outbox}, {self.world.locks}")

    def handled(self) -> bool:
        return all(self.world.positions.get(("in", part), 0) == len(line) for part, line in self.world.input.items())

    def check(self) -> None:
        """Each thing knows each number that it was told once, and the bus tells them in that order."""
        wanted = defaultdict[str, set[int]](set)
        for line in self.world.input.values():
            for arrived in line:
                for thing in arrived.envelope.data.things:
                    wanted[thing].add(arrived.envelope.data.n)
        for thing, numbers in wanted.items():
            state = self.world.states[thing]
            assert sorted(state) == sorted(numbers), f"{thing} was told {numbers} and knows {state}"
            assert self.heard(thing) == list(state), f"of {thing} the bus tells {self.heard(thing)} and not {state}"
        assert not self.world.locks

    def heard(self, thing: str) -> list[int]:
        events = [msgspec.json.decode(value) for value in self.world.bus[crc32(thing.encode()) % 2]]
        return list(dict.fromkeys(event["data"]["n"] for event in events if event["subject"] == thing))

    def close(self) -> None:
        for process in self.processes:
            process.die()
        self.world.loop.close()


class Silent:
    def warning(self, *_: Any, **__: Any) -> None:
        """Outages are the point here."""


@pytest.fixture(autouse=True)
def quiet_log(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retry, "log", Silent())
    monkeypatch.setattr(relay, "log", Silent())


def many(examples: int) -> settings:
    return settings(
        max_examples=examples,
        stateful_step_count=10,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )


def test_whatever_happens_each_key_keeps_its_order_once_and_whole() -> None:
    run_state_machine_as_test(Pipeline, settings=many(1000))


def no_key_lock(patch: pytest.MonkeyPatch) -> None:
    async def lock(db: Any, *_: Any) -> None:
        await db.world.step("statement", lambda: None)

    patch.setattr(runner, "lock_keys", lock)


def hand_over_from_memory(patch: pytest.MonkeyPatch) -> None:
    """After its commit a transaction sends what it said itself, and does not look for what others have to send."""
    added, handled, said = outbox.insert, Process.handled, dict[Any, list[Any]]()

    async def add(db: Any, parcels: list[Any]) -> None:
        await added(db, parcels)
        said[asyncio.current_task()] = parcels

    async def hand_over(self: Process, batch: Any) -> None:
        await handled(self, batch)
        for topic, part, keys, payloads in said.pop(asyncio.current_task(), []):
            if not self.world.committed.issuperset(payloads):
                continue
            for made, _ in relay.record_batches(self.relay.producer, [outbox.PendingBatch(0, keys, payloads)]):
                await self.relay.producer.send_batch(made, topic, partition=part)

    patch.setattr(outbox, "insert", add)
    patch.setattr(Process, "handled", hand_over)


def forget_before_the_acknowledgement(patch: pytest.MonkeyPatch) -> None:
    send = Relay.publish

    async def hasty(self: Relay, line: Any, parcels: Any) -> None:
        self.acknowledged += [parcel.id for parcel in parcels]
        await send(self, line, parcels)

    patch.setattr(Relay, "publish", hasty)


def publish_before_commit(patch: pytest.MonkeyPatch) -> None:
    added = Session._add

    async def add(self: Session, parcels: list[Any]) -> None:
        for _, part, _, payloads in parcels:
            self.world.bus[part].extend(payloads)
        await added(self, parcels)

    patch.setattr(Session, "_add", add)


def go_on_after_a_failure(patch: pytest.MonkeyPatch) -> None:
    """What failed is left for later, and the rest of its line goes out."""

    async def careless(self: Relay, line: Any, parcels: Any) -> None:
        for batch, whole in relay.record_batches(self.producer, parcels):
            with suppress(KafkaError):
                await (await self.producer.send_batch(batch, line.topic, partition=line.partition))
                self.acknowledged += whole

    patch.setattr(Relay, "publish", careless)


LAWS = "was told|the bus tells|said before it was committed"


@pytest.mark.parametrize(
    "plant", [no_key_lock, hand_over_from_memory, forget_before_the_acknowledgement, publish_before_commit, go_on_after_a_failure]
)
def test_a_planted_fault_is_found(plant: Callable[[pytest.MonkeyPatch], None], monkeypatch: pytest.MonkeyPatch) -> None:
    plant(monkeypatch)

    with pytest.raises(AssertionError, match=LAWS):
        run_state_machine_as_test(Pipeline, settings=many(2000))
