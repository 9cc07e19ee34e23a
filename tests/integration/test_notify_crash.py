"""Notify's worker killed between sending and recording, or without a mail server: two attempts at most, no email lost."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from email.message import EmailMessage
from pathlib import Path

import pytest

from deploy.stack.endpoints import Endpoints, environment
from services.notify.emails.smtp import MAX_CONNECTIONS
from shared.messages.ids import entity_key
from shared.messages.notify import EmailFailed, EmailSent
from tests.support.factories import Example
from tests.support.kafka_client import KafkaClient, kafka_client
from tests.support.smtp_server import SmtpServer

PROJECT_ROOT = Path(__file__).parents[2]
RESTART_TIMEOUT = 30


class KilledWorker:
    """Notify's worker as a process, killed by each of the first `times` emails to an address, before they are acknowledged."""

    def __init__(self, stack: Endpoints, mail_server: SmtpServer, address: str, times: int) -> None:
        self.environment = environment(replace(stack, smtp_host="127.0.0.1", smtp_port=mail_server.port), "notify")
        self.address, self.kills_left = address, times
        self.killed = asyncio.Event()
        mail_server.on_received = self.kill

    async def start(self) -> None:
        self.killed.clear()
        self.process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "services.notify", env=self.environment, cwd=PROJECT_ROOT, stdout=asyncio.subprocess.DEVNULL
        )

    def kill(self, mail: EmailMessage) -> None:
        if mail["To"] == self.address and self.kills_left:
            self.kills_left -= 1
            os.kill(self.process.pid, signal.SIGKILL)
            self.killed.set()

    async def restart_after_kill(self) -> None:
        async with asyncio.timeout(RESTART_TIMEOUT):
            await self.killed.wait()
        await self.process.wait()
        await self.start()

    async def stop(self) -> None:
        if self.process.returncode is None:
            self.process.terminate()
        await self.process.wait()


@asynccontextmanager
async def killed_worker(stack: Endpoints, mail_server: SmtpServer, address: str, times: int) -> AsyncIterator[KilledWorker]:
    worker = KilledWorker(stack, mail_server, address, times)
    await worker.start()
    try:
        yield worker
    finally:
        await worker.stop()


@pytest.fixture
async def mail_server() -> AsyncIterator[SmtpServer]:
    async with SmtpServer() as server:
        yield server


@pytest.fixture
async def bus(kafka: str) -> AsyncIterator[KafkaClient]:
    async with kafka_client(kafka) as client:
        yield client


def welcome_of(example: Example) -> Callable[[EmailSent | EmailFailed], bool]:
    return lambda message: message.about == entity_key("organisation", example.organisation)


async def test_kill_before_the_acknowledgement_repeats_the_email_once_and_counts_it(
    stack: Endpoints, mail_server: SmtpServer, bus: KafkaClient
) -> None:
    example = Example()
    async with killed_worker(stack, mail_server, example.address("coordinator"), times=1) as worker:
        await bus.publish(*example.registration())
        await worker.restart_after_kill()
        sent = await bus.wait_for(EmailSent, welcome_of(example))

    first, second = mail_server.to(example.address("coordinator"))
    assert first["Message-ID"] == second["Message-ID"]
    assert sent.data.attempts == 2


async def test_after_two_kills_the_email_fails_without_a_third_attempt(
    stack: Endpoints, mail_server: SmtpServer, bus: KafkaClient
) -> None:
    example = Example()
    async with killed_worker(stack, mail_server, example.address("coordinator"), times=2) as worker:
        await bus.publish(*example.registration())
        await worker.restart_after_kill()
        await worker.restart_after_kill()
        failed = await bus.wait_for(EmailFailed, welcome_of(example))

    assert failed.data.reason == "gave_up"
    assert len(mail_server.to(example.address("coordinator"))) == 2


async def test_kill_among_many_emails_repeats_only_those_in_flight(
    stack: Endpoints, mail_server: SmtpServer, bus: KafkaClient
) -> None:
    examples = [Example() for _ in range(30)]
    async with killed_worker(stack, mail_server, examples[15].address("coordinator"), times=1) as worker:
        await bus.publish(*(message for example in examples for message in example.registration()))
        await worker.restart_after_kill()
        for example in examples:
            await bus.wait_for(EmailSent, welcome_of(example))

    copies = [len(mail_server.to(example.address("coordinator"))) for example in examples]
    assert set(copies) == {1, 2} and copies.count(2) <= MAX_CONNECTIONS


async def test_email_waits_for_an_unavailable_mail_server(stack: Endpoints, bus: KafkaClient) -> None:
    example, mail_server = Example(), SmtpServer()
    async with mail_server:
        pass  # reserves a port
    async with killed_worker(stack, mail_server, example.address("coordinator"), times=0):
        await bus.publish(*example.registration())
        await asyncio.sleep(3)
        async with mail_server:
            sent = await bus.wait_for(EmailSent, welcome_of(example))

    assert sent.data.attempts == 1
    assert len(mail_server.to(example.address("coordinator"))) == 1
