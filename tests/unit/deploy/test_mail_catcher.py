"""The mail catcher stores every email and shows it without executing anything in it."""

from pathlib import Path

import pytest

from deploy.mail_catcher.mail import parse_mail
from deploy.mail_catcher.maildir import MailDir
from deploy.mail_catcher.pages import gallery_page, mail_page

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

    assert [mail.summary()["message_id"] for mail in folder.mails()] == ["<a@tandem.example>"] * 2


def test_numbering_continues_after_a_restart(tmp_path: Path) -> None:
    MailDir(tmp_path).add(PLAIN)
    MailDir(tmp_path).add(PLAIN)

    assert MailDir(tmp_path).names() == ["0001-welkom-bij-tandem", "0002-welkom-bij-tandem"]


@pytest.mark.parametrize("content", [HOSTILE, b"", b"\xff\x00", b"Subject: =?x?y?z?=\r\nTo: ;;@@\r\nDate: never\r\n\r\n"])
def test_hostile_email_is_stored_in_the_folder_and_shown(content: bytes, tmp_path: Path) -> None:
    folder = MailDir(tmp_path)

    folder.add(content)

    assert len(folder.names()) == 1
    assert "<script" not in gallery_page(folder.mails())
    assert "<script" not in mail_page(folder.mails()[0])


def test_html_part_is_shown_in_a_sandboxed_frame() -> None:
    page = mail_page(parse_mail("0001-x", HOSTILE))

    assert 'sandbox="allow-popups allow-popups-to-escape-sandbox" srcdoc="&lt;base' in page
    assert "&#34;&gt;&lt;script&gt;alert(3)" in page


def test_newest_email_is_listed_first(tmp_path: Path) -> None:
    folder = MailDir(tmp_path)
    folder.add(PLAIN)
    folder.add(PLAIN.replace(b"Welkom", b"Afscheid"))

    page = gallery_page(folder.mails())

    assert page.index("Afscheid bij Tandem") < page.index("Welkom bij Tandem")


def test_time_is_shown_in_the_programmes_zone() -> None:
    mail = parse_mail("0001-x", b"Date: Mon, 15 Feb 2027 09:30:00 +0000\r\n\r\n")

    assert "2027-02-15 10:30:00" in gallery_page([mail])
