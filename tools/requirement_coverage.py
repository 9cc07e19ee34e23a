"""Which rows of the programme's checklist the tests carry, read from their source: `@pytest.mark.rule("R132")`."""

import ast
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

TESTS = Path(__file__).parents[1] / "tests"


class Row(NamedTuple):
    """One row: its kind (actor, rule, data …), the service that carries it, and its text."""

    kind: str
    service: str
    text: str


def rows(file: Path = TESTS / "requirements.toml") -> dict[str, Row]:
    """The checklist by code."""
    return {code: Row(**row) for code, row in tomllib.loads(file.read_text(encoding="utf-8")).items()}


def shown(folder: Path = TESTS) -> set[str]:
    """Every code that a test under `folder` carries."""
    return {code for path in folder.rglob("test_*.py") for code in marks(path.read_text(encoding="utf-8"))}


def marks(source: str) -> Iterator[str]:
    """The codes in one module, wherever `pytest.mark.rule(…)` stands in it, also under a name that the module gave it."""
    tree = ast.parse(source)
    names = {"pytest.mark.rule", *_named(tree)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in names:
            yield from (str(code.value) for code in node.args if isinstance(code, ast.Constant))


def _named(tree: ast.Module) -> Iterator[str]:
    for node in tree.body:
        if isinstance(node, ast.Assign) and ast.unparse(node.value) == "pytest.mark.rule":
            yield from (ast.unparse(target) for target in node.targets)
