"""What one embedded stack keeps over restarts: its ports and its passwords."""

import asyncio
import secrets
import shutil
import socket
from pathlib import Path

import msgspec

from deploy.errors import UserError
from deploy.stack.endpoints import ROLES, Endpoints

EPHEMERAL_BEGINS = 32768
FIRST_PORT = 15000
NAMES = ("kafka", "controller", "postgres", "smtp", "mailbox", "pages")
NEEDED_MB = 600


class Plan(msgspec.Struct, frozen=True):
    """Ports by name, passwords by role (`admin` for the administrator), the secret that signs links."""

    ports: dict[str, int]
    passwords: dict[str, str]
    link_secret: str

    def endpoints(self, var: Path) -> Endpoints:
        port = self.ports
        return Endpoints(
            kafka=f"127.0.0.1:{port['kafka']}",
            database=f"postgresql://tandem:{self.passwords['admin']}@127.0.0.1:{port['postgres']}/postgres",
            smtp_host="127.0.0.1",
            smtp_port=port["smtp"],
            pages_url=f"http://127.0.0.1:{port['pages']}",
            pages_port=port["pages"],
            mailbox_url=f"http://127.0.0.1:{port['mailbox']}",
            passwords={role: self.passwords[role] for role in ROLES},
            link_secret=self.link_secret,
            var=var,
        )


def prepare(var: Path) -> tuple[Path, Plan]:
    """The folder, there and with room enough, and the plan that it keeps."""
    var = var.resolve()
    var.mkdir(parents=True, exist_ok=True)
    check_room(var)
    return var, load(var)


def load(var: Path) -> Plan:
    """The plan kept in `var/stack.json`; made and kept when there is none."""
    file = var / "stack.json"
    if not file.exists():
        file.touch(mode=0o600)
        file.write_bytes(msgspec.json.format(msgspec.json.encode(new())))
    try:
        return msgspec.json.decode(file.read_bytes(), type=Plan)
    except msgspec.DecodeError as error:
        raise UserError(f"{file} cannot be read ({error}): run `make clean` to start afresh") from None


def new() -> Plan:
    passwords = {role: secrets.token_urlsafe(16) for role in ("admin", *ROLES)}
    return Plan(dict(zip(NAMES, free_ports(len(NAMES)), strict=True)), passwords, secrets.token_urlsafe(32))


def free_ports(count: int) -> list[int]:
    """Ports below the ephemeral range: Kafka binds late, and until then any outgoing connection could take an ephemeral one."""
    ports: set[int] = set()
    while len(ports) < count:
        port = FIRST_PORT + secrets.randbelow(EPHEMERAL_BEGINS - FIRST_PORT)
        if is_free(port):
            ports.add(port)
    return list(ports)


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


async def until_free(ports: dict[str, int], patience: float = 5) -> None:
    """Waits while a stack that was killed still goes down; Trouble when a port stays taken."""
    for name, port in ports.items():
        try:
            async with asyncio.timeout(patience):
                while not is_free(port):  # noqa: ASYNC110 - nobody tells when a port is left
                    await asyncio.sleep(0.1)
        except TimeoutError:
            raise UserError(
                f"Port {port}, kept for {name}, is in use: end the program that listens there, "
                "or run `make clean` to choose other ports (this deletes the data)."
            ) from None


def check_room(folder: Path, needed_mb: int = NEEDED_MB) -> None:
    """Trouble when the disk of `folder` has too little room."""
    free = shutil.disk_usage(folder).free // 2**20
    if free < needed_mb:
        raise UserError(f"Only {free} MB free where {folder} is, and {needed_mb} MB are needed: make room and try again.")
