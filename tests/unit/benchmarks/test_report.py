"""Figures, rows, JSON and chart of a benchmark."""

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.benchmarks.load.partner_events import SUBMISSIONS, partner_load
from tests.benchmarks.measurement.figures import Sample, figures_of, percentile
from tests.benchmarks.report.results import Results, chart
from tests.benchmarks.report.rows import failed_row, limits_row, ratio_row


def test_median_of_the_ratios_counts() -> None:
    row = ratio_row("a", "b", [0.5, 3.0, 0.8], 0.75, "", at_least=True)

    assert (row.result, row.met) == ("0.80 (0.50–3.00)", True)
    assert row.reached == pytest.approx(0.8 / 0.75)


def test_cost_above_its_bound_misses_the_goal() -> None:
    row = ratio_row("a", "b", [1.2], 1.1, "", at_least=False)

    assert not row.met
    assert row.reached < 1


def test_one_exceeded_limit_misses_the_goal() -> None:
    figures = {"p50": 5.0, "p99": 70.0}

    assert not limits_row("a", figures, {"p50": 10, "p99": 60}, "ms").met
    assert limits_row("a", figures, {"p50": 10, "p99": 80}, "ms").met


def test_warm_up_is_not_measured() -> None:
    moments = ((0, 0, 1), (10, 100, 2), (11, 1000, 2.9))
    samples = [Sample(at, processed, {"one": cpu, "kafka": 0.0}) for at, processed, cpu in moments]

    figures = figures_of(samples, 1000, ["one"], 50.0)

    assert figures.rate == 900
    assert figures.cpu == {"service": pytest.approx(1000), "kafka": 0}


def test_percentile_of_a_few_figures_is_one_of_them() -> None:
    assert (percentile([3, 1, 2], 0.5), percentile([3, 1, 2], 0.99)) == (2, 3)


def test_organisation_is_registered_before_it_reports() -> None:
    records = partner_load(100).records

    assert len(records) == 100
    assert {record.topic for record in records} == {SUBMISSIONS}
    registrations = [b"organisation-submitted" in record.value for record in records if record.record_key == "org-1"]
    assert registrations[0] and not any(registrations[1:])


def test_chart_is_valid_and_shows_every_row() -> None:
    rows = [ratio_row("one <1>", "b", [4.0], 2, "", at_least=True), failed_row("two", "it hung & was killed")]

    text = " ".join(part.text or "" for part in ElementTree.fromstring(chart(rows, {"processor": "x"})).iter())

    assert "one <1>" in text and "two" in text and "missed" in text


def test_json_holds_each_row_as_soon_as_it_is_known(tmp_path: Path) -> None:
    results = Results(tmp_path / "bench", "full", {"processor": "x"})

    results.add(ratio_row("one", "b", [4.0], 2, "", at_least=True))
    first = json.loads((tmp_path / "bench/full.json").read_text())
    results.add_failure("two", "no answer")
    second = json.loads((tmp_path / "bench/full.json").read_text())

    assert [row["name"] for row in first["rows"]] == ["one"]
    assert [row["name"] for row in second["rows"]] == ["one", "two"]
    assert (second["failed_parts"], second["rows"][1]["absolute"]) == (["two"], "no answer")
