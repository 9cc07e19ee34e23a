"""`python -m tests.fault_injection.launcher services.intake --at before-commit --nth 5`: patches itself, then runs the module.

`--at` crashes as SIGKILL does when the point is reached for the nth time. `--bug` seeds a bug. `--poison` names a file: while it
exists, the decider raises for every message whose subject contains the file's text.
"""

import argparse
import runpy
import sys
from pathlib import Path
from typing import Any

from shared.pipeline import outbox, runner
from shared.pipeline.decider import step
from tests.fault_injection.launcher.crash_points import CRASH_POINTS, crash_at_call
from tests.fault_injection.launcher.patching import replace
from tests.fault_injection.launcher.seeded_bugs import SEEDED_BUGS


def raise_for_subjects_in(file: Path) -> None:
    """Make the decider raise for the subjects that contain the text of this file."""
    original: Any = step

    def step_or_raise(decider: Any, states: Any, envelope: Any) -> Any:
        if file.exists() and file.read_text() in envelope.subject:
            raise LookupError("a poison message")
        return original(decider, states, envelope)

    replace(runner, "step", step_or_raise)


def main() -> None:
    """Install what the options ask for, and run the module as `__main__`."""
    parser = argparse.ArgumentParser()
    parser.add_argument("module")
    parser.add_argument("--at", choices=CRASH_POINTS)
    parser.add_argument("--nth", type=int, default=1)
    parser.add_argument("--bug", choices=SEEDED_BUGS)
    parser.add_argument("--poison", type=Path)
    parser.add_argument("--max-message-bytes", type=int)
    options = parser.parse_args()
    if options.at:
        CRASH_POINTS[options.at](crash_at_call(options.nth))
    if options.bug:
        SEEDED_BUGS[options.bug]()
    if options.poison:
        raise_for_subjects_in(options.poison)
    if options.max_message_bytes:
        replace(outbox, "MAX_MESSAGE_BYTES", options.max_message_bytes)
    sys.argv = [options.module]
    runpy.run_module(options.module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
