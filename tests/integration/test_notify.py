"""Notify on a real PostgreSQL, Kafka and SMTP server: each email is sent once, and viewing a page changes nothing."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from email.message import EmailMessage
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import msgspec
import pytest
from bs4 import BeautifulSoup, Tag
from pydantic import SecretStr

from deploy.stack.endpoints import POLICY, Endpoints
from services.notify import app
from services.notify.emails.smtp import MAX_CONNECTIONS
from shared.messages.ids import entity_key
from shared.messages.intake import PrivateDataErased, TextFiled
from shared.messages.matching import MatchAnswered, ReplyRefused
from shared.messages.notify import EmailFailed, EmailSent, ReplyReceived
from shared.settings import Settings
from tests.support import dutch_lint
from tests.support.factories import EVALUATION_DAY, Example
from tests.support.kafka_client import KafkaClient, kafka_client
from tests.support.smtp_server import SmtpServer
from tests.support.waiting import wait_until


@dataclass
class Notify:
    """Notify's worker and pages, with what goes in and what comes out."""

    bus: KafkaClient
    mail_server: SmtpServer
    web: httpx.AsyncClient
    database: asyncpg.Connection

    async def open_vacancy(self, example: Example, partners: int = 1) -> None:
        """Publish everything up to the open vacancy and wait until it is stored, because a pick on its page comes after that."""
        *before, opened = example.up_to_open_vacancy()
        await self.bus.publish(*before, msgspec.structs.replace(opened, partners=partners))
        is_open = "SELECT 1 FROM notify.vacancies WHERE key = $1 AND organisation IS NOT NULL"
        await wait_until(lambda: self.database.fetchval(is_open, entity_key("vacancy", example.vacancy)))

    async def link_in_email(self, example: Example, *messages: Any, to: Any, subject: str = "") -> str:
        """Publish messages, and return the link of the button in the email that follows."""
        await self.bus.publish(*messages)
        return button_link(await self.mail_server.wait_for(example.address(to), subject))

    async def is_settled(self, example: Example, template: str) -> bool:
        """Return True if there are emails of this template, and none of them is waiting."""
        statuses = [row["status"] for row in await self.emails(example) if row["template"] == template]
        return bool(statuses) and "waiting" not in statuses

    async def reasons(self, example: Example, template: str) -> set[tuple[str, str | None]]:
        """Return role and reason of each email of this template."""
        return {(row["role"], row["reason"]) for row in await self.emails(example) if row["template"] == template}

    async def emails(self, example: Example) -> list[Any]:
        query = "SELECT template, role, status, reason FROM notify.emails WHERE facts->>'organisation' = $1"
        return await self.database.fetch(query, str(example.organisation))


def welcome_of(example: Example) -> Callable[[EmailSent | EmailFailed], bool]:
    return lambda message: message.about == entity_key("organisation", example.organisation)


def shortlist_of(example: Example) -> Callable[[EmailSent], bool]:
    return lambda message: message.about == entity_key("vacancy", example.vacancy)


def about_tandem(example: Example) -> Callable[[EmailSent], bool]:
    return lambda message: message.about == entity_key("tandem", example.tandem)


def reply_to(prefix: str, id: UUID) -> Callable[[ReplyReceived], bool]:
    return lambda message: message.subject == entity_key(prefix, id)


def button_link(mail: EmailMessage) -> str:
    body = mail.get_body(("html",))
    assert body
    link = BeautifulSoup(body.get_content(), "html.parser").select_one("a.button")
    assert link
    return str(link["href"])


