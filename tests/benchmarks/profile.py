"""Where a service's time goes: samples by py-spy, folded into the stages of the pipeline."""

import asyncio
import re
import signal
import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

from tests.benchmarks.environment import Contender, Environment
from tests.benchmarks.load import publishing as load
from tests.benchmarks.load.publishing import Load

RATE = "400"
_LINE = re.compile(r":\d+\)")
STAGES: Mapping[str, tuple[str, ...]] = {
    "decide and evolve": ("step (shared/pipeline/decider.py)",),
    "serialize": ("serialize_outputs (shared/messages/serialization.py)",),
    "decode": ("decode_batch (shared/kafka/decoding.py)", "decode_record (shared/kafka/decoding.py)"),
    "offsets, ids, locks": ("claim (shared/pipeline/inbox.py)", "lock_keys (shared/postgres/key_locks.py)"),
    "load": ("Runner._load (shared/pipeline/runner.py)",),
    "save": ("Runner._save (shared/pipeline/runner.py)",),
    "effects": (
        "schedule (shared/pipeline/timer_scheduler.py)",
        "record_pool_change (services/matching/store.py)",
        "request_shortlists (services/matching/store.py)",
    ),
    "outbox": ("group_by_partition (shared/pipeline/outbox.py)", "insert (shared/pipeline/outbox.py)"),
    "runner": ("Runner._decide_and_save (shared/pipeline/runner.py)", "Runner.process (shared/pipeline/runner.py)"),
    "relay": ("Relay.run (shared/pipeline/relay.py)", "Relay.publish (shared/pipeline/relay.py)"),
    "Kafka client, sending": ("aiokafka/producer",),
    "Kafka client, fetching": ("aiokafka/consumer",),
    "Kafka client, wire": ("aiokafka/",),
    "FastStream": ("faststream/",),
}
"""A sample counts for the first of these that stands in its stack."""


async def profiled(stage: Environment, contender: Contender, work: Load) -> dict[str, float]:
    """Each stage's share of the busy samples of one run, the largest first."""
    raw = stage.endpoints.var / "profile"
    batches = load.packed(stage.producer, work.records)
    async with stage.running(contender) as children:
        command = ("record", "--pid", str(children[0].process.pid), "--duration", "60", "--rate", RATE, "--nonblocking")
        spy = await asyncio.create_subprocess_exec(
            str(Path(sys.executable).with_name("py-spy")), *command, "--format", "raw", "--output", str(raw),
            stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        await load.publish(stage.producer, batches)
        while await stage.count(work.shows) < work.expected and children[0].alive:  # noqa: ASYNC110
            await asyncio.sleep(0.1)
        spy.send_signal(signal.SIGINT)
        await spy.wait()
    return folded(raw.read_text().splitlines())


def folded(lines: Iterable[str]) -> dict[str, float]:
    """Shares by stage of py-spy's raw lines: frames joined by semicolons, then how often that stack was seen."""
    seen = Counter[str]()
    for line in lines:
        stack, _, count = line.rpartition(" ")
        seen[stage_of(_LINE.sub(")", stack))] += int(count)
    whole = seen.total() or 1
    return {name: count / whole for name, count in seen.most_common()}


def stage_of(stack: str) -> str:
    """The stage that a stack belongs to."""
    return next((name for name, marks in STAGES.items() if any(mark in stack for mark in marks)), "loop, sockets and the rest")


def told(shares: Mapping[str, float]) -> str:
    """In words, what is worth a word."""
    return ", ".join(f"{name} {share:.0%}" for name, share in shares.items() if share >= 0.02)
