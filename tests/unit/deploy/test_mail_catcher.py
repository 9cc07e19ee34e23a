"""The mailbox keeps whatever comes in, and shows it without running any of it."""

from pathlib import Path

import pytest

from deploy.mail_catcher.mail import read
from deploy.mail_catcher.maildir import MailDir
from deploy.mail_catcher.pages import gallery_page, mail_page

PLAIN = b"To: een@partner.example\r\nSubject: Welkom bij Tandem\r\nMessage-ID: <a@tandem.example>\r\n\r\nDag\r\n"
HOSTILE = (
    b"To: <script>alert(1)</script>\r\nSubject: </title><script>alert(2)</script>../../etc\r\n"
    b'Content-Type: text/html; charset=klingon\r\n\r\n"><script>alert(3)</script>\xff'
)


def test_a_mail_becomes_a_file_and_a_page(tmp_path: Path) -> None:
    MailDir(tmp_path).add(PLAIN)

    assert sorted(file.name for file in tmp_path.iterdir()) == ["0001-welkom-bij-tandem.eml", "0001-welkom-bij-tandem.html"]


def test_the_file_holds_the_mail_as_it_came(tmp_path: Path) -> None:
    MailDir(tmp_path).add(PLAIN)

    assert (tmp_path / "0001-welkom-bij-tandem.eml").read_bytes() == PLAIN


def test_a_second_copy_of_a_message_id_counts(tmp_path: Path) -> None:
    folder = MailDir(tmp_path)

    folder.add(PLAIN)
    folder.add(PLAIN)

    assert [mail.summary()["message_id"] for mail in folder.mails()] == ["<a@tandem.example>"] * 2


def test_numbering_goes_on_after_a_restart(tmp_path: Path) -> None:
    MailDir(tmp_path).add(PLAIN)
    MailDir(tmp_path).add(PLAIN)

    assert MailDir(tmp_path).names() == ["0001-welkom-bij-tandem", "0002-welkom-bij-tandem"]


@pytest.mark.parametrize("content", [HOSTILE, b"", b"\xff\x00", b"Subject: =?x?y?z?=\r\nTo: ;;@@\r\nDate: never\r\n\r\n"])
def test_hostile_mail_is_kept_in_the_folder_and_shown(content: bytes, tmp_path: Path) -> None:
    folder = MailDir(tmp_path)

    folder.add(content)

    assert len(folder.names()) == 1
    assert "<script" not in gallery_page(folder.mails())
    assert "<script" not in mail_page(folder.mails()[0])


def test_the_html_part_lies_in_a_frame_that_runs_nothing() -> None:
    page = mail_page(read("0001-x", HOSTILE))

    assert 'sandbox="allow-popups allow-popups-to-escape-sandbox" srcdoc="&lt;base' in page
    assert "&#34;&gt;&lt;script&gt;alert(3)" in page


def test_the_newest_mail_stands_first(tmp_path: Path) -> None:
    folder = MailDir(tmp_path)
    folder.add(PLAIN)
    folder.add(PLAIN.replace(b"Welkom", b"Afscheid"))

    page = gallery_page(folder.mails())

    assert page.index("Afscheid bij Tandem") < page.index("Welkom bij Tandem")


def test_the_time_is_that_of_the_programmes_clocks() -> None:
    mail = read("0001-x", b"Date: Mon, 15 Feb 2027 09:30:00 +0000\r\n\r\n")

    assert "2027-02-15 10:30:00" in gallery_page([mail])
