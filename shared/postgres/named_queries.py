"""Named statements from a `.sql` file: `-- name: purpose`, then the statement."""

import re
from collections.abc import Mapping
from pathlib import Path


def load_queries(beside: str, file: str = "queries.sql") -> Mapping[str, str]:
    """The statements of the file that lies beside the module `beside` (its `__file__`), by name."""
    parts = re.split(r"^-- (\w+): .*$", Path(beside).with_name(file).read_text(encoding="utf-8"), flags=re.M)[1:]
    return {name: text.strip().rstrip(";") for name, text in zip(parts[::2], parts[1::2], strict=True)}
