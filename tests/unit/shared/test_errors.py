"""How an error is described without message content."""

from shared.error_text import safe_error_text
from shared.errors import DecodeError


def test_the_text_of_our_own_error_is_kept() -> None:
    assert safe_error_text(DecodeError("a record without a value")) == "a record without a value"


def test_of_another_error_only_its_line_is_reported() -> None:
    def rule() -> None:
        raise ValueError("a secret")

    try:
        rule()
    except ValueError as error:
        assert safe_error_text(error).startswith("raised in rule, test_errors.py line ")


def test_an_error_that_was_never_raised_has_a_text() -> None:
    assert safe_error_text(ValueError("a secret")) == "no traceback"
