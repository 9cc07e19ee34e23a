"""Counts and findings of a run, printed and written to JSON."""

import json
from collections import Counter, defaultdict
from pathlib import Path

from rich.console import Console

EXAMPLES_PER_FINDING = 5


class Report:
    """`counts` holds what was tried, and how the stack answered; `findings` what must not happen, each with some examples."""

    def __init__(self, minutes: float, seed: int) -> None:
        self.minutes, self.seed = minutes, seed
        self.counts = Counter[str]()
        self.longest = defaultdict[str, float](float)
        """Longest seconds that each kind of canary took."""
        self.findings = Counter[str]()
        self.examples = defaultdict[str, list[str]](list)

    def add(self, finding: str, example: object = "") -> None:
        """Record what must not happen; `example` helps to repeat it."""
        self.findings[finding] += 1
        if example and len(self.examples[finding]) < EXAMPLES_PER_FINDING:
            self.examples[finding].append(str(example)[:2000])

    def measure(self, canary: str, seconds: float) -> None:
        """Record how long a canary took."""
        self.counts[f"canary: {canary}"] += 1
        self.longest[canary] = max(self.longest[canary], round(seconds, 2))

    def print(self, console: Console) -> None:
        """Print counts, longest waits and findings."""
        for name, count in sorted(self.counts.items()):
            longest = self.longest.get(name.removeprefix("canary: "))
            console.print(f"{count:>8} {name}{'' if longest is None else f', at most {longest} s'}", highlight=False, markup=False)
        for finding, count in self.findings.most_common():
            console.print(f"FINDING {count} times: {finding}", style="red", highlight=False, markup=False)
            for example in self.examples[finding]:
                console.print(f"    {ascii(example)[:300]}", highlight=False, markup=False)
        console.print("No findings." if not self.findings else f"{len(self.findings)} kinds of findings.", highlight=False)

    def write(self, file: Path) -> None:
        """Write everything, examples included."""
        file.parent.mkdir(parents=True, exist_ok=True)
        content = {
            "minutes": self.minutes,
            "seed": self.seed,
            "counts": dict(sorted(self.counts.items())),
            "longest_seconds": dict(self.longest),
            "findings": {name: {"count": count, "examples": self.examples[name]} for name, count in self.findings.items()},
        }
        file.write_text(json.dumps(content, indent=2) + "\n")
