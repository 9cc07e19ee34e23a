"""What the bench makes of what it read off: ratios, limits, shares, and the picture of them."""

from xml.etree import ElementTree

import pytest

from tests.benchmarks.load.partner_events import SUBMISSIONS, load
from tests.benchmarks.metrics import Sample, percentile, rated, spread
from tests.benchmarks.profile import folded
from tests.benchmarks.report.report import picture
from tests.benchmarks.report.rows import limits, missing, ratio


def test_a_ratio_counts_by_its_median() -> None:
    row = ratio("a", "b", [0.5, 3.0, 0.8], 0.75, "", least=True)

    assert (row.said, row.met) == ("0.80 (0.50–3.00)", True)
    assert row.reached == pytest.approx(0.8 / 0.75)


def test_a_cost_above_its_bound_is_missed() -> None:
    row = ratio("a", "b", [1.2], 1.1, "", least=False)

    assert not row.met
    assert row.reached < 1


def test_one_limit_that_is_passed_misses_the_row() -> None:
    found = {"p50": spread([5.0]), "p99": spread([70.0])}

    assert not limits("a", found, {"p50": 10, "p99": 60}, "ms").met
    assert limits("a", found, {"p50": 10, "p99": 80}, "ms").met


def test_a_run_is_rated_without_its_first_moments() -> None:
    samples = [Sample(at, done, {"one": cpu, "kafka": 0.0}) for at, done, cpu in ((0, 0, 1), (10, 100, 2), (11, 1000, 2.9))]

    figures = rated(samples, 1000, ["one"], 50.0)

    assert figures.rate == 900
    assert figures.cpu == {"service": pytest.approx(1000), "kafka": 0}


def test_a_percentile_of_a_few_figures_is_one_of_them() -> None:
    assert (percentile([3, 1, 2], 0.5), percentile([3, 1, 2], 0.99)) == (2, 3)


def test_a_stack_belongs_to_the_innermost_stage_that_has_a_name() -> None:
    runner = "Runner.process (shared/pipeline/runner.py);Runner._decide_and_save (shared/pipeline/runner.py)"
    lines = [
        f"{runner};step (shared/pipeline/decider.py:32);decide (x.py:7) 3",
        f"{runner} 1",
        "Sender.run (aiokafka/producer/sender.py) 4",
    ]

    assert folded(lines) == {"Kafka client, sending": 0.5, "decide and evolve": 0.375, "runner": 0.125}


def test_each_organisation_submits_itself_before_it_reports() -> None:
    records = load(100).records

    assert len(records) == 100
    assert {record.topic for record in records} == {SUBMISSIONS}
    kinds = [b"organisation-submitted" in record.value for record in records if record.key == "org-1"]
    assert kinds[0] and not any(kinds[1:])


def test_the_picture_is_valid_and_shows_every_row() -> None:
    rows = [ratio("one <1>", "b", [4.0], 2, "", least=True), missing("two", "–", "fast", "it hung & was ended")]

    drawn = ElementTree.fromstring(picture(rows, {"processor": "x"}))

    said = " ".join(part.text or "" for part in drawn.iter())
    assert "one <1>" in said and "two" in said and "missed" in said
