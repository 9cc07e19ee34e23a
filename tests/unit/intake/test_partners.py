"""Who may publish what, as the policy file says by now."""

import os
from pathlib import Path

from services.intake.contract import KINDS
from services.intake.partners import Partners
from tests.contracts.books import POLICY_FILE

NEWCOMER = '\n[[partners]]\nid = "school"\ngrants = ["expert-submitted"]\n'


def written(path: Path, text: str, second: int) -> None:
    path.write_text(text)
    os.utime(path, (second, second))


def test_a_partner_has_the_kinds_that_the_policy_grants_and_a_stranger_none() -> None:
    partners = Partners(POLICY_FILE)

    assert partners.grants("demo") == set(KINDS)
    assert partners.grants("stranger") == frozenset()


def test_a_new_partner_is_found_without_a_restart(tmp_path: Path) -> None:
    policy = tmp_path / "policy.toml"
    written(policy, POLICY_FILE.read_text(), 1)
    partners = Partners(policy)
    assert partners.grants("school") == frozenset()

    written(policy, POLICY_FILE.read_text() + NEWCOMER, 2)

    assert partners.grants("school") == {"expert-submitted"}


def test_a_file_that_is_broken_or_away_counts_as_what_it_was(tmp_path: Path) -> None:
    policy = tmp_path / "policy.toml"
    written(policy, POLICY_FILE.read_text(), 1)
    partners = Partners(policy)
    partners.grants("demo")

    written(policy, "half a", 2)
    assert partners.grants("stranger") == frozenset()
    policy.unlink()

    assert partners.grants("stranger") == frozenset()
    assert partners.grants("demo") == set(KINDS)
