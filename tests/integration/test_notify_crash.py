"""Notify's worker in trouble: killed between sending and recording, or without a mail server. Two sendings at most, none lost."""

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
from services.notify.emails import smtp
from shared.messages.envelope import entity_key
from shared.messages.notify import EmailFailed, EmailSent
from tests.support.factories import Cast
from tests.support.kafka_client import KafkaClient, kafka_client
from tests.support.smtp_server import SmtpServer

HOUSE = Path(__file__).parents[2]


class Doomed:
    """The worker as a process, killed by each of the first `times` mails to an address before it hears that they were taken."""

    def __init__(self, stack: Endpoints, office: SmtpServer, address: str, times: int) -> None:
        self.environment = environment(replace(stack, smtp_host="127.0.0.1", smtp_port=office.port), "notify")
        self.address, self.left = address, times
        self.died = asyncio.Event()
        office.on_received = self.kill

    async def start(self) -> None:
        self.died.clear()
        self.process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "services.notify", env=self.environment, cwd=HOUSE, stdout=asyncio.subprocess.DEVNULL
        )

    def kill(self, mail: EmailMessage) -> None:
        if mail["To"] == self.address and self.left:
            self.left -= 1
            os.kill(self.process.pid, signal.SIGKILL)
            self.died.set()

    async def again(self) -> None:
        """After the next death, another life."""
        async with asyncio.timeout(30):
            await self.died.wait()
        await self.process.wait()
        await self.start()

    async def stop(self) -> None:
        if self.process.returncode is None:
            self.process.terminate()
        await self.process.wait()


@asynccontextmanager
async def doomed(stack: Endpoints, office: SmtpServer, address: str, times: int) -> AsyncIterator[Doomed]:
    it = Doomed(stack, office, address, times)
    await it.start()
    try:
        yield it
    finally:
        await it.stop()


@pytest.fixture
async def office() -> AsyncIterator[SmtpServer]:
    async with SmtpServer() as it:
        yield it


@pytest.fixture
async def said(kafka: str) -> AsyncIterator[KafkaClient]:
    async with kafka_client(kafka) as it:
        yield it


def about(cast: Cast) -> Callable[[EmailSent], bool]:
    return lambda letter: letter.about == entity_key("organisation", cast.organisation)


async def test_a_kill_between_sending_and_recording_sends_the_same_mail_once_more_and_counts_it(
    stack: Endpoints, office: SmtpServer, said: KafkaClient
) -> None:
    cast = Cast()
    async with doomed(stack, office, cast.address("coordinator"), times=1) as worker:
        await said.publish(*cast.contacts(), *cast.texts(), cast.registered())
        await worker.again()
        sent = await said.wait_for(EmailSent, lambda letter: letter.about == entity_key("organisation", cast.organisation))

    first, second = office.to(cast.address("coordinator"))
    assert first["Message-ID"] == second["Message-ID"]
    assert sent.data.attempts == 2


async def test_after_two_kills_nobody_gets_it_a_third_time_and_it_is_said_to_have_failed(
    stack: Endpoints, office: SmtpServer, said: KafkaClient
) -> None:
    cast = Cast()
    async with doomed(stack, office, cast.address("coordinator"), times=2) as worker:
        await said.publish(*cast.contacts(), *cast.texts(), cast.registered())
        await worker.again()
        await worker.again()
        failed = await said.wait_for(EmailFailed, lambda letter: letter.about == entity_key("organisation", cast.organisation))

    assert failed.data.reason == "gave_up"
    assert len(office.to(cast.address("coordinator"))) == 2


async def test_a_kill_among_many_letters_repeats_those_on_their_way_alone(
    stack: Endpoints, office: SmtpServer, said: KafkaClient
) -> None:
    crowd = [Cast() for _ in range(30)]
    async with doomed(stack, office, crowd[15].address("coordinator"), times=1) as worker:
        await said.publish(*(message for cast in crowd for message in (*cast.contacts(), *cast.texts(), cast.registered())))
        await worker.again()
        for cast in crowd:
            await said.wait_for(EmailSent, about(cast))

    copies = [len(office.to(cast.address("coordinator"))) for cast in crowd]
    assert set(copies) == {1, 2} and copies.count(2) <= smtp.MAX_CONNECTIONS


async def test_a_mail_server_that_is_not_there_is_waited_for(stack: Endpoints, said: KafkaClient) -> None:
    cast, office = Cast(), SmtpServer()
    async with office:
        pass
    async with doomed(stack, office, cast.address("coordinator"), times=0):
        await said.publish(*cast.contacts(), *cast.texts(), cast.registered())
        await asyncio.sleep(3)
        async with office:
            sent = await said.wait_for(EmailSent, lambda letter: letter.about == entity_key("organisation", cast.organisation))

    assert sent.data.attempts == 1
    assert len(office.to(cast.address("coordinator"))) == 1
