"""Where a service's CPU time goes: py-spy's samples, grouped by the stages of the pipeline."""

import asyncio
import re
import signal
import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from tests.benchmarks.environment import Contender, Environment
from tests.benchmarks.load.publishing import Load, publish, to_record_batches

SAMPLES_PER_SECOND = 400
MAX_SECONDS = 60
MIN_REPORTED_SHARE = 0.02
POLL_INTERVAL = 0.1
REST = "event loop, sockets, rest"
_LINE_NUMBER = re.compile(r":\d+\)")
STAGES: Mapping[str, tuple[str, ...]] = {
    "decide and evolve": ("step (shared/pipeline/decider.py)",),
    "serialize": ("serialize_outputs (shared/messages/serialization.py)",),
    "decode": ("decode_in_slices (shared/kafka/decoding.py)",),
    "offsets, ids, locks": ("claim (shared/pipeline/inbox.py)", "lock_keys (shared/postgres/key_locks.py)"),
    "load": ("Runner._load (shared/pipeline/runner.py)",),
    "save": ("Runner._save (shared/pipeline/runner.py)",),
    "effects": (
        "schedule (shared/pipeline/timer_scheduler.py)",
        "record_pool_change (services/matching/store.py)",
        "request_shortlists (services/matching/store.py)",
    ),
    "outbox": ("group_by_partition (shared/pipeline/outbox.py)", "insert (shared/pipeline/outbox.py)"),
    "runner": ("Runner.process (shared/pipeline/runner.py)", "Runner._decide_and_save (shared/pipeline/runner.py)"),
    "relay": ("Relay.run (shared/pipeline/relay.py)", "Relay.publish (shared/pipeline/relay.py)"),
    "Kafka client, sending": ("aiokafka/producer",),
    "Kafka client, fetching": ("aiokafka/consumer",),
    "Kafka client, protocol": ("aiokafka/",),
    "FastStream": ("faststream/",),
}
"""A sample belongs to the first stage of which a function or a path is on its stack."""


class Profile(NamedTuple):
    """Shares of the busy samples by stage, the largest first, and how many lines of the profiler were unreadable."""

    shares: Mapping[str, float]
    unreadable_lines: int


async def profile_or_reason(environment: Environment, contender: Contender, load: Load) -> str:
    """Describe where the time goes, or why there is no profile: it costs no measured figures if the profiler fails."""
    try:
        return describe_profile(await take_profile(environment, contender, load))
    except Exception as error:
        return f"no profile: {type(error).__name__}: {error}"


async def take_profile(environment: Environment, contender: Contender, load: Load) -> Profile:
    """Profile one process while it processes the load. Raises `OSError` if py-spy cannot run or writes nothing."""
    output = environment.endpoints.var / "profile"
    output.unlink(missing_ok=True)
    batches = to_record_batches(environment.producer, load.records)
    async with environment.running(contender) as (child,):
        profiler = await _start_profiler(child.process.pid, output)
        await publish(environment.producer, batches)
        while await environment.count_records(load.output_topic) < load.expected_outputs and child.alive:  # noqa: ASYNC110
            await asyncio.sleep(POLL_INTERVAL)
        if profiler.returncode is None:
            profiler.send_signal(signal.SIGINT)
        await profiler.wait()
    return parse_profile(output.read_text(errors="replace").splitlines())


async def _start_profiler(pid: int, output: Path) -> asyncio.subprocess.Process:
    options = ["--pid", str(pid), "--duration", str(MAX_SECONDS), "--rate", str(SAMPLES_PER_SECOND), "--nonblocking"]
    return await asyncio.create_subprocess_exec(
        str(Path(sys.executable).with_name("py-spy")),
        *["record", *options, "--format", "raw", "--output", str(output)],
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )


def parse_profile(lines: Iterable[str]) -> Profile:
    """Group raw lines of py-spy: frames joined by semicolons, then a space and how often that stack was sampled.

    With `--nonblocking`, py-spy reads a running process and now and then writes a garbled line: it is skipped and counted.
    """
    samples, unreadable = Counter[str](), 0
    for line in lines:
        stack, _, count = line.rpartition(" ")
        if stack and count.isascii() and count.isdecimal():
            samples[stage_of(_LINE_NUMBER.sub(")", stack))] += int(count)
        else:
            unreadable += 1
    total = samples.total() or 1
    return Profile({stage: count / total for stage, count in samples.most_common()}, unreadable)


def stage_of(stack: str) -> str:
    """Return the stage that a stack belongs to."""
    return next((stage for stage, marks in STAGES.items() if any(mark in stack for mark in marks)), REST)


def describe_profile(profile: Profile) -> str:
    """Return the stages with a share worth reporting, and the unreadable lines if there are any."""
    shares = ", ".join(f"{stage} {share:.0%}" for stage, share in profile.shares.items() if share >= MIN_REPORTED_SHARE)
    skipped = f"{profile.unreadable_lines} unreadable lines of the profiler skipped"
    return "; ".join(filter(None, (shares or "no samples", skipped if profile.unreadable_lines else "")))
