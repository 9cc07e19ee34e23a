"""The mail catcher stores every email and shows it without executing anything in it."""

import re
from collections.abc import AsyncIterator
from html import unescape
from pathlib import Path
from urllib.parse import urljoin

import httpx
import pytest

from deploy.mail_catcher.mail import parse_mail
from deploy.mail_catcher.maildir import MailDir
from deploy.mail_catcher.pages import Selection, gallery_page, mail_page
from deploy.mail_catcher.web import web_app

PLAIN = b"To: een@partner.example\r\nSubject: Welkom bij Tandem\r\nMessage-ID: <a@tandem.example>\r\n\r\nDag\r\n"
HOSTILE = (
    b"To: <script>alert(1)</script>\r\nSubject: </title><script>alert(2)</script>../../etc\r\n"
    b'Content-Type: text/html; charset=klingon\r\n\r\n"><script>alert(3)</script>\xff'
)


def test_email_is_stored_as_a_file_with_a_page(tmp_path: Path) -> None:
    MailDir(tmp_path).add(PLAIN)

    assert sorted(file.name for file in tmp_path.iterdir()) == ["0001-welkom-bij-tandem.eml", "0001-welkom-bij-tandem.html"]


def test_stored_file_is_the_unchanged_email(tmp_path: Path) -> None:
    MailDir(tmp_path).add(PLAIN)

    assert (tmp_path / "0001-welkom-bij-tandem.eml").read_bytes() == PLAIN


def test_another_copy_of_an_email_is_stored_too(tmp_path: Path) -> None:
    folder = MailDir(tmp_path)

    folder.add(PLAIN)
    folder.add(PLAIN)

    assert [mail["message_id"] for mail in folder.summaries()] == ["<a@tandem.example>"] * 2


def test_numbering_continues_after_a_restart(tmp_path: Path) -> None:
    MailDir(tmp_path).add(PLAIN)
    MailDir(tmp_path).add(PLAIN)

    assert MailDir(tmp_path).names() == ["0001-welkom-bij-tandem", "0002-welkom-bij-tandem"]


@pytest.mark.parametrize("content", [HOSTILE, b"", b"\xff\x00", b"Subject: =?x?y?z?=\r\nTo: ;;@@\r\nDate: never\r\n\r\n"])
def test_hostile_email_is_stored_in_the_folder_and_shown(content: bytes, tmp_path: Path) -> None:
    folder = MailDir(tmp_path)

    folder.add(content)

    assert len(folder.names()) == 1
    assert "<script" not in gallery_page(folder.summaries())
    assert "<script" not in gallery_page(folder.summaries(), selection=Selection(to=folder.summaries()[0]["to"]))
    assert "<script" not in mail_page(folder.mail(folder.names()[0]))


def test_html_part_is_shown_in_a_sandboxed_frame() -> None:
    page = mail_page(parse_mail("0001-x", HOSTILE))

    assert 'sandbox="allow-popups allow-popups-to-escape-sandbox" srcdoc="&lt;base' in page
    assert "&#34;&gt;&lt;script&gt;alert(3)" in page


@pytest.fixture
def story(tmp_path: Path) -> MailDir:
    """Three emails, the first and the last to one person."""
    folder = MailDir(tmp_path)
    for subject, to in (("Welkom", "een"), ("Voorstel", "twee"), ("Afscheid", "een")):
        folder.add(PLAIN.replace(b"Welkom", subject.encode()).replace(b"een@", f"{to}@".encode()))
    return folder


@pytest.fixture
async def browser(story: MailDir) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(web_app(story))
    async with httpx.AsyncClient(transport=transport, base_url="http://mail.example") as client:
        yield client


def hrefs(page: str) -> list[str]:
    return re.findall(r'<a[^>]* href="([^"]+)"', page)


def test_emails_are_listed_in_the_order_of_the_story(story: MailDir) -> None:
    page = gallery_page(story.summaries())

    assert page.index("Welkom bij Tandem") < page.index("Voorstel bij Tandem") < page.index("Afscheid bij Tandem")


def test_saved_pages_lead_from_email_to_email_and_back_to_the_index(story: MailDir) -> None:
    first, second, third = story.names()

    saved = {name: hrefs(story.read(f"{name}.html").decode()) for name in story.names()}

    assert saved[first][:2] == ["index.html", f"{second}.html"]
    assert saved[second][:3] == [f"{first}.html", "index.html", f"{third}.html"]
    assert saved[third][:2] == [f"{second}.html", "index.html"]


def test_links_of_the_index_are_files_beside_it(story: MailDir) -> None:
    story.write_index()

    links = hrefs(story.read("index.html").decode())
    assert links == [f"{name}.html" for name in story.names()]
    assert all((story.path / link).exists() for link in links)


def test_index_is_written_again_only_after_another_email(story: MailDir) -> None:
    story.write_index()
    (story.path / "index.html").unlink()
    story.write_index()
    assert not (story.path / "index.html").exists()

    story.add(PLAIN)
    story.write_index()

    assert len(hrefs(story.read("index.html").decode())) == 4


async def test_pages_lead_through_the_mailbox_of_one_person(story: MailDir, browser: httpx.AsyncClient) -> None:
    first, second, third = story.names()
    query = "?to=een%40partner.example"

    mailbox = hrefs((await browser.get(f"/{query}")).text)
    assert mailbox[-2:] == [f"mails/{first}.html{query}", f"mails/{third}.html{query}"]
    assert hrefs((await browser.get(f"/mails/{first}.html{query}")).text)[:2] == [f"/{query}", f"{third}.html{query}"]
    assert hrefs((await browser.get(f"/mails/{second}.html")).text)[:3] == [f"{first}.html", "/", f"{third}.html"]


async def test_every_link_of_the_pages_has_an_answer(story: MailDir, browser: httpx.AsyncClient) -> None:
    seen, open_links = set[str](), ["/"]
    while open_links:
        link = open_links.pop()
        answer = await browser.get(link)
        assert answer.status_code == 200, link
        if "html" in answer.headers["content-type"]:
            found = {urljoin(link, unescape(href)) for href in hrefs(answer.text)} - seen
            open_links += found
            seen |= found
    assert len(seen) > len(story.names()) * 2


def test_time_is_shown_in_the_programmes_zone() -> None:
    mail = parse_mail("0001-x", b"Date: Mon, 15 Feb 2027 09:30:00 +0000\r\n\r\n")

    assert "2027-02-15 10:30:00" in gallery_page([mail.summary()])
