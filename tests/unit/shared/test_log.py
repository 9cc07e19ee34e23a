"""What a library's own warnings become in our log."""

import logging

from structlog.testing import capture_logs

from shared.log import LibraryLogAdapter


def test_of_a_librarys_error_only_kind_and_place_are_told() -> None:
    try:
        raise ValueError("a secret")
    except ValueError as error:
        with capture_logs() as lines:
            LibraryLogAdapter().log(logging.ERROR, "ValueError: a secret", exc_info=error)

    assert [(line["event"], line["error"], line["log_level"]) for line in lines] == [
        ("trouble in a library", "ValueError", "error")
    ]
    assert "secret" not in str(lines)


def test_a_librarys_warning_is_told_and_its_talk_is_not() -> None:
    with capture_logs() as lines:
        LibraryLogAdapter().log(logging.INFO, "Received")
        LibraryLogAdapter().log(logging.WARNING, "no partitions")

    assert [line["event"] for line in lines] == ["no partitions"]
