"""Writes the results of a benchmark: JSON after each row, a table and a chart at the end."""

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader
from rich import box
from rich.console import Console
from rich.table import Table

from tests.benchmarks.report.rows import Row, failed_row

TEMPLATES = Path(__file__).parent
COLUMNS = ("Measured", "Reference", "Goal", "Result (lowest–highest)", "", "Rate, Python + PostgreSQL + Kafka per message")
CHART_LIMIT = 2.0
"""A bar that is twice as good as the goal reaches the right edge."""


class Results:
    """The rows so far, in `folder/name.json` as soon as they are known."""

    def __init__(self, folder: Path, name: str, machine: Mapping[str, str]) -> None:
        self.rows, self.failed_parts = list[Row](), list[str]()
        self._folder, self._name, self._machine, self._started = folder, name, machine, time.monotonic()

    def add(self, row: Row) -> None:
        self.rows.append(row)
        self.write_json()

    def add_failure(self, part: str, reason: str) -> None:
        """Add a row with the reason why a part could not be measured."""
        self.failed_parts.append(part)
        self.add(failed_row(part, reason))

    def write_json(self) -> Path:
        """Write everything known so far, and return the file."""
        self._folder.mkdir(parents=True, exist_ok=True)
        content = {
            "machine": dict(self._machine),
            "seconds": round(time.monotonic() - self._started, 1),
            "failed_parts": self.failed_parts,
            "rows": [asdict(row) for row in self.rows],
        }
        file = self._folder / f"{self._name}.json"
        file.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        return file

    def write_chart(self) -> Path:
        """Write the chart as SVG, and return the file."""
        file = self._folder / f"{self._name}.svg"
        file.write_text(chart(self.rows, self._machine), encoding="utf-8")
        return file

    def print_table(self, console: Console) -> None:
        """Print the table, the profiles of rows that missed their goals, and the machine."""
        table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_lines=False)
        for title in COLUMNS:
            table.add_column(title, overflow="fold")
        for row in self.rows:
            verdict, style = ("met", "") if row.met else ("MISSED", "bold")
            table.add_row(row.name, row.reference, row.goal, row.result, verdict, row.absolute, style=style)
        console.print(table)
        for row in self.rows:
            if row.profile:
                console.print(f"{row.name} compared with {row.reference}: {row.profile}", highlight=False, markup=False)
        console.print(", ".join(f"{name} {value}" for name, value in self._machine.items()), highlight=False, markup=False)


def chart(rows: Sequence[Row], machine: Mapping[str, str]) -> str:
    """Return an SVG that shows how far each row is from its goal."""
    bars: list[dict[str, Any]] = [{"row": row, "share": min(row.reached, CHART_LIMIT)} for row in rows]
    environment = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True, trim_blocks=True, lstrip_blocks=True)
    return environment.get_template("chart.svg").render(bars=bars, machine=machine)
