"""Changed contacts on a real stack: what is open reaches the new person or address, and old links lead to a new one."""

from collections.abc import AsyncIterator

import asyncpg
import msgspec
import pytest
from icalendar import Calendar

from deploy.stack.endpoints import Endpoints
from services.notify.store import SQL
from shared.messages.ids import entity_key
from shared.messages.intake import ContactChanged
from tests.integration.test_notify import Notify, button_link, calendar_of, plain_text, running_notify
from tests.support import dutch_lint
from tests.support.factories import Example
from tests.support.waiting import wait_until


@pytest.fixture(scope="module")
async def notify(stack: Endpoints, kafka: str, database: asyncpg.Connection) -> AsyncIterator[Notify]:
    async with running_notify(stack, kafka, database) as running:
        yield running


def corrected(contact: ContactChanged) -> ContactChanged:
    return msgspec.structs.replace(contact, email=f"new-{contact.email}")


def replaced(contact: ContactChanged) -> ContactChanged:
    return msgspec.structs.replace(corrected(contact), name="Iemand Anders")


async def test_corrected_address_gets_the_waiting_proposal_once(notify: Notify) -> None:
    example = Example()
    await notify.open_vacancy(example)
    await notify.bus.publish(example.proposed())
    old = button_link(await notify.mail_server.wait_for(example.address("expert"), "Een voorstel"))
    change = corrected(example.contact("expert"))
    await notify.bus.publish(change, change)

    new = button_link(await notify.mail_server.wait_for(change.email, "Een voorstel"))
    assert (await notify.web.get(old)).status_code == 410
    assert (await notify.web.get(new)).status_code == 200
    await wait_until(lambda: _changes_are_processed(notify))
    assert len(notify.mail_server.to(change.email)) == 1


async def test_new_coordinator_gets_the_start_and_the_former_one_a_cancellation(notify: Notify) -> None:
    example = Example()
    await notify.open_vacancy(example)
    await notify.bus.publish(example.formed(), example.scheduled())
    first = calendar_of(await notify.mail_server.wait_for(example.address("coordinator"), "Jullie beginnen"))
    change = replaced(example.contact("coordinator"))
    await notify.bus.publish(change)

    start = await notify.mail_server.wait_for(change.email, "Jullie beginnen")
    await notify.mail_server.wait_for(change.email, "Welkom")
    assert plain_text(start).startswith("Dag Iemand Anders")
    cancelled = calendar_of(await notify.mail_server.wait_for(example.address("coordinator"), "Een afspraak minder"))
    assert Calendar.from_ical(cancelled)["method"] == "CANCEL"
    assert Calendar.from_ical(cancelled).events[0]["uid"] == Calendar.from_ical(first).events[0]["uid"]
    assert len(notify.mail_server.to(change.email, "Jullie beginnen")) == 1


async def test_corrected_partner_gets_the_start_and_no_one_a_cancellation(notify: Notify) -> None:
    example = Example()
    await notify.open_vacancy(example)
    await notify.bus.publish(example.formed(), example.scheduled())
    await notify.mail_server.wait_for(example.address("partner"), "Jullie beginnen")
    change = corrected(example.contact("partner"))
    await notify.bus.publish(change)

    await notify.mail_server.wait_for(change.email, "Jullie beginnen")
    assert notify.mail_server.to(example.address("partner"), "Een afspraak minder") == []


async def test_old_link_offers_a_new_one_by_email(notify: Notify) -> None:
    example = Example()
    await notify.open_vacancy(example)
    old = button_link(await notify.mail_server.wait_for(example.address("coordinator"), "Welkom"))
    change = corrected(example.contact("coordinator"))
    await notify.bus.publish(change)
    await notify.mail_server.wait_for(change.email, "Welkom")

    page = await notify.web.get(old)
    assert page.status_code == 410 and dutch_lint.page_faults(page.text) == [] and "post.example" not in page.text
    answers = [await notify.web.post(f"{old}/nieuwe-link") for _ in range(3)]
    mail = await notify.mail_server.wait_for(change.email, "Je nieuwe link")

    assert [answer.status_code for answer in answers] == [303] * 3
    assert (await notify.web.get(answers[0].headers["location"])).status_code == 200
    assert (await notify.web.get(button_link(mail))).status_code == 200
    assert len(notify.mail_server.to(change.email, "Je nieuwe link")) == 1
    assert (await notify.web.post("/stappen/unknown/nieuwe-link", follow_redirects=True)).status_code == 404


async def test_advice_team_reads_once_who_cannot_be_reached(notify: Notify) -> None:
    example = Example()
    wrong = example.address("coordinator")
    notify.mail_server.reply = lambda to: "550 no such user" if to == wrong else "250 OK"
    await notify.open_vacancy(example)
    await notify.bus.publish(example.proposed())

    async def both_failed() -> bool:
        return len([row for row in await notify.emails(example) if row["reason"] == "rejected"]) == 2

    await wait_until(both_failed)
    about = "SELECT status FROM notify.emails WHERE template = 'unreachable_organisation' AND about = $1"

    async def advice_is_sent() -> bool:
        rows = await notify.database.fetch(about, entity_key("organisation", example.organisation))
        return [row["status"] for row in rows] == ["sent"]

    await wait_until(advice_is_sent)
    notify.mail_server.reply = lambda to: "250 OK"


async def _changes_are_processed(notify: Notify) -> bool:
    return not await notify.database.fetchval("SELECT count(*) FROM notify.contact_changes")


async def test_contact_data_of_who_left_are_deleted_once_the_cancellation_is_sent(notify: Notify) -> None:
    former = "SELECT count(*) FROM notify.contacts WHERE about LIKE 'former/%'"
    await wait_until(lambda: _changes_are_processed(notify))
    assert await notify.database.fetchval(former) > 0
    async with notify.database.transaction():
        await notify.database.execute("SET LOCAL search_path = notify")
        await notify.database.execute(SQL["delete_former_contacts"])
    assert await notify.database.fetchval(former) == 0
