"""What a tombstone of the private topic erases."""

from typing import Any

import pytest

from services.notify.domain.effects import EraseContact, SaveText
from services.notify.domain.private_data import on_erased
from shared.messages.intake import PrivateDataErased

ABOUT = "vacancy/6b1f0c1e-0000-5000-8000-000000000001"


@pytest.mark.parametrize(
    ("part", "effects"),
    [
        ("text/other-duties", [SaveText(ABOUT, "other-duties", None)]),
        ("contact/partner-1", [EraseContact(ABOUT, "partner", 1)]),
        ("contact/advice_team-0", [EraseContact(ABOUT, "advice_team", 0)]),
        ("contact/partner", []),
        ("contact/partner-²", []),
        ("picture/1", []),
        ("text/a/b", []),
    ],
)
def test_tombstone_erases_the_text_or_contact_of_its_key(part: str, effects: list[Any]) -> None:
    assert list(on_erased(PrivateDataErased(f"{ABOUT}/{part}"))) == effects
