"""Notify on a real PostgreSQL, Kafka and SMTP: each letter once, and pages on which looking changes nothing."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import date, timedelta
from email.message import EmailMessage
from typing import Any

import asyncpg
import httpx
import msgspec
import pytest
from bs4 import BeautifulSoup, Tag
from pydantic import SecretStr

from deploy.stack.endpoints import POLICY, Endpoints
from services.notify import app
from services.notify.emails import smtp
from shared.messages.envelope import entity_key
from shared.messages.notify import EmailFailed, EmailSent, ReplyReceived
from shared.settings import Settings
from tests.support import dutch_lint
from tests.support.factories import TALK, Cast
from tests.support.kafka_client import KafkaClient, kafka_client
from tests.support.smtp_server import SmtpServer
from tests.support.waiting import wait_until


@dataclass
class House:
    """Notify's worker and its pages at work, with what goes in and what comes out."""

    wire: KafkaClient
    office: SmtpServer
    web: httpx.AsyncClient
    database: asyncpg.Connection

    async def knows(self, cast: Cast, partners: int = 1) -> None:
        """Says everything up to the open vacancy, and waits until it is known here: nobody is picked before."""
        *before, opened = cast.all_known()
        await self.wire.publish(*before, msgspec.structs.replace(opened, partners=partners))
        open_now = "SELECT 1 FROM notify.vacancies WHERE key = $1 AND organisation IS NOT NULL"
        await wait_until(lambda: self.database.fetchval(open_now, entity_key("vacancy", cast.vacancy)))

    async def mailed(self, cast: Cast, *messages: Any, to: Any, subject: str = "") -> str:
        """Says these messages, and opens the mail that follows: the address of its button."""
        await self.wire.publish(*messages)
        return button(await self.office.wait_for(cast.address(to), subject))

    async def settled(self, cast: Cast, template: str) -> bool:
        """Whether there are such letters, and none waits."""
        where = "WHERE facts->>'organisation' = $1 AND template = $2"
        counted = f"SELECT count(*) > 0 AND bool_and(status <> 'waiting') FROM notify.emails {where}"
        return bool(await self.database.fetchval(counted, str(cast.organisation), template))

    async def outcomes(self, cast: Cast, template: str) -> set[tuple[str, str | None]]:
        """Role and reason of each such letter."""
        where = "WHERE facts->>'organisation' = $1 AND template = $2"
        rows = await self.database.fetch(f"SELECT role, reason FROM notify.emails {where}", str(cast.organisation), template)
        return {(row["role"], row["reason"]) for row in rows}

    async def letters(self, cast: Cast) -> list[Any]:
        where = "WHERE facts->>'organisation' = $1 ORDER BY template, subject"
        return await self.database.fetch(f"SELECT template, status FROM notify.emails {where}", str(cast.organisation))


def button(mail: EmailMessage) -> str:
    body = mail.get_body(("html",))
    assert body
    link = BeautifulSoup(body.get_content(), "html.parser").select_one("a.button")
    assert link
    return str(link["href"])


