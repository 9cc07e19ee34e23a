"""Who may publish what. A partner that is not known yet makes it look into the policy file again: a new one needs no restart."""

from pathlib import Path

from shared.policy import read


class Partners:
    """Grants by partner, out of the policy file at `path`."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen = 0
        self._grants: dict[str, frozenset[str]] = {}

    def grants(self, partner: str) -> frozenset[str]:
        """The kinds that the partner may publish; none for one that the policy does not name."""
        if partner not in self._grants:
            self._look()
        return self._grants.get(partner, frozenset())

    def _look(self) -> None:
        """Reads the file if it changed; one that is away or not valid (somebody is at work in it) counts as what it was."""
        try:
            changed = self._path.stat().st_mtime_ns
            if changed == self._seen:
                return
            self._seen = changed
            policy = read(self._path)
        except (OSError, ValueError):
            return
        self._grants = {known.id: frozenset(known.grants) for known in policy.partners}
