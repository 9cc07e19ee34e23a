"""What a bench found: a table in the terminal, JSON to keep, a picture to show."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader
from rich import box
from rich.console import Console
from rich.table import Table

from tests.benchmarks.report.rows import Row

TEMPLATES = Path(__file__).parent
COLUMNS = ("Measured", "Reference", "Goal", "Found (lowest–highest)", "", "Rate, Python + PostgreSQL + Kafka a message")


def shown(console: Console, rows: Sequence[Row], machine: Mapping[str, str]) -> None:
    """The table, and the machine below it."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_lines=False)
    for title in COLUMNS:
        table.add_column(title, overflow="fold")
    for row in rows:
        style = "" if row.met else "bold"
        table.add_row(row.name, row.reference, row.goal, row.said, "met" if row.met else "MISSED", row.absolute, style=style)
    console.print(table)
    for row in rows:
        if row.why:
            console.print(f"{row.name} against {row.reference}: {row.why}", highlight=False, markup=False)
    console.print(", ".join(f"{name} {value}" for name, value in machine.items()), highlight=False, markup=False)


def kept(folder: Path, name: str, rows: Sequence[Row], machine: Mapping[str, str], took: float) -> list[Path]:
    """Writes `name.json` and `name.svg` to the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    files = [folder / f"{name}.json", folder / f"{name}.svg"]
    told = {"machine": dict(machine), "seconds": round(took, 1), "rows": [asdict(row) for row in rows]}
    files[0].write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    files[1].write_text(picture(rows, machine), encoding="utf-8")
    return files


def picture(rows: Sequence[Row], machine: Mapping[str, str]) -> str:
    """The rows as an SVG of its own: how far each is on the right side of its goal."""
    drawn: list[dict[str, Any]] = [{"row": row, "share": min(row.reached, 2.0)} for row in rows]
    environment = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True, trim_blocks=True, lstrip_blocks=True)
    return environment.get_template("chart.svg").render(drawn=drawn, machine=machine)
