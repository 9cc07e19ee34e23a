"""One stack in a checkout at a time."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.errors import UserError
from deploy.stack.instance_lock import instance_lock, lock_holder, stop_holder

HOLD = """
import pathlib, time
from deploy.occupancy import occupied
with occupied(pathlib.Path("."), pathlib.Path("up")):
    print("held", flush=True)
    time.sleep(60)
"""


def test_nobody_runs_in_a_new_folder(tmp_path: Path) -> None:
    assert lock_holder(tmp_path) is None
    assert not stop_holder(tmp_path)


def test_who_runs_and_where_can_be_seen(tmp_path: Path) -> None:
    with instance_lock(tmp_path, tmp_path / "up"):
        now = lock_holder(tmp_path)
        assert now and now[:2] == (os.getpid(), tmp_path / "up")
    assert lock_holder(tmp_path) is None


def test_a_second_one_hears_how_to_end_the_first(tmp_path: Path) -> None:
    with instance_lock(tmp_path, tmp_path / "up"):
        with (
            pytest.raises(
                UserError, match=r"already runs in this folder: `make up` \(process \d+, since \d\d:\d\d\)\. `make down`"
            ),
            instance_lock(tmp_path, tmp_path),
        ):
            pass


def test_what_runs_can_be_ended(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", HOLD], cwd=tmp_path, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None and holder.stdout.readline() == b"held\n"

        assert stop_holder(tmp_path)

    assert lock_holder(tmp_path) is None
