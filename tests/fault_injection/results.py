"""Results of faults: printed as they come, written to JSON after each, and summarised in a table."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from rich.console import Console
from rich.table import Table

MAX_PRINTED_FAILURES = 12


@dataclass(frozen=True)
class Result:
    """The result of one fault. `failures` are broken invariants and errors of the run itself."""

    name: str
    seed: int
    seconds: float
    failures: Sequence[str] = field(default_factory=list)
    notes: Sequence[str] = field(default_factory=list)

    @property
    def held(self) -> bool:
        """True if all invariants held."""
        return not self.failures


class Results:
    """All results of a run, in a JSON file that is complete after each fault."""

    def __init__(self, console: Console, file: Path) -> None:
        self.file, self.results = file, list[Result]()
        self._console = console

    def add(self, result: Result) -> None:
        """Print the result and write the file."""
        self.results.append(result)
        self._print(result)
        self.file.parent.mkdir(parents=True, exist_ok=True)
        self.file.write_text(json.dumps([asdict(one) | {"held": one.held} for one in self.results], indent=2) + "\n")

    @property
    def failed(self) -> bool:
        return any(not result.held for result in self.results)

    @property
    def longest_seconds(self) -> float:
        return max((result.seconds for result in self.results), default=0)

    def _print(self, result: Result) -> None:
        verdict = "[green]held[/green]" if result.held else "[red]failed[/red]"
        self._console.print(f"{verdict} {result.name}: {result.seconds} s {'; '.join(result.notes)}", highlight=False)
        for line in result.failures[:MAX_PRINTED_FAILURES]:
            self._console.print(f"    {line}", highlight=False, markup=False)
        if len(result.failures) > MAX_PRINTED_FAILURES:
            self._console.print(f"    … {len(result.failures)} in all", highlight=False)

    def print_table(self) -> None:
        """Print one row for each fault."""
        table = Table("Fault", "Seed", "Seconds", "Result", "Notes", box=None)
        for result in self.results:
            verdict = "[green]held" if result.held else f"[red]failed: {len(result.failures)}"
            table.add_row(result.name, str(result.seed), str(result.seconds), verdict, "; ".join(result.notes))
        self._console.print(table)
