"""How an error is told without what was in the message."""

from shared.errors import DecodeError, safe_error_text


def test_our_own_words_are_told() -> None:
    assert safe_error_text(DecodeError("a record without a value")) == "a record without a value"


def test_of_another_error_only_the_place_is_told() -> None:
    def rule() -> None:
        raise ValueError("a secret")

    try:
        rule()
    except ValueError as error:
        assert safe_error_text(error).startswith("raised in rule, test_errors.py line ")


def test_an_error_that_was_never_raised_is_told_too() -> None:
    assert safe_error_text(ValueError("a secret")) == "raised nowhere"
