"""Invalid settings end a process with one sentence in our own words."""

import os

import pytest

from shared.settings import Settings


@pytest.fixture(autouse=True)
def only_a_database(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("TANDEM_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("TANDEM_DATABASE", "postgresql://127.0.0.1/none")


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("TANDEM_CLOCK_FILE", "clock", "TANDEM_CLOCK_FILE sets the clock ahead and requires the development profile: unset it"),
        ("TANDEM_KAFAK", "x", "unknown settings TANDEM_KAFAK; known are "),
        ("TANDEM_PROFILE", "x", "TANDEM_PROFILE: Input should be 'development' or 'production'"),
    ],
)
def test_invalid_setting_is_one_sentence_in_our_own_words(
    name: str, value: str, sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)

    with pytest.raises(SystemExit) as raised:
        Settings.read()

    assert str(raised.value).startswith(sentence)
