"""What each page is for, which mail opens it, and whom its reader may call. Pure: no clock, no database, no bus."""

from collections.abc import Mapping
from typing import Literal, get_args

from shared.messages.code_lists import Role
from shared.programme.policy import Contact, Policy

Purpose = Literal["stappen", "volgende-stap", "lijst", "voorstel", "start", "gesprek", "hulp"]
PURPOSES: tuple[Purpose, ...] = get_args(Purpose)
BEFORE_THE_START = ("voorstel", "volgende-stap")

PAGES: Mapping[str, Purpose] = {
    "welcome": "stappen",
    "ready_b": "stappen",
    "ready_s": "stappen",
    "start_waiting": "stappen",
    "next_step": "volgende-stap",
    "shortlist": "lijst",
    "ended_mediator": "lijst",
    "proposal_expert": "voorstel",
    "proposal_organisation": "voorstel",
    "ended": "voorstel",
    "start": "start",
    "exploration": "start",
}
"""Which page a mail's button opens; all others open the talk's."""


def opened_by(template: str) -> Purpose:
    """The page behind a mail's button."""
    return PAGES.get(template, "gesprek")


def whom_to_call(role: Role, purpose: Purpose, policy: Policy) -> Contact:
    """The person at the end of a mail or page (R006, R064): never the reader."""
    if role in ("mediator", "advice_team"):
        return policy.lead
    return policy.mediator if purpose in BEFORE_THE_START else policy.advice_team
