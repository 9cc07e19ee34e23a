"""Puts a folder on a small file system that can be filled. Mounting it takes root."""

import subprocess
from pathlib import Path

CHUNK = 1 << 20


class SmallDisk:
    """Moves a folder to a file system of `size` bytes in memory while entered, and its content back at the end.

    Entering returns the path of a file in it for `fill`. Raises `AssertionError` if the file system cannot be mounted.
    """

    def __init__(self, folder: Path, size: int) -> None:
        self._folder, self._copy, self._size = folder, folder.with_name(f"{folder.name}-copy"), size

    def __enter__(self) -> Path:
        _run("cp", "-a", str(self._folder), str(self._copy))
        _run("mount", "-t", "tmpfs", "-o", f"size={self._size}", "tmpfs", str(self._folder))
        _run("sh", "-c", f"cp -a {self._copy}/. {self._folder}/")
        return self._folder / "ballast"

    def __exit__(self, *_: object) -> None:
        _run("rm", "-rf", str(self._copy))
        _run("cp", "-a", str(self._folder), str(self._copy))
        _run("umount", str(self._folder))
        _run("sh", "-c", f"rm -rf {self._folder} && mv {self._copy} {self._folder}")


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        reason = "a file system cannot be mounted on this machine: " if command[0] == "mount" else ""
        raise AssertionError(f"{reason}{' '.join(command)}: {done.stderr.strip()}")


def fill(file: Path) -> None:
    """Grow the file until the disk is full."""
    with file.open("wb") as ballast:
        try:
            while True:
                ballast.write(bytes(CHUNK))
                ballast.flush()
        except OSError:
            return
