"""Launcher that replaces itself with a command and ties it to its parent: `parent_death_signal.py PARENT SIGNAL FOLDER COMMAND…`.

On Linux the command receives SIGNAL when process PARENT ends. If FOLDER is not `-`, root first becomes the unprivileged user 65534,
because PostgreSQL refuses to run as root: in a user namespace that maps root to it, or, where namespaces are forbidden, by giving
it FOLDER.
"""

import ctypes
import os
import sys
from pathlib import Path

UNPRIVILEGED_ID = 65534
CLONE_NEWUSER = 0x10000000
PR_SET_PDEATHSIG = 1

libc = ctypes.CDLL(None, use_errno=True)


def drop_root(folder: Path) -> None:
    uid, gid = os.getuid(), os.getgid()
    if libc.unshare(CLONE_NEWUSER):
        change_owner(folder)
        os.setgroups([])
        os.setgid(UNPRIVILEGED_ID)
        os.setuid(UNPRIVILEGED_ID)
        return
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{UNPRIVILEGED_ID} {uid} 1")
    Path("/proc/self/gid_map").write_text(f"{UNPRIVILEGED_ID} {gid} 1")


def change_owner(folder: Path) -> None:
    folder.parent.chmod(folder.parent.stat().st_mode | 0o011)
    for path in [folder, *folder.rglob("*")]:
        os.chown(path, UNPRIVILEGED_ID, UNPRIVILEGED_ID, follow_symlinks=False)


def main(parent: str, number: str, folder: str, *command: str) -> None:
    if folder != "-" and os.geteuid() == 0:
        drop_root(Path(folder))
    if sys.platform == "linux":
        libc.prctl(PR_SET_PDEATHSIG, int(number))
        if os.getppid() != int(parent):
            sys.exit("the parent process ended before the start")
    try:
        os.execvp(command[0], command)
    except PermissionError:
        sys.exit(
            f"the user that has to run {command[0]} may not read it: "
            "run as an ordinary user, or from a folder that every user may enter"
        )


if __name__ == "__main__":
    main(*sys.argv[1:])
