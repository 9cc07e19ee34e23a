"""Which faults run, and at which points processes crash."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from tests.fault_injection.faults import FAULTS
from tests.fault_injection.faults.crashes import mixed
from tests.fault_injection.launcher.crash_points import CRASH_POINTS
from tests.fault_injection.results import Result, Results
from tests.fault_injection.run import ALWAYS_IN_QUICK, is_out_of_time, select


@given(st.integers(0, 10**6))
def test_the_three_mixed_rounds_contain_every_crash_point(seed: int) -> None:
    assert {point for round in range(3) for point in mixed(round)(seed).values()} == set(CRASH_POINTS)


def test_fault_names_are_unique() -> None:
    names = [fault.name for fault in FAULTS]

    assert len(names) == len(set(names))


@given(st.integers(0, 10**6))
def test_quick_begins_with_the_crash_points_and_omits_long_faults(seed: int) -> None:
    names = [fault.name for fault in select([], seed, quick=True)]

    assert names[: 3 + len(ALWAYS_IN_QUICK)] == ["crashes-1", "crashes-2", "crashes-3", *ALWAYS_IN_QUICK]
    assert sorted(names) == sorted(fault.name for fault in FAULTS if not fault.only_full)


def test_crash_points_run_even_when_the_time_is_over() -> None:
    crash, other = select(["crashes-1", "burst"], 1, quick=True)

    assert not is_out_of_time(crash, elapsed=1000, longest=60)
    assert is_out_of_time(other, elapsed=250, longest=60)


@pytest.mark.parametrize("failures", [[], ["I1 a message was lost"]])
def test_results_are_written_after_each_fault(tmp_path: Path, failures: list[str]) -> None:
    console, file = Console(quiet=True), tmp_path / "faults/full-1.json"
    results = Results(console, file)

    results.add(Result("burst", 1, 2.5, failures))

    assert results.failed == bool(failures)
    assert f'"held": {"false" if failures else "true"}' in file.read_text()
