"""List the requirements that no test covers: `python -m tools.requirement_coverage`. Exits with 1 if a test names an unknown code.

`tests/requirements.toml` holds the requirements; a test names those that it covers with `@pytest.mark.rule("R132")`.
"""

import ast
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from rich.console import Console
from rich.table import Table

TESTS = Path(__file__).parents[1] / "tests"


class Requirement(NamedTuple):
    """A requirement: its kind (actor, rule, data …), the service that implements it, its text."""

    kind: str
    service: str
    text: str


def load_requirements(file: Path = TESTS / "requirements.toml") -> dict[str, Requirement]:
    """The requirements by code."""
    return {code: Requirement(**row) for code, row in tomllib.loads(file.read_text(encoding="utf-8")).items()}


def covered_codes(folder: Path = TESTS) -> set[str]:
    """The codes that the tests in `folder` name."""
    return {code for path in folder.rglob("test_*.py") for code in marked_codes(path.read_text(encoding="utf-8"))}


def marked_codes(source: str) -> Iterator[str]:
    """The codes in one module: the arguments of `pytest.mark.rule`, also where the module gave that another name."""
    tree = ast.parse(source)
    names = {"pytest.mark.rule", *_aliases(tree)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in names:
            yield from (str(code.value) for code in node.args if isinstance(code, ast.Constant))


def _aliases(tree: ast.Module) -> Iterator[str]:
    for node in tree.body:
        if isinstance(node, ast.Assign) and ast.unparse(node.value) == "pytest.mark.rule":
            yield from (ast.unparse(target) for target in node.targets)


def main() -> None:
    requirements, covered = load_requirements(), covered_codes()
    table = Table("Code", "Kind", "Service", "Requirement", box=None)
    missing = sorted(requirements.keys() - covered)
    for code in missing:
        table.add_row(code, *requirements[code])
    console = Console()
    console.print(table)
    console.print(f"{len(requirements) - len(missing)} of {len(requirements)} requirements have a test, {len(missing)} have none.")
    if unknown := sorted(covered - requirements.keys()):
        sys.exit(f"Tests name unknown requirements: {', '.join(unknown)}")


if __name__ == "__main__":
    main()