def words(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    assert body
    return " ".join(str(body.get_content()).split())


def calendar(mail: EmailMessage) -> str:
    entry = next(part for part in mail.walk() if part.get_content_type() == "text/calendar")
    assert isinstance(entry, EmailMessage)
    return str(entry.get_content())


def settings(stack: Endpoints, office: SmtpServer) -> Settings:
    return Settings(
        profile="development",
        kafka=stack.kafka,
        database=SecretStr(stack.database_of("notify")),
        policy=POLICY,
        clock_file=stack.clock,
        smtp_host="127.0.0.1",
        smtp_port=office.port,
        pages_port=stack.pages_port,
        pages_url=stack.pages_url,
        link_secret=SecretStr(stack.link_secret),
    )


@pytest.fixture(scope="module")
async def house(stack: Endpoints, kafka: str, database: asyncpg.Connection) -> AsyncIterator[House]:
    async with SmtpServer() as office, kafka_client(kafka) as said, httpx.AsyncClient(base_url=stack.pages_url) as web:
        told = settings(stack, office)
        worker, pages = app.service(told), app.pages(told)
        async with worker.running(told), pages.running(told):

            async def well() -> bool:
                return pages.is_healthy() and all(lane.assigned for lane in worker.consumers)

            await wait_until(well)
            yield House(said, office, web, database)


def about(cast: Cast) -> Callable[[EmailSent], bool]:
    return lambda letter: letter.about == entity_key("organisation", cast.organisation)


def form(page: httpx.Response, id: str, **answers: str) -> dict[str, str]:
    """What a browser sends of this form."""
    found = BeautifulSoup(page.text, "html.parser").find("form", id=id)
    assert isinstance(found, Tag), page.text
    hidden = {str(field["name"]): str(field["value"]) for field in found.find_all("input", type="hidden")}
    return hidden | answers


def main_text(page: httpx.Response) -> str:
    main = BeautifulSoup(page.text, "html.parser").find("main")
    assert main
    return re.sub(r"\s+", " ", main.get_text(" ")).strip()


@pytest.mark.rule("R045")
async def test_a_coordinator_is_welcomed_once_however_often_the_organisation_is_submitted(house: House) -> None:
    cast = Cast()
    await house.wire.publish(*cast.contacts(), *cast.texts(), cast.registered(), cast.registered())

    sent = await house.wire.wait_for(EmailSent, lambda letter: letter.about == entity_key("organisation", cast.organisation))
    mail = await house.office.wait_for(cast.address("coordinator"))
    assert (sent.data.template, sent.data.role, sent.data.attempts) == ("welcome", "coordinator", 1)
    assert mail["Message-ID"] == f"<{sent.data.email}@tandem.example>"
    assert mail["Subject"] == "Welkom bij Samen Sterk"
    assert mail["Auto-Submitted"] == "auto-generated" and mail["Content-Language"] == "nl-BE"
    assert "adviesteam@tandem.example" in mail["Reply-To"]
    assert [letter["template"] for letter in await house.letters(cast)] == ["welcome"]
    page = await house.web.get(button(mail))
    assert page.status_code == 200 and "Ons team is het eens" in page.text


@pytest.mark.rule("R057")
async def test_who_lacks_the_training_hears_the_next_step_when_the_contact_comes_late(house: House) -> None:
    cast = Cast()
    await house.wire.publish(cast.not_yet())
    await asyncio.sleep(1)
    assert house.office.to(cast.address("expert")) == []

    await house.wire.publish(cast.contact("expert"))

    mail = await house.office.wait_for(cast.address("expert"))
    assert mail["Subject"] == "Je volgende stap"
    assert "De Link" in main_text(await house.web.get(button(mail)))


async def test_many_letters_at_once_go_side_by_side_and_each_goes_once(house: House) -> None:
    crowd = [Cast() for _ in range(40)]
    await house.wire.publish(*(message for cast in crowd for message in (*cast.contacts(), *cast.texts(), cast.registered())))

    for cast in crowd:
        await house.wire.wait_for(EmailSent, about(cast))
    assert [len(house.office.to(cast.address("coordinator"))) for cast in crowd] == [1] * len(crowd)
    assert 1 < house.office.max_connections <= smtp.MAX_CONNECTIONS


async def test_a_mail_server_that_is_away_delays_the_letter_and_loses_nothing(house: House) -> None:
    cast = Cast()
    house.office.reply = lambda to: "451 later" if to == cast.address("coordinator") else "250 OK"
    await house.wire.publish(*cast.contacts(), *cast.texts(), cast.registered())
    await asyncio.sleep(1)
    house.office.reply = lambda to: "250 OK"

    await house.office.wait_for(cast.address("coordinator"))
    sent = await house.wire.wait_for(EmailSent, lambda letter: letter.about == entity_key("organisation", cast.organisation))
    assert sent.data.attempts == 1


async def test_a_mail_that_the_server_refuses_is_reported(house: House) -> None:
    cast = Cast()
    house.office.reply = lambda to: "550 nobody here" if to == cast.address("coordinator") else "250 OK"
    await house.wire.publish(*cast.contacts(), *cast.texts(), cast.registered())

    failed = await house.wire.wait_for(EmailFailed, lambda letter: letter.about == entity_key("organisation", cast.organisation))
    house.office.reply = lambda to: "250 OK"
    assert failed.data.reason == "rejected"
    assert house.office.to(cast.address("coordinator")) == []


async def test_a_letter_whose_contact_never_comes_is_given_up_and_reported(house: House) -> None:
    cast = Cast()
    await house.wire.publish(cast.registered())
    await wait_until(lambda: house.letters(cast))
    age = "UPDATE notify.emails SET created_at = now() - $2::interval, due_at = now() WHERE facts->>'organisation' = $1"
    await house.database.execute(age, str(cast.organisation), timedelta(days=6))

    failed = await house.wire.wait_for(EmailFailed, lambda letter: letter.about == entity_key("organisation", cast.organisation))
    assert failed.data.reason == "no_contact"


@pytest.mark.rule("R125")
async def test_the_mediator_picks_from_a_list_on_which_nobody_is_chosen_beforehand(house: House) -> None:
    cast = Cast()
    await house.knows(cast)
    await house.wire.publish(cast.drawn())
    drawn = await house.wire.wait_for(EmailSent, lambda letter: letter.about == entity_key("vacancy", cast.vacancy))
    mail = house.office.by_id(drawn.data.email)
    page = await house.web.get(button(mail))
    assert " checked" not in page.text and "Expert Eén" in page.text

    sent = form(page, "pick", expert=str(cast.expert), why="fits_team", words="Een goed gevoel.", starts_on="")
    answer = await house.web.post(button(mail), data=sent)
    reply = await house.wire.wait_for(ReplyReceived, lambda it: it.subject == entity_key("vacancy", cast.vacancy))
    again = await house.web.post(button(mail), data=sent)

    assert answer.status_code == again.status_code == 303
    assert reply.data.role == "mediator"
    picked: Any = reply.data.reply
    assert (picked.expert, picked.why, picked.starts_on, picked.revision) == (cast.expert, "fits_team", None, 1)
    assert "Je koos Expert Eén" in main_text(await house.web.get(answer.headers["location"]))
    assert len(house.wire.find_all(ReplyReceived, lambda it: it.subject == entity_key("vacancy", cast.vacancy))) == 1
    assert "goed gevoel" not in str(house.wire.received)


async def test_a_form_that_is_not_complete_comes_back_with_what_to_mend(house: House) -> None:
    cast = Cast()
    await house.knows(cast)
    await house.wire.publish(cast.drawn())
    drawn = await house.wire.wait_for(EmailSent, lambda letter: letter.about == entity_key("vacancy", cast.vacancy))
    address = button(house.office.by_id(drawn.data.email))

    answer = await house.web.post(address, data=form(await house.web.get(address), "pick", starts_on="2020-01-01", words="Zo."))

    assert answer.status_code == 422
    assert "Kies één persoon." in answer.text and "Kies waarom" in answer.text and ">Zo.</textarea>" in answer.text


@pytest.mark.rule("R060")
async def test_looking_at_a_proposal_changes_nothing_and_each_answer_counts_until_a_no(house: House) -> None:
    cast = Cast()
    await house.knows(cast)
    address = await house.mailed(cast, cast.proposed(), to="expert", subject="Een voorstel")
    before = await house.database.fetch("SELECT * FROM notify.proposals WHERE key = $1", entity_key("match", cast.match))
    for _ in range(3):
        assert (await house.web.head(address)).status_code == (await house.web.get(address)).status_code == 200
    assert await house.database.fetch("SELECT * FROM notify.proposals WHERE key = $1", entity_key("match", cast.match)) == before

    nothing_yet = await house.web.get(f"{address}/klaar")
    first = form(await house.web.get(address), "answer", reason="hours")
    statuses = [
        (await house.web.post(address, data=first | {"answer": choice})).status_code for choice in ("yes", "yes", "no", "no")
    ]
    late = await house.web.post(address, data=first | {"answer": "yes", "nonce": "another"})

    assert (nothing_yet.status_code, statuses, late.status_code) == (303, [303] * 4, 409)
    await house.wire.wait_for(ReplyReceived, lambda it: it.subject == entity_key("vacancy", cast.vacancy), nth=2)
    replies: list[Any] = [
        e.data.reply for e in house.wire.find_all(ReplyReceived, lambda it: it.subject == entity_key("vacancy", cast.vacancy))
    ]
    assert [(it.side, it.answer, it.reason) for it in replies] == [("expert", "yes", "none"), ("expert", "no", "hours")]
    assert "Je zei nee. Dat is goed, en het blijft zo." in main_text(await house.web.get(f"{address}/klaar"))


async def test_an_answer_to_a_proposal_that_is_over_is_kindly_not_taken(house: House) -> None:
    cast = Cast()
    await house.knows(cast)
    address = await house.mailed(cast, cast.proposed(), to="expert", subject="Een voorstel")
    sent = form(await house.web.get(address), "answer", answer="yes")
    await house.wire.publish(cast.formed(), cast.scheduled())
    await house.office.wait_for(cast.address("expert"), "Jullie beginnen")

    answer = await house.web.post(address, data=sent)

    assert answer.status_code == 409
    assert "Je antwoord is niet bewaard" in answer.text and "Jullie zeiden allebei ja" in answer.text


@pytest.mark.rule("R132")
async def test_everyone_gets_the_talk_in_the_calendar_whichever_message_comes_first(house: House) -> None:
    cast = Cast()
    await house.knows(cast)
    await house.wire.publish(cast.scheduled())
    await asyncio.sleep(0.5)
    await house.wire.publish(cast.formed())
    for role in ("coordinator", "expert", "partner"):
        mail = await house.office.wait_for(cast.address(role), "Jullie beginnen")
        assert "DTSTART;VALUE=DATE:20270503" in calendar(mail)
    await house.wire.publish(cast.scheduled(1, TALK + timedelta(days=1)))
    moved = await house.office.wait_for(cast.address("partner"), "Een andere dag")
    assert "SEQUENCE:1" in calendar(moved)


@pytest.mark.rule("R132")
async def test_each_stage_of_the_chase_reaches_whom_the_policy_names(house: House) -> None:
    cast = Cast()
    await house.knows(cast)
    await house.wire.publish(cast.formed(), cast.scheduled())
    await house.wire.publish(cast.due("invitation"), cast.due("coordinator"), cast.due("advice_team"), cast.due("lead"))

    await house.wire.wait_for(EmailSent, lambda it: it.about == entity_key("tandem", cast.tandem), nth=9)
    sent = {
        (it.data.template, it.data.role)
        for it in house.wire.find_all(EmailSent, lambda it: it.about == entity_key("tandem", cast.tandem))
    }
    assert sent == {("start", role) for role in ("coordinator", "expert", "partner")} | {
        ("evaluation_invitation", "coordinator"),
        ("evaluation_invitation", "expert"),
        ("evaluation_invitation", "partner"),
        ("evaluation_coordinator", "coordinator"),
        ("evaluation_advice_team", "advice_team"),
        ("evaluation_lead", "lead"),
    }


async def test_a_talk_moves_by_its_form_with_a_reason_and_never_without(house: House) -> None:
    cast = Cast()
    await house.knows(cast)
    await house.wire.publish(cast.formed(), cast.scheduled())
    await house.office.wait_for(cast.address("partner"), "Jullie beginnen")
    address = await house.mailed(cast, cast.due("invitation"), to="partner", subject="Jullie gesprek")
    page = await house.web.get(address)
    assert "Ik krijg zelf ook genoeg steun." in page.text

    without = await house.web.post(address, data=form(page, "move", to="2027-05-10"))
    with_reason = await house.web.post(address, data=form(page, "move", to="2027-05-10", at="14:00", reason="illness"))

    moved = await house.wire.wait_for(ReplyReceived, lambda it: it.subject == entity_key("tandem", cast.tandem))
    reply: Any = moved.data.reply
    assert (without.status_code, with_reason.status_code) == (422, 303)
    assert (str(reply.to), str(reply.at), reply.reason, reply.side) == ("2027-05-10", "14:00:00", "illness", "organisation")


async def test_one_human_in_two_roles_gets_one_mail_and_the_other_letter_is_settled(house: House) -> None:
    cast = Cast()
    coordinator = cast.contact("coordinator")
    same = msgspec.structs.replace(cast.contact("partner"), email=coordinator.email.upper())
    await house.knows(cast)
    await house.wire.publish(same, cast.formed(), cast.scheduled())

    await house.office.wait_for(cast.address("expert"), "Jullie beginnen")
    await wait_until(lambda: house.settled(cast, "start"))
    starts = [mail for mail in house.office.to(cast.address("coordinator")) if "Jullie beginnen" in str(mail["Subject"])]
    assert len(starts) == 1
    assert await house.outcomes(cast, "start") == {("coordinator", None), ("expert", None), ("partner", "duplicate_recipient")}


async def test_the_start_waits_until_all_partners_have_a_name(house: House) -> None:
    cast = Cast()
    await house.knows(cast, partners=2)
    await house.wire.publish(cast.formed(), cast.scheduled())
    await asyncio.sleep(1)
    assert house.office.to(cast.address("expert")) == []

    second = msgspec.structs.replace(cast.contact("partner"), nth=1, name="Partner Twee", email=f"b-{cast.address('partner')}")
    await house.wire.publish(second)

    mail = await house.office.wait_for(cast.address("expert"), "Jullie beginnen")
    assert "Partner Eén en Partner Twee" in words(mail)


async def test_a_reminder_of_a_talk_that_moved_meanwhile_is_never_sent(house: House) -> None:
    cast = Cast()
    await house.knows(cast)
    house.office.reply = lambda to: "451 later" if to == cast.address("partner") else "250 OK"
    await house.wire.publish(cast.formed(), cast.scheduled(), cast.due("reminder_7"))
    await house.office.wait_for(cast.address("expert"), "Binnenkort")
    await house.wire.publish(cast.scheduled(1, TALK + timedelta(days=1)))
    await house.office.wait_for(cast.address("expert"), "Een andere dag")
    house.office.reply = lambda to: "250 OK"

    await house.office.wait_for(cast.address("partner"), "Een andere dag")
    await wait_until(lambda: house.settled(cast, "evaluation_reminder_7"))
    assert ("partner", "rescheduled") in await house.outcomes(cast, "evaluation_reminder_7")
    assert [mail["Subject"] for mail in house.office.to(cast.address("partner")) if "Binnenkort" in str(mail["Subject"])] == []


async def test_a_letter_whose_moment_is_past_is_skipped_and_the_row_says_why(house: House) -> None:
    cast = Cast()
    await house.knows(cast)
    await house.wire.publish(cast.proposed(date(2020, 1, 1)))

    await wait_until(lambda: house.settled(cast, "proposal_expert"))
    assert await house.outcomes(cast, "proposal_expert") == {("expert", "expired")}
    assert house.office.to(cast.address("expert")) == []


async def test_the_links_of_a_coordinator_die_with_the_next_one(house: House) -> None:
    cast = Cast()
    await house.knows(cast)
    address = button(await house.office.wait_for(cast.address("coordinator")))
    assert (await house.web.get(address)).status_code == 200

    await house.wire.publish(msgspec.structs.replace(cast.contact("coordinator"), email="next@post.example"))

    async def dead() -> bool:
        return (await house.web.get(address)).status_code == 410

    await wait_until(dead)
    assert dutch_lint.page_faults((await house.web.get(address)).text) == []


async def test_a_link_that_is_not_ours_gets_a_kind_page_and_a_person_to_call(house: House) -> None:
    for address in ("/voorstel/abc", "/", "/wp-login.php", "/voorstel/AwUAAwUCOXXukUtJlrWRa.awNCIA.nemDRM0NE5hB1vuqoq1oMbj4TbQ"):
        page = await house.web.get(address)
        assert page.status_code == 404
        assert dutch_lint.page_faults(page.text) == []
        assert "Traceback" not in page.text


async def test_a_page_forbids_to_be_kept_framed_or_told_of(house: House) -> None:
    headers = (await house.web.get("/nergens/x")).headers

    assert headers["cache-control"] == "no-store" and headers["referrer-policy"] == "no-referrer"
    assert "default-src 'none'" in headers["content-security-policy"]
    assert (await house.web.get("/health")).status_code == 200


async def test_a_body_that_is_no_form_or_too_large_is_turned_away(house: House) -> None:
    cast = Cast()
    await house.knows(cast)
    address = await house.mailed(cast, cast.proposed(), to="expert", subject="Een voorstel")

    assert (await house.web.post(address, json={"answer": "yes"})).status_code == 415
    assert (await house.web.post(address, data={"words": "x" * 40_000})).status_code == 413
    assert (await house.web.delete(address)).status_code == 405
