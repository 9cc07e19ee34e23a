"""Only one stack runs in a checkout at a time."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.errors import UserError
from deploy.stack.instance_lock import instance_lock, lock_holder, stop_holder

HOLD = """
import pathlib, time
from deploy.stack.instance_lock import instance_lock
with instance_lock(pathlib.Path("."), pathlib.Path("up")):
    print("held", flush=True)
    time.sleep(60)
"""


def test_new_folder_has_no_lock_holder(tmp_path: Path) -> None:
    assert lock_holder(tmp_path) is None
    assert not stop_holder(tmp_path)


def test_lock_holder_has_the_process_and_the_folder(tmp_path: Path) -> None:
    with instance_lock(tmp_path, tmp_path / "up"):
        holder = lock_holder(tmp_path)
        assert holder and holder[:2] == (os.getpid(), tmp_path / "up")
    assert lock_holder(tmp_path) is None


def test_second_start_is_refused_with_how_to_stop_the_first(tmp_path: Path) -> None:
    with instance_lock(tmp_path, tmp_path / "up"):
        with (
            pytest.raises(UserError, match=r"already runs in /.*: `make up` \(process \d+, since \d\d:\d\d \w+\)\. `make down`"),
            instance_lock(tmp_path, tmp_path),
        ):
            pass


def test_lock_holder_can_be_stopped(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", HOLD], cwd=tmp_path, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None and holder.stdout.readline() == b"held\n"

        assert stop_holder(tmp_path)

    assert lock_holder(tmp_path) is None
