"""The kinds that each partner may publish, reloaded when the policy file changes, so that a new partner needs no restart."""

from collections.abc import Callable
from pathlib import Path
from time import monotonic

from shared.error_text import safe_error_text
from shared.log import log
from shared.programme.policy import InvalidPolicy, Policy, load_policy

RELOAD_INTERVAL = 1.0  # seconds between checks of the file


class PartnerGrants:
    """Grants by partner: of `policy` at first, then of the file at `path` each time it changes. `now` returns monotonic seconds."""

    def __init__(self, policy: Policy, path: Path, now: Callable[[], float] = monotonic) -> None:
        self._path, self._now = path, now
        self._modified_at, self._next_check = 0, now()
        self._grants = _grants(policy)

    def grants(self, partner: str) -> frozenset[str]:
        """Return the kinds that the partner may publish: none if the policy does not name it."""
        if self._now() >= self._next_check:
            self._next_check = self._now() + RELOAD_INTERVAL
            self._reload_if_changed()
        return self._grants.get(partner, frozenset())

    def _reload_if_changed(self) -> None:
        """Reload the file; if it is missing or not valid, log that and keep the last grants."""
        try:
            modified_at = self._path.stat().st_mtime_ns
            if modified_at != self._modified_at:
                self._grants, self._modified_at = _grants(load_policy(self._path)), modified_at
        except (OSError, InvalidPolicy) as error:
            log.warning("policy_file_unreadable", error=type(error).__name__, detail=safe_error_text(error))


def _grants(policy: Policy) -> dict[str, frozenset[str]]:
    return {partner.id: frozenset(partner.grants) for partner in policy.partners}
