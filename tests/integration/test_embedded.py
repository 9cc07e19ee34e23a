"""The embedded stack starts, keeps its data over a kill, and leaves no process behind."""

import asyncio
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import aiosmtplib
import asyncpg
import httpx
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from deploy.errors import UserError
from deploy.stack import ports_and_secrets
from deploy.stack.embedded import infrastructure, kafka, postgres
from deploy.stack.endpoints import Endpoints
from deploy.stack.ports_and_secrets import PortsAndSecrets, is_free
from deploy.stack.process import ManagedProcess
from deploy.stack.progress import NullProgress

RUN = """
import asyncio, pathlib
from deploy.stack.embedded import infrastructure
async def main():
    async with infrastructure(pathlib.Path("var")):
        print("up", flush=True)
        await asyncio.sleep(60)
asyncio.run(main())
"""


@pytest.fixture(scope="module")
def var(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("embedded") / "var"


@pytest.fixture
async def endpoints(var: Path) -> AsyncIterator[Endpoints]:
    async with infrastructure(var) as started:
        yield started.endpoints


async def test_mail_to_the_stack_is_stored_and_shown(endpoints: Endpoints) -> None:
    mail = "From: tandem@mail.example\r\nTo: een@partner.example\r\nSubject: Welkom\r\n\r\nDag"

    await aiosmtplib.send(
        mail,
        sender="tandem@mail.example",
        recipients=["een@partner.example"],
        hostname=endpoints.smtp_host,
        port=endpoints.smtp_port,
    )

    assert (endpoints.var / "mail/0001-welkom.eml").read_bytes().startswith(b"From: tandem@mail.example")
    async with httpx.AsyncClient(base_url=endpoints.mail_catcher_url) as browser:
        assert [mail["subject"] for mail in (await browser.get("/mails")).json()] == ["Welkom"]
        assert "Welkom" in (await browser.get("/")).text
        assert (await browser.get("/mails/0001-welkom.html")).status_code == 200
        assert (await browser.get("/mails/..%2Fstack.json")).status_code == 404


async def test_data_survive_a_kill_of_both_servers(var: Path) -> None:
    folder, config = ports_and_secrets.prepare(var)
    endpoints = config.endpoints(folder)
    before = await start(folder, config)
    await write_data(endpoints)

    for server in before:
        await server.kill()
    after = await start(folder, config)

    assert await read_data(endpoints) == ("a row", b"a record")
    for server in after:
        await server.stop()


async def test_database_that_recovers_is_not_ready_although_its_port_is_open(tmp_path: Path) -> None:
    """A standby without `hot_standby` stays in recovery and refuses every query."""
    folder, config = ports_and_secrets.prepare(tmp_path / "var")
    port, password = config.ports["postgres"], config.passwords["admin"]
    await (await postgres.start(folder, port, password, fsync=False)).stop()
    (folder / "postgres/data/standby.signal").touch()
    with (folder / "postgres/data/postgresql.auto.conf").open("a") as settings:
        settings.write("hot_standby = off\n")

    starting = asyncio.create_task(postgres.start(folder, port, password, fsync=False))
    while is_free(port):  # noqa: ASYNC110
        await asyncio.sleep(0.02)
    await asyncio.wait([starting], timeout=2)

    assert not starting.done()
    starting.cancel()
    await asyncio.gather(starting, return_exceptions=True)


def test_killed_parent_leaves_no_process_behind(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", RUN], cwd=tmp_path, stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None and parent.stdout.readline() == b"up\n"
        ports = ports_and_secrets.load(tmp_path / "var").ports.values()
        assert not all(map(is_free, ports))

        parent.send_signal(signal.SIGKILL)

    asyncio.run(ports_and_secrets.wait_until_free({str(port): port for port in ports}))
    pids = [int(file.read_text()) for file in (tmp_path / "var/run").glob("*.pid")]
    assert len(pids) == 3
    wait_until_gone(pids)


async def test_port_in_use_is_named_with_what_to_do(tmp_path: Path) -> None:
    _, config = ports_and_secrets.prepare(tmp_path)
    listener = await asyncio.start_server(lambda *_: None, "127.0.0.1", config.ports["kafka"])

    with pytest.raises(UserError, match=f"Port {config.ports['kafka']}, reserved for kafka, is in use: .*make clean"):
        await ports_and_secrets.wait_until_free(config.ports, within=0.2)
    listener.close()


async def test_ports_and_passwords_are_readable_only_by_their_owner(var: Path) -> None:
    assert (var / "stack.json").stat().st_mode & 0o777 == 0o600


async def start(folder: Path, config: PortsAndSecrets) -> list[ManagedProcess]:
    return [
        await postgres.start(folder, config.ports["postgres"], config.passwords["admin"], fsync=False),
        await kafka.start(folder, config.ports, NullProgress()),
    ]


async def write_data(endpoints: Endpoints) -> None:
    """Write a row and a record."""
    connection = await asyncpg.connect(endpoints.database)
    await connection.execute("CREATE TABLE remembered AS SELECT 'a row' AS what")
    await connection.close()
    admin = AIOKafkaAdminClient(bootstrap_servers=endpoints.kafka)
    await admin.start()
    await admin.create_topics([NewTopic("remembered", 1, 1)])
    await admin.close()
    async with AIOKafkaProducer(bootstrap_servers=endpoints.kafka) as producer:
        await producer.send_and_wait("remembered", b"a record")


async def read_data(endpoints: Endpoints) -> tuple[str, bytes]:
    connection = await asyncpg.connect(endpoints.database)
    row = await connection.fetchval("SELECT what FROM remembered")
    await connection.close()
    async with AIOKafkaConsumer("remembered", bootstrap_servers=endpoints.kafka, auto_offset_reset="earliest") as consumer:
        return row, (await consumer.getone()).value


def wait_until_gone(pids: list[int], timeout: float = 10) -> None:
    deadline = time.monotonic() + timeout
    while any(map(is_running, pids)):
        assert time.monotonic() < deadline, "a process is left behind"
        time.sleep(0.05)


def is_running(pid: int) -> bool:
    """Return True if the process runs; a zombie does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False
