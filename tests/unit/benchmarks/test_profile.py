"""Reading the profiler's output."""

import re
from pathlib import Path
from typing import cast

import pytest

from tests.benchmarks.environment import Contender, Environment
from tests.benchmarks.load.publishing import Load
from tests.benchmarks.measurement.profile import STAGES, describe_profile, parse_profile, profile_or_reason

RUNNER = "Runner.process (shared/pipeline/runner.py:60);Runner._decide_and_save (shared/pipeline/runner.py:90)"


def test_stack_belongs_to_its_first_named_stage() -> None:
    lines = [
        f"{RUNNER};step (shared/pipeline/decider.py:32);decide (x.py:7) 3",
        f"{RUNNER} 1",
        "Sender.run (aiokafka/producer/sender.py) 4",
    ]

    assert parse_profile(lines).shares == {"Kafka client, sending": 0.5, "decide and evolve": 0.375, "runner": 0.125}


@pytest.mark.parametrize("garbled", ["", "   ", "step (shared/pip", f"{RUNNER} 1x", f"{RUNNER} ²", "7", "\ufffd\ufffd -3"])
def test_garbled_line_is_skipped_and_counted(garbled: str) -> None:
    profile = parse_profile([f"{RUNNER} 3", garbled, f"{RUNNER} 1"])

    assert profile.shares == {"runner": 1.0}
    assert profile.unreadable_lines == 1


def test_description_mentions_skipped_lines() -> None:
    assert describe_profile(parse_profile([f"{RUNNER} 3"])) == "runner 100%"
    assert describe_profile(parse_profile([f"{RUNNER} 3", "?"])) == "runner 100%; 1 unreadable lines of the profiler skipped"
    assert describe_profile(parse_profile([])) == "no samples"


async def test_profiler_that_fails_costs_no_figures() -> None:
    load = Load([], "tandem.intake", 0)

    reason = await profile_or_reason(cast(Environment, None), Contender("intake", "services.intake", {}), load)

    assert reason.startswith("no profile: AttributeError")


def test_every_function_of_a_stage_exists() -> None:
    functions = [mark for marks in STAGES.values() for mark in marks if "(" in mark]

    for mark in functions:
        name, file = re.fullmatch(r"(?:\w+\.)?(\w+) \((.+)\)", mark).groups()  # type: ignore[union-attr]
        assert re.search(rf"\bdef {name}\(", Path(file).read_text()), mark
