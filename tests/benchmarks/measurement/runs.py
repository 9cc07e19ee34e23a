"""Runs a contender on prepared work and measures it from outside."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace

from deploy.stack.endpoints import SERVICES
from deploy.stack.process import ManagedProcess
from tests.benchmarks.environment import Contender, Environment, start_process
from tests.benchmarks.load.publishing import Load, publish, to_record_batches
from tests.benchmarks.measurement.figures import Figures, Sample, figures_of
from tests.benchmarks.measurement.processes import cpu_seconds, memory_megabytes

SAMPLE_INTERVAL = 0.02
RUN_TIMEOUT = 90.0
SCRIPT_TIMEOUT = 300.0

Count = Callable[[], Awaitable[int]]


async def measure_load(environment: Environment, contender: Contender, load: Load) -> Figures:
    """Start the contender, then publish the whole load at once, and measure until it is processed.

    Raises `TimeoutError`, and `UserError` if a process exits before it is ready.
    """
    batches = to_record_batches(environment.producer, load.records)
    async with environment.running(contender) as children:
        publishing = asyncio.create_task(publish(environment.producer, batches))
        try:
            return await _measure(environment, children, lambda: _processed(environment, contender, load), len(load.records))
        finally:
            publishing.cancel()


async def measure_backlog(environment: Environment, contender: Contender, topic: str, count: int, already: int = 0) -> Figures:
    """Measure how `count` messages that wait in the outbox reach a topic, which holds `already` others. Start-up counts."""

    async def published() -> int:
        return await environment.count_records(topic) - already

    async with environment.running(contender, ready=False) as children:
        return await _measure(environment, children, published, count)


async def run_script(environment: Environment, module: str, service: str, *arguments: str) -> dict[str, float]:
    """Run a module with the settings of a service, and return the JSON that it prints. Raises `UserError` if it fails."""
    contender = replace(environment.service(service), name=module.rpartition(".")[2], module=module)
    async with asyncio.timeout(SCRIPT_TIMEOUT), start_process(environment.endpoints.var, contender, *arguments) as child:
        if await child.process.wait():
            raise child.exit_error()
        figures: dict[str, float] = json.loads([line for line in child.output().splitlines() if line.startswith("{")][-1])
        return figures


async def _measure(environment: Environment, children: Sequence[ManagedProcess], processed: Count, total: int) -> Figures:
    pids = {child.name: child.process.pid for child in children}
    try:
        samples = await _take_samples(processed, total, pids | environment.infrastructure_pids())
    except TimeoutError as error:
        raise TimeoutError(f"{children[0].name}: {error}\n{children[0].output_tail()}") from None
    return figures_of(samples, total, list(pids), memory_megabytes(pids.values()))


async def _take_samples(processed: Count, total: int, pids: Mapping[str, int]) -> list[Sample]:
    """Take samples until everything is processed. Raises `TimeoutError` with the number processed."""
    samples, deadline = list[Sample](), time.monotonic() + RUN_TIMEOUT
    while not samples or samples[-1].processed < total:
        cpu = {name: cpu_seconds(pid) for name, pid in pids.items()}
        samples.append(Sample(time.perf_counter(), await processed(), cpu))
        if time.monotonic() > deadline:
            raise TimeoutError(f"{samples[-1].processed} of {total} after {RUN_TIMEOUT:.0f} s")
        await asyncio.sleep(SAMPLE_INTERVAL)
    return samples


async def _processed(environment: Environment, contender: Contender, load: Load) -> int:
    """Return how many records are processed, by their outputs on Kafka; for a service also by its stored offsets."""
    by_outputs = await environment.count_records(load.output_topic) * len(load.records) // load.expected_outputs
    if contender.name not in SERVICES:
        return by_outputs
    query = f"SELECT coalesce(sum(next_offset), 0)::int FROM {contender.name}.consumer_offsets"
    by_offsets: int = await environment.admin.fetchval(query)
    return min(by_outputs, by_offsets)
