"""How warnings and errors of libraries are logged."""

import logging

from structlog.testing import capture_logs

from shared.log import LibraryLogAdapter


def test_of_a_library_error_only_type_and_location_are_logged() -> None:
    try:
        raise ValueError("a secret")
    except ValueError as error:
        with capture_logs() as lines:
            LibraryLogAdapter().log(logging.ERROR, "ValueError: a secret", exc_info=error)

    assert [(line["event"], line["error"], line["log_level"]) for line in lines] == [("library_error", "ValueError", "error")]
    assert "secret" not in str(lines)


def test_warnings_and_errors_of_a_library_are_logged_and_its_info_is_not() -> None:
    with capture_logs() as lines:
        LibraryLogAdapter().log(logging.INFO, "Received")
        LibraryLogAdapter().log(logging.WARNING, "no partitions")
        LibraryLogAdapter().log(logging.ERROR, "no broker")

    assert [(line["event"], line["detail"], line["log_level"]) for line in lines] == [
        ("library_warning", "no partitions", "warning"),
        ("library_error", "no broker", "error"),
    ]
