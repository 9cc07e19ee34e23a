"""Becomes a command that ends with its parent: `python leash.py PARENT SIGNAL FOLDER COMMAND…`.

Linux sends SIGNAL when PARENT goes; elsewhere nothing does. With FOLDER (else `-`) root becomes nobody first, as PostgreSQL
refuses root: in a user namespace that maps root to nobody, or where those are forbidden by giving FOLDER to nobody.
"""

import ctypes
import os
import sys
from pathlib import Path

NOBODY = 65534
CLONE_NEWUSER = 0x10000000
PR_SET_PDEATHSIG = 1

libc = ctypes.CDLL(None, use_errno=True)


def become_nobody(folder: Path) -> None:
    uid, gid = os.getuid(), os.getgid()
    if libc.unshare(CLONE_NEWUSER):
        give_away(folder)
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)
        return
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{NOBODY} {uid} 1")
    Path("/proc/self/gid_map").write_text(f"{NOBODY} {gid} 1")


def give_away(folder: Path) -> None:
    folder.parent.chmod(folder.parent.stat().st_mode | 0o011)
    for path in [folder, *folder.rglob("*")]:
        os.chown(path, NOBODY, NOBODY, follow_symlinks=False)


def main(parent: str, number: str, folder: str, *command: str) -> None:
    if folder != "-" and os.geteuid() == 0:
        become_nobody(Path(folder))
    if sys.platform == "linux":
        libc.prctl(PR_SET_PDEATHSIG, int(number))
        if os.getppid() != int(parent):
            sys.exit("the parent went before the start")
    try:
        os.execvp(command[0], command)
    except PermissionError:
        sys.exit(
            f"{command[0]} is closed to the user that has to run it: run as an ordinary user, or from a folder that all may enter"
        )


if __name__ == "__main__":
    main(*sys.argv[1:])
