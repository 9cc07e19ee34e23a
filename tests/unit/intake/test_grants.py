"""Who may publish what, as the policy file says by now."""

import os
from itertools import count
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from services.intake.contract import KINDS
from services.intake.grants import PartnerGrants
from shared.programme.policy import load_policy
from tests.support.intake_harness import POLICY_FILE

OURS = POLICY_FILE.read_text()
NEWCOMER = '\n[[partners]]\nid = "school"\ngrants = ["expert-submitted"]\n'
FEWER = OURS.replace('grants = ["organisation-submitted", ', "grants = [")


def written(path: Path, text: str, second: int) -> None:
    path.write_text(text)
    os.utime(path, (second, second))


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    path = tmp_path / "policy.toml"
    written(path, OURS, 1)
    return path


def partners(policy: Path) -> PartnerGrants:
    """Whenever the time is asked, a second has passed."""
    seconds = count()
    return PartnerGrants(load_policy(policy), policy, lambda: float(next(seconds)))


def test_a_partner_has_the_kinds_that_the_policy_grants_and_a_stranger_none(policy: Path) -> None:
    known = partners(policy)

    assert known.grants("demo") == set(KINDS)
    assert known.grants("stranger") == frozenset()


def test_a_new_partner_is_found_without_a_restart(policy: Path) -> None:
    known = partners(policy)
    assert known.grants("school") == frozenset()

    written(policy, OURS + NEWCOMER, 2)

    assert known.grants("school") == {"expert-submitted"}


def test_a_kind_that_is_taken_away_is_gone_without_a_restart(policy: Path) -> None:
    known = partners(policy)
    assert "organisation-submitted" in known.grants("demo")

    written(policy, FEWER, 2)

    assert "organisation-submitted" not in known.grants("demo")


def test_the_file_is_looked_at_once_a_second_at_most(policy: Path) -> None:
    known = PartnerGrants(load_policy(policy), policy, lambda: 7.0)
    known.grants("school")

    written(policy, OURS + NEWCOMER, 2)

    assert known.grants("school") == frozenset()


@pytest.mark.parametrize("broken", ["half a", "version = 1"])
def test_a_broken_file_counts_as_what_it_was_is_logged_and_read_again_once_it_is_mended(policy: Path, broken: str) -> None:
    known = partners(policy)

    written(policy, broken, 2)
    with capture_logs() as logged:
        assert known.grants("demo") == set(KINDS)
    written(policy, OURS + NEWCOMER, 2)

    assert [line["event"] for line in logged] == ["policy_file_unreadable"]
    assert known.grants("school") == {"expert-submitted"}


def test_a_file_that_is_away_from_the_start_counts_as_the_policy_that_the_service_began_with(policy: Path) -> None:
    known = partners(policy)
    policy.unlink()

    with capture_logs() as logged:
        assert known.grants("demo") == set(KINDS)

    assert len(logged) == 1