def plain_text(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    assert body
    return " ".join(str(body.get_content()).split())


def calendar_of(mail: EmailMessage) -> str:
    entry = next(part for part in mail.walk() if part.get_content_type() == "text/calendar")
    assert isinstance(entry, EmailMessage)
    return str(entry.get_content())


def settings(stack: Endpoints, mail_server: SmtpServer) -> Settings:
    return Settings(
        profile="development",
        kafka=stack.kafka,
        database=SecretStr(stack.database_of("notify")),
        policy=POLICY,
        clock_file=stack.clock,
        smtp_host="127.0.0.1",
        smtp_port=mail_server.port,
        pages_port=stack.pages_port,
        pages_url=stack.pages_url,
        link_secret=SecretStr(stack.link_secret),
    )


@pytest.fixture(scope="module")
async def notify(stack: Endpoints, kafka: str, database: asyncpg.Connection) -> AsyncIterator[Notify]:
    async with running_notify(stack, kafka, database) as running:
        yield running


@asynccontextmanager
async def running_notify(stack: Endpoints, kafka: str, database: asyncpg.Connection) -> AsyncIterator[Notify]:
    """Run notify's worker and pages in this process, with a mail server of their own."""
    async with SmtpServer() as mail_server, kafka_client(kafka) as bus, httpx.AsyncClient(base_url=stack.pages_url) as web:
        chosen = settings(stack, mail_server)
        worker, pages = app.service(chosen), app.pages(chosen)
        async with worker.running(chosen), pages.running(chosen):

            async def is_ready() -> bool:
                return pages.is_healthy() and all(consumer.has_joined for consumer in worker.consumers)

            await wait_until(is_ready)
            yield Notify(bus, mail_server, web, database)


def form(page: httpx.Response, id: str, **answers: str) -> dict[str, str]:
    """Return the fields that a browser sends for this form."""
    found = BeautifulSoup(page.text, "html.parser").find("form", id=id)
    assert isinstance(found, Tag), page.text
    hidden = {str(field["name"]): str(field["value"]) for field in found.find_all("input", type="hidden")}
    return hidden | answers


def links_to_fields(page: httpx.Response) -> list[str]:
    """Return the links of the error summary."""
    return [str(link["href"]) for link in BeautifulSoup(page.text, "html.parser").select(".summary a")]


def main_text(page: httpx.Response) -> str:
    main = BeautifulSoup(page.text, "html.parser").find("main")
    assert main
    return re.sub(r"\s+", " ", main.get_text(" ")).strip()


@pytest.mark.rule("R045")
async def test_coordinator_is_welcomed_once_though_the_organisation_is_submitted_twice(notify: Notify) -> None:
    example = Example()
    await notify.bus.publish(*example.registration(), example.registered())

    sent = await notify.bus.wait_for(EmailSent, welcome_of(example))
    mail = await notify.mail_server.wait_for(example.address("coordinator"))
    assert (sent.data.template, sent.data.role, sent.data.attempts) == ("welcome", "coordinator", 1)
    assert mail["Message-ID"] == f"<{sent.data.email}@tandem.example>"
    assert mail["Subject"] == "Welkom bij Samen Sterk"
    assert mail["Auto-Submitted"] == "auto-generated" and mail["Content-Language"] == "nl-BE"
    assert "adviesteam@tandem.example" in mail["Reply-To"]
    assert [row["template"] for row in await notify.emails(example)] == ["welcome"]
    page = await notify.web.get(button_link(mail))
    assert page.status_code == 200 and "Ons team is het eens" in page.text


async def test_tombstones_erase_texts_and_contacts(notify: Notify) -> None:
    example = Example()
    organisation = entity_key("organisation", example.organisation)

    async def becomes(expected: set[str]) -> None:
        async def is_stored() -> bool:
            query = "SELECT field FROM notify.texts WHERE about = $1 UNION SELECT role FROM notify.contacts WHERE about = $1"
            return {row[0] for row in await notify.database.fetch(query, organisation)} == expected

        await wait_until(is_stored)

    await notify.bus.publish(*example.texts(), example.contact("coordinator"), TextFiled(organisation, "wishes", "Een wens."))
    await becomes({"name", "place", "wishes", "coordinator"})

    coordinator = PrivateDataErased(example.contact("coordinator").record_key)
    await notify.bus.publish(PrivateDataErased.of_text(organisation, "wishes"), coordinator)
    await becomes({"name", "place"})

    await notify.bus.publish(TextFiled(organisation, "wishes", "Nog een wens."))
    await becomes({"name", "place", "wishes"})


@pytest.mark.rule("R057")
async def test_email_waits_for_a_contact_that_arrives_late(notify: Notify) -> None:
    example = Example()
    await notify.bus.publish(example.not_eligible())
    await asyncio.sleep(1)
    assert notify.mail_server.to(example.address("expert")) == []

    await notify.bus.publish(example.contact("expert"))

    mail = await notify.mail_server.wait_for(example.address("expert"))
    assert mail["Subject"] == "Je volgende stap"
    assert "De Link" in main_text(await notify.web.get(button_link(mail)))


async def test_many_emails_are_sent_over_several_connections_each_of_them_once(notify: Notify) -> None:
    examples = [Example() for _ in range(40)]
    await notify.bus.publish(*(message for example in examples for message in example.registration()))

    for example in examples:
        await notify.bus.wait_for(EmailSent, welcome_of(example))
    assert [len(notify.mail_server.to(example.address("coordinator"))) for example in examples] == [1] * len(examples)
    assert 1 < notify.mail_server.max_connections <= MAX_CONNECTIONS


async def test_deferred_email_is_sent_later_and_counts_one_attempt(notify: Notify) -> None:
    example = Example()
    notify.mail_server.reply = lambda to: "451 later" if to == example.address("coordinator") else "250 OK"
    await notify.bus.publish(*example.registration())
    await asyncio.sleep(1)
    notify.mail_server.reply = lambda to: "250 OK"

    await notify.mail_server.wait_for(example.address("coordinator"))
    sent = await notify.bus.wait_for(EmailSent, welcome_of(example))
    assert sent.data.attempts == 1


async def test_rejected_email_is_published_as_failed(notify: Notify) -> None:
    example = Example()
    notify.mail_server.reply = lambda to: "550 no such user" if to == example.address("coordinator") else "250 OK"
    await notify.bus.publish(*example.registration())

    failed = await notify.bus.wait_for(EmailFailed, welcome_of(example))
    notify.mail_server.reply = lambda to: "250 OK"
    assert failed.data.reason == "rejected"
    assert notify.mail_server.to(example.address("coordinator")) == []


async def test_email_whose_contact_never_arrives_is_published_as_failed(notify: Notify) -> None:
    example = Example()
    await notify.bus.publish(example.registered())
    await wait_until(lambda: notify.emails(example))
    age = "UPDATE notify.emails SET created_at = now() - $2::interval, due_at = now() WHERE facts->>'organisation' = $1"
    await notify.database.execute(age, str(example.organisation), timedelta(days=6))

    failed = await notify.bus.wait_for(EmailFailed, welcome_of(example))
    assert failed.data.reason == "no_contact"


@pytest.mark.rule("R125")
async def test_mediator_picks_from_a_shortlist_without_a_preselection(notify: Notify) -> None:
    example = Example()
    await notify.open_vacancy(example)
    await notify.bus.publish(example.drawn())
    drawn = await notify.bus.wait_for(EmailSent, shortlist_of(example))
    mail = notify.mail_server.by_id(drawn.data.email)
    page = await notify.web.get(button_link(mail))
    assert " checked" not in page.text and "Expert Eén" in page.text

    sent = form(page, "pick", expert=str(example.expert), why="fits_team", words="Een goed gevoel.", starts_on="")
    answer = await notify.web.post(button_link(mail), data=sent)
    reply = await notify.bus.wait_for(ReplyReceived, reply_to("vacancy", example.vacancy))
    again = await notify.web.post(button_link(mail), data=sent)

    assert answer.status_code == again.status_code == 303
    assert reply.data.role == "mediator"
    picked: Any = reply.data.reply
    assert (picked.expert, picked.why, picked.starts_on, picked.revision) == (example.expert, "fits_team", None, 1)
    assert "keuze ontvangen: Expert Eén" in main_text(await notify.web.get(answer.headers["location"]))
    assert len(notify.bus.find_all(ReplyReceived, reply_to("vacancy", example.vacancy))) == 1
    assert "goed gevoel" not in str(notify.bus.received)


async def test_incomplete_form_is_shown_again_with_its_errors(notify: Notify) -> None:
    example = Example()
    await notify.open_vacancy(example)
    await notify.bus.publish(example.drawn())
    drawn = await notify.bus.wait_for(EmailSent, shortlist_of(example))
    address = button_link(notify.mail_server.by_id(drawn.data.email))

    sent = form(await notify.web.get(address), "pick", starts_on="2020-01-01", words="Zo.\r\n" * 124 + "Slot")
    answer = await notify.web.post(address, data=sent)
    shown = await notify.web.get(answer.headers["location"])

    assert (answer.status_code, shown.status_code) == (303, 200)
    assert links_to_fields(shown) == ["#field-expert", "#field-why", "#field-starts_on"]
    assert all(BeautifulSoup(shown.text, "html.parser").select_one(id) for id in links_to_fields(shown))
    assert (
        "<title>Fout: Samen Sterk</title>" in shown.text
        and "Je koos nog niemand." in shown.text
        and "Slot</textarea>" in shown.text
    )
    assert dutch_lint.page_faults(shown.text) == []


async def test_errors_of_a_form_are_shown_after_a_reload_and_to_its_sender_only(notify: Notify) -> None:
    example, other = Example(), Example()
    for one in (example, other):
        await notify.open_vacancy(one)
    addresses = [await notify.link_in_email(one, one.proposed(), to="expert", subject="Een voorstel") for one in (example, other)]
    sent = form(await notify.web.get(addresses[0]), "answer", reason="hours")
    location = (await notify.web.post(addresses[0], data=sent)).headers["location"]
    query = location.partition("?")[2]

    assert (await notify.web.post(addresses[0], data=sent)).headers["location"] == location
    for _ in range(2):
        assert links_to_fields(await notify.web.get(location)) == ["#field-answer"]
    assert links_to_fields(await notify.web.get(f"{addresses[1]}?{query}")) == []
    assert links_to_fields(await notify.web.get(f"{addresses[0]}?concept=x")) == []

    assert (await notify.web.post(location, data=sent | {"answer": "no"})).headers["location"].endswith("/klaar")
    back = await notify.web.get(location)
    assert back.status_code == 200 and "Je antwoord is niet bewaard" in back.text


async def test_post_to_an_invalid_link_is_a_redirect_too(notify: Notify) -> None:
    answer = await notify.web.post("/voorstel/abc", data={"answer": "yes"})

    assert (answer.status_code, answer.headers["location"]) == (303, "/voorstel/abc")


@pytest.mark.rule("R060")
async def test_viewing_a_proposal_changes_nothing_and_answers_count_until_a_no(notify: Notify) -> None:
    example = Example()
    await notify.open_vacancy(example)
    address = await notify.link_in_email(example, example.proposed(), to="expert", subject="Een voorstel")
    row = "SELECT * FROM notify.proposals WHERE key = $1", entity_key("match", example.match)
    before = await notify.database.fetch(*row)
    for _ in range(3):
        assert (await notify.web.head(address)).status_code == (await notify.web.get(address)).status_code == 200
    assert await notify.database.fetch(*row) == before

    nothing_yet = await notify.web.get(f"{address}/klaar")
    first = form(await notify.web.get(address), "answer", reason="hours")
    statuses = [
        (await notify.web.post(address, data=first | {"answer": choice})).status_code for choice in ("yes", "yes", "no", "no")
    ]
    late = await notify.web.post(address, data=first | {"answer": "yes", "nonce": "another"})

    assert (nothing_yet.status_code, statuses, late.status_code) == (303, [303] * 4, 303)
    assert "Je antwoord is niet bewaard" in (await notify.web.get(late.headers["location"])).text
    await notify.bus.wait_for(ReplyReceived, reply_to("vacancy", example.vacancy), nth=2)
    replies: list[Any] = [e.data.reply for e in notify.bus.find_all(ReplyReceived, reply_to("vacancy", example.vacancy))]
    assert [(it.side, it.answer, it.reason) for it in replies] == [("expert", "yes", "none"), ("expert", "no", "hours")]
    assert "We hebben je antwoord ontvangen: nee." in main_text(await notify.web.get(f"{address}/klaar"))


async def test_answer_to_a_closed_proposal_is_declined_politely(notify: Notify) -> None:
    example = Example()
    await notify.open_vacancy(example)
    address = await notify.link_in_email(example, example.proposed(), to="expert", subject="Een voorstel")
    sent = form(await notify.web.get(address), "answer", answer="yes")
    await notify.bus.publish(example.formed(), example.scheduled())
    await notify.mail_server.wait_for(example.address("expert"), "Jullie beginnen")

    answer = await notify.web.post(address, data=sent)
    shown = await notify.web.get(answer.headers["location"])

    assert (answer.status_code, shown.status_code) == (303, 200)
    assert "Je antwoord is niet bewaard" in shown.text and "Jullie hebben allebei ja gezegd" in shown.text


async def test_refused_answer_reaches_the_person_and_the_page_shows_what_is_true(notify: Notify) -> None:
    example = Example()
    await notify.open_vacancy(example)
    address = await notify.link_in_email(example, example.proposed(), to="coordinator", subject="Een voorstel")
    answered = MatchAnswered(example.match, example.vacancy, example.organisation, example.expert, "organisation", "yes")
    sent = form(await notify.web.get(address), "answer", answer="no")
    confirmation = (await notify.web.post(address, data=sent)).headers["location"]
    reply = await notify.bus.wait_for(ReplyReceived, reply_to("vacancy", example.vacancy))

    refused = ReplyRefused(
        reply.id, "coordinator", 0, example.vacancy, example.expert, "tandem_formed", example.match, "organisation", "no"
    )
    assert "We hebben jullie antwoord ontvangen: nee." in main_text(await notify.web.get(confirmation))
    await notify.bus.publish(answered, example.formed(), refused)

    mail = await notify.mail_server.wait_for(example.address("coordinator"), "Over je antwoord")
    assert "Jullie hadden toen allebei al ja gezegd. De tandem gaat door." in plain_text(mail)
    assert "Jullie hebben allebei ja gezegd" in main_text(await notify.web.get(button_link(mail)))


async def test_refused_pick_gives_the_mediator_the_form_again(notify: Notify) -> None:
    example = Example()
    await notify.open_vacancy(example)
    await notify.bus.publish(example.drawn())
    drawn = await notify.bus.wait_for(EmailSent, shortlist_of(example))
    address = button_link(notify.mail_server.by_id(drawn.data.email))
    sent = form(await notify.web.get(address), "pick", expert=str(example.expert), why="fits_team", starts_on="")
    await notify.web.post(address, data=sent)
    reply = await notify.bus.wait_for(ReplyReceived, reply_to("vacancy", example.vacancy))
    assert "<form" not in (await notify.web.get(address)).text

    await notify.bus.publish(ReplyRefused(reply.id, "mediator", 0, example.vacancy, example.expert, "expert_unavailable"))

    refused = await notify.bus.wait_for(EmailSent, shortlist_of(example), nth=2)
    mail = notify.mail_server.by_id(refused.data.email)
    assert refused.data.template == "pick_refused" and "Wil je opnieuw kiezen?" in plain_text(mail)
    assert "<form" in (await notify.web.get(button_link(mail))).text


@pytest.mark.rule("R132")
async def test_participants_get_a_calendar_invite_whichever_message_comes_first(notify: Notify) -> None:
    example = Example()
    await notify.open_vacancy(example)
    await notify.bus.publish(example.scheduled())
    await asyncio.sleep(0.5)
    await notify.bus.publish(example.formed())
    for role in ("coordinator", "expert", "partner"):
        mail = await notify.mail_server.wait_for(example.address(role), "Jullie beginnen")
        assert "DTSTART;VALUE=DATE:20270503" in calendar_of(mail)
    await notify.bus.publish(example.scheduled(1, EVALUATION_DAY + timedelta(days=1)))
    moved = await notify.mail_server.wait_for(example.address("partner"), "Een andere dag")
    assert "SEQUENCE:1" in calendar_of(moved)


@pytest.mark.rule("R132")
async def test_each_reminder_stage_reaches_the_recipients_of_the_policy(notify: Notify) -> None:
    example = Example()
    await notify.open_vacancy(example)
    await notify.bus.publish(example.formed(), example.scheduled())
    await notify.bus.publish(example.due("invitation"), example.due("coordinator"), example.due("advice_team"), example.due("lead"))

    await notify.bus.wait_for(EmailSent, about_tandem(example), nth=9)
    sent = {(it.data.template, it.data.role) for it in notify.bus.find_all(EmailSent, about_tandem(example))}
    assert sent == {("start", role) for role in ("coordinator", "expert", "partner")} | {
        ("evaluation_invitation", "coordinator"),
        ("evaluation_invitation", "expert"),
        ("evaluation_invitation", "partner"),
        ("evaluation_coordinator", "coordinator"),
        ("evaluation_advice_team", "advice_team"),
        ("evaluation_lead", "lead"),
    }


async def test_evaluation_moves_with_a_reason_only(notify: Notify) -> None:
    example = Example()
    await notify.open_vacancy(example)
    await notify.bus.publish(example.formed(), example.scheduled())
    await notify.mail_server.wait_for(example.address("partner"), "Jullie beginnen")
    address = await notify.link_in_email(example, example.due("invitation"), to="partner", subject="Jullie gesprek")
    page = await notify.web.get(address)
    assert "Ik krijg zelf ook genoeg steun." in page.text

    without = await notify.web.post(address, data=form(page, "move", to="2027-05-10"))
    with_reason = await notify.web.post(address, data=form(page, "move", to="2027-05-10", at="14:00", reason="illness"))

    moved = await notify.bus.wait_for(ReplyReceived, reply_to("tandem", example.tandem))
    reply: Any = moved.data.reply
    assert (without.status_code, with_reason.status_code) == (303, 303)
    assert "concept=" in without.headers["location"] and with_reason.headers["location"].endswith("/klaar")
    assert (str(reply.to), str(reply.at), reply.reason, reply.side) == ("2027-05-10", "14:00:00", "illness", "organisation")


async def test_person_with_two_roles_gets_one_email_and_the_other_is_skipped(notify: Notify) -> None:
    example = Example()
    coordinator = example.contact("coordinator")
    same = msgspec.structs.replace(example.contact("partner"), name=coordinator.name, email=coordinator.email.upper())
    await notify.open_vacancy(example)
    await notify.bus.publish(same, example.formed(), example.scheduled())

    await notify.mail_server.wait_for(example.address("expert"), "Jullie beginnen")
    await wait_until(lambda: notify.is_settled(example, "start"))
    assert len(notify.mail_server.to(example.address("coordinator"), "Jullie beginnen")) == 1
    assert await notify.reasons(example, "start") == {("coordinator", None), ("expert", None), ("partner", "duplicate_recipient")}


async def test_two_people_with_one_mailbox_are_each_greeted_by_name(notify: Notify) -> None:
    example = Example()
    shared = msgspec.structs.replace(example.contact("partner"), email=example.address("coordinator"))
    await notify.open_vacancy(example)
    await notify.bus.publish(shared, example.formed(), example.scheduled())

    await notify.mail_server.wait_for(example.address("coordinator"), "Jullie beginnen", nth=2)
    greetings = {plain_text(it)[:18] for it in notify.mail_server.to(example.address("coordinator"), "Jullie beginnen")}
    assert greetings == {"Dag Coordinator Eé", "Dag Partner Eén, J"}


async def test_start_email_waits_until_all_partners_are_known(notify: Notify) -> None:
    example = Example()
    await notify.open_vacancy(example, partners=2)
    await notify.bus.publish(example.formed(), example.scheduled())
    await asyncio.sleep(1)
    assert notify.mail_server.to(example.address("expert")) == []

    address = f"b-{example.address('partner')}"
    await notify.bus.publish(msgspec.structs.replace(example.contact("partner"), nth=1, name="Partner Twee", email=address))

    mail = await notify.mail_server.wait_for(example.address("expert"), "Jullie beginnen")
    assert "Partner Eén en Partner Twee" in plain_text(mail)


async def test_deferred_reminder_of_a_rescheduled_evaluation_is_skipped(notify: Notify) -> None:
    example = Example()
    await notify.open_vacancy(example)
    notify.mail_server.reply = lambda to: "451 later" if to == example.address("partner") else "250 OK"
    await notify.bus.publish(example.formed(), example.scheduled(), example.due("reminder_7"))
    await notify.mail_server.wait_for(example.address("expert"), "Binnenkort")
    await notify.bus.publish(example.scheduled(1, EVALUATION_DAY + timedelta(days=1)))
    await notify.mail_server.wait_for(example.address("expert"), "Een andere dag")
    notify.mail_server.reply = lambda to: "250 OK"

    await notify.mail_server.wait_for(example.address("partner"), "Een andere dag")
    await wait_until(lambda: notify.is_settled(example, "evaluation_reminder_7"))
    assert ("partner", "rescheduled") in await notify.reasons(example, "evaluation_reminder_7")
    assert notify.mail_server.to(example.address("partner"), "Binnenkort") == []


async def test_expired_email_is_skipped_with_its_reason(notify: Notify) -> None:
    example = Example()
    await notify.open_vacancy(example)
    await notify.bus.publish(example.proposed(date(2020, 1, 1)))

    await wait_until(lambda: notify.is_settled(example, "proposal_expert"))
    assert await notify.reasons(example, "proposal_expert") == {("expert", "expired")}
    assert notify.mail_server.to(example.address("expert")) == []


async def test_links_of_a_coordinator_expire_when_another_takes_over(notify: Notify) -> None:
    example = Example()
    await notify.open_vacancy(example)
    address = button_link(await notify.mail_server.wait_for(example.address("coordinator")))
    assert (await notify.web.get(address)).status_code == 200

    await notify.bus.publish(msgspec.structs.replace(example.contact("coordinator"), email="next@post.example"))

    async def is_expired() -> bool:
        return (await notify.web.get(address)).status_code == 410

    await wait_until(is_expired)
    assert dutch_lint.page_faults((await notify.web.get(address)).text) == []


async def test_invalid_link_shows_an_error_page_with_a_contact(notify: Notify) -> None:
    for address in ("/voorstel/abc", "/", "/wp-login.php", "/voorstel/AwUAAwUCOXXukUtJlrWRa.awNCIA.nemDRM0NE5hB1vuqoq1oMbj4TbQ"):
        page = await notify.web.get(address)
        assert page.status_code == 404
        assert dutch_lint.page_faults(page.text) == []
        assert "Traceback" not in page.text


async def test_pages_forbid_caching_framing_and_referrers(notify: Notify) -> None:
    headers = (await notify.web.get("/nergens/x")).headers

    assert headers["cache-control"] == "no-store" and headers["referrer-policy"] == "no-referrer"
    assert "default-src 'none'" in headers["content-security-policy"]
    assert (await notify.web.get("/health")).status_code == 200


async def test_unsupported_or_too_large_body_is_refused(notify: Notify) -> None:
    example = Example()
    await notify.open_vacancy(example)
    address = await notify.link_in_email(example, example.proposed(), to="expert", subject="Een voorstel")

    assert (await notify.web.post(address, json={"answer": "yes"})).status_code == 415
    assert (await notify.web.post(address, data={"words": "x" * 40_000})).status_code == 413
    assert (await notify.web.delete(address)).status_code == 405
