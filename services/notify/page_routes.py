"""The pages: their purposes (as in the URL), their templates, the emails that open them, and the contact they name. Pure."""

from collections.abc import Mapping
from typing import Any, Literal, get_args

from shared.messages.code_lists import Role
from shared.programme.policy import Contact, Policy

Purpose = Literal["stappen", "volgende-stap", "lijst", "voorstel", "start", "gesprek", "hulp"]
"""The first part of a page's URL, in Dutch because people read it. A link stores its index: append only."""

PURPOSES: tuple[Purpose, ...] = get_args(Purpose)
PURPOSES_BEFORE_START: tuple[Purpose, ...] = ("voorstel", "volgende-stap")

PAGE_TEMPLATES: Mapping[Purpose, str] = {
    "stappen": "steps",
    "volgende-stap": "next_step",
    "lijst": "shortlist",
    "voorstel": "proposal",
    "start": "start",
    "gesprek": "evaluation",
    "hulp": "help",
}
"""The file in `templates/pages` that shows each purpose."""

PURPOSE_BY_EMAIL: Mapping[str, Purpose] = {
    "welcome": "stappen",
    "ready_b": "stappen",
    "ready_s": "stappen",
    "start_waiting": "stappen",
    "next_step": "volgende-stap",
    "shortlist": "lijst",
    "ended_mediator": "lijst",
    "pick_refused": "lijst",
    "proposal_expert": "voorstel",
    "proposal_organisation": "voorstel",
    "ended": "voorstel",
    "answer_refused": "voorstel",
    "start": "start",
    "exploration": "start",
    "expert_withdrawn": "start",
    "unreachable_expert": "hulp",
    "unreachable_organisation": "hulp",
}


def purpose_of(email_template: str, facts: Mapping[str, Any]) -> Purpose:
    """Return the page that an email's button opens: the evaluation, unless its facts or its template name another one."""
    return facts.get("purpose") or PURPOSE_BY_EMAIL.get(email_template, "gesprek")


def contact_person(role: Role, purpose: Purpose, policy: Policy) -> Contact:
    """Return the person that a reader in this role can call (R006, R064); never the reader."""
    if role in ("mediator", "advice_team"):
        return policy.lead
    return policy.mediator if purpose in PURPOSES_BEFORE_START else policy.advice_team
