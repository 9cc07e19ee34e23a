"""Grants of partners, reloaded from the policy file."""

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


def write(path: Path, text: str, second: int) -> None:
    path.write_text(text)
    os.utime(path, (second, second))


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    path = tmp_path / "policy.toml"
    write(path, OURS, 1)
    return path


def grants_with_fast_clock(policy: Path) -> PartnerGrants:
    """Grants with a clock that advances one second per reading."""
    seconds = count()
    return PartnerGrants(load_policy(policy), policy, lambda: float(next(seconds)))


def test_known_partner_has_the_granted_kinds_and_an_unknown_one_has_none(policy: Path) -> None:
    partners = grants_with_fast_clock(policy)

    assert partners.grants("demo") == set(KINDS)
    assert partners.grants("stranger") == frozenset()


def test_new_partner_is_granted_without_a_restart(policy: Path) -> None:
    partners = grants_with_fast_clock(policy)
    assert partners.grants("school") == frozenset()

    write(policy, OURS + NEWCOMER, 2)

    assert partners.grants("school") == {"expert-submitted"}


def test_removed_kind_is_revoked_without_a_restart(policy: Path) -> None:
    partners = grants_with_fast_clock(policy)
    assert "organisation-submitted" in partners.grants("demo")

    write(policy, FEWER, 2)

    assert "organisation-submitted" not in partners.grants("demo")


def test_file_is_checked_at_most_once_a_second(policy: Path) -> None:
    partners = PartnerGrants(load_policy(policy), policy, lambda: 7.0)
    partners.grants("school")

    write(policy, OURS + NEWCOMER, 2)

    assert partners.grants("school") == frozenset()


@pytest.mark.parametrize("broken", ["half a", "version = 1"])
def test_invalid_file_is_logged_keeps_the_last_grants_and_is_reloaded_once_repaired(policy: Path, broken: str) -> None:
    partners = grants_with_fast_clock(policy)

    write(policy, broken, 2)
    with capture_logs() as logged:
        assert partners.grants("demo") == set(KINDS)
    write(policy, OURS + NEWCOMER, 2)

    assert [line["event"] for line in logged] == ["policy_file_unreadable"]
    assert partners.grants("school") == {"expert-submitted"}


def test_missing_file_leaves_the_policy_that_was_read_at_start(policy: Path) -> None:
    partners = grants_with_fast_clock(policy)
    policy.unlink()

    with capture_logs() as logged:
        assert partners.grants("demo") == set(KINDS)

    assert len(logged) == 1
