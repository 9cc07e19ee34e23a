"""Who may publish what, as the policy file says by now: a partner more, or a kind less, needs no restart."""

from collections.abc import Callable
from pathlib import Path
from time import monotonic

from shared.log import log
from shared.programme.policy import Policy, load_policy

RELOAD_INTERVAL = 1.0
"""Seconds between two looks at the file."""


class PartnerGrants:
    """Grants by partner: those of the policy read at start, then those of its file at `path`. `passed` counts seconds."""

    def __init__(self, policy: Policy, path: Path, passed: Callable[[], float] = monotonic) -> None:
        self._path, self._passed = path, passed
        self._seen, self._next = 0, passed()
        self._grants = _grants(policy)

    def grants(self, partner: str) -> frozenset[str]:
        """The kinds that the partner may publish; none for one that the policy does not name."""
        if self._passed() >= self._next:
            self._next = self._passed() + RELOAD_INTERVAL
            self._look()
        return self._grants.get(partner, frozenset())

    def _look(self) -> None:
        """Reads the file if it changed; one that is away or not valid is logged, and counts as what it was."""
        try:
            changed = self._path.stat().st_mtime_ns
            if changed != self._seen:
                self._grants, self._seen = _grants(load_policy(self._path)), changed
        except (OSError, ValueError) as error:
            log.warning("policy file cannot be read", error=type(error).__name__)


def _grants(policy: Policy) -> dict[str, frozenset[str]]:
    return {known.id: frozenset(known.grants) for known in policy.partners}
