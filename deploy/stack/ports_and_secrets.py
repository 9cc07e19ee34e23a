"""The ports and secrets that an embedded stack keeps over restarts."""

import asyncio
import secrets
import shutil
import socket
from hashlib import sha256
from pathlib import Path

import msgspec

from deploy.errors import UserError
from deploy.stack.endpoints import ROLES, Endpoints

FILE = "stack.json"
EPHEMERAL_RANGE_START = 32768
FIRST_PORT = 15000
PORT_NAMES = ("kafka", "controller", "postgres", "smtp", "mail_catcher", "pages")
ADMINISTRATOR = "tandem"
"""The role that owns the embedded database."""
MIN_FREE_MB = 600
POLL_INTERVAL = 0.1


class PortsAndSecrets(msgspec.Struct, frozen=True):
    """Ports by name, passwords by role (`admin` for the administrator), and the secret that signs links."""

    ports: dict[str, int]
    passwords: dict[str, str]
    link_secret: str

    def endpoints(self, var: Path) -> Endpoints:
        port = self.ports
        return Endpoints(
            kafka=f"127.0.0.1:{port['kafka']}",
            database=administrator_url(port["postgres"], self.passwords["admin"]),
            smtp_host="127.0.0.1",
            smtp_port=port["smtp"],
            pages_url=f"http://127.0.0.1:{port['pages']}",
            pages_port=port["pages"],
            mail_catcher_url=f"http://127.0.0.1:{port['mail_catcher']}",
            passwords={role: self.passwords[role] for role in ROLES},
            link_secret=self.link_secret,
            person_secret=sha256(f"person/{self.link_secret}".encode()).hexdigest(),
            var=var,
        )


def administrator_url(port: int, password: str) -> str:
    """The administrator's URL of the database server on this port."""
    return f"postgresql://{ADMINISTRATOR}:{password}@127.0.0.1:{port}/postgres"


def prepare(var: Path) -> tuple[Path, PortsAndSecrets]:
    """Create the folder, check its free space, and return its absolute path with its ports and secrets."""
    var = var.resolve()
    var.mkdir(parents=True, exist_ok=True)
    check_disk_space(var)
    if not (var / FILE).exists():
        _write(var / FILE, _generate())
    return var, load(var)


def load(var: Path) -> PortsAndSecrets:
    """The ports and secrets in `var/stack.json`, which `prepare` creates. Raises UserError if the file is unusable."""
    file = var / FILE
    try:
        config = msgspec.json.decode(file.read_bytes(), type=PortsAndSecrets)
    except FileNotFoundError:
        raise UserError(f"The stack in {var} is only just starting: try again in a moment.") from None
    except msgspec.DecodeError as error:
        raise UserError(f"{file} cannot be read ({error}): run `make clean` to start over.") from None
    if set(config.ports) != set(PORT_NAMES):
        raise UserError(f"{file} was written by another version of Tandem: run `make clean` to start over.")
    return config


def _write(file: Path, config: PortsAndSecrets) -> None:
    """Create the file in one step, readable only by its owner: a status command may read it at any moment."""
    temporary = file.with_name(f".{file.name}")
    temporary.touch(mode=0o600)
    temporary.write_bytes(msgspec.json.format(msgspec.json.encode(config)))
    temporary.replace(file)


def _generate() -> PortsAndSecrets:
    passwords = {role: secrets.token_urlsafe(16) for role in ("admin", *ROLES)}
    ports = dict(zip(PORT_NAMES, free_ports(len(PORT_NAMES)), strict=True))
    return PortsAndSecrets(ports, passwords, secrets.token_urlsafe(32))


def free_ports(count: int) -> list[int]:
    """Free ports below the ephemeral range: Kafka binds late, and meanwhile an outgoing connection could take an ephemeral port."""
    ports: set[int] = set()
    while len(ports) < count:
        port = FIRST_PORT + secrets.randbelow(EPHEMERAL_RANGE_START - FIRST_PORT)
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


async def wait_until_free(ports: dict[str, int], within: float = 5) -> None:
    """Wait while a killed stack is still going down. Raises UserError if a port is not free `within` seconds."""
    for name, port in ports.items():
        try:
            async with asyncio.timeout(within):
                while not is_free(port):  # noqa: ASYNC110 - nothing signals that a port was released
                    await asyncio.sleep(POLL_INTERVAL)
        except TimeoutError:
            raise UserError(
                f"Port {port}, reserved for {name}, is in use: end the program that listens there, "
                "or run `make clean` to choose other ports (this deletes the data)."
            ) from None


def check_disk_space(folder: Path, needed_mb: int = MIN_FREE_MB) -> None:
    """Raise UserError if the disk of `folder` has less than `needed_mb` free."""
    free = shutil.disk_usage(folder).free // 2**20
    if free < needed_mb:
        raise UserError(f"Only {free} MB are free in {folder}, and {needed_mb} MB are needed: free up space and try again.")
