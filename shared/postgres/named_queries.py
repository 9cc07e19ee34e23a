"""Named SQL statements from a `.sql` file: `-- name: purpose`, then the statement."""

import re
from collections.abc import Mapping
from pathlib import Path


def load_queries(module_file: str, file: str = "queries.sql") -> Mapping[str, str]:
    """Return the statements of the file next to a module, by name. `module_file` is the module's `__file__`."""
    parts = re.split(r"^-- (\w+): .*$", Path(module_file).with_name(file).read_text(encoding="utf-8"), flags=re.M)[1:]
    return {name: text.strip().rstrip(";") for name, text in zip(parts[::2], parts[1::2], strict=True)}
