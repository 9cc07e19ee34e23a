"""Signed links: bound to a purpose, a person and an address; they expire, and old ones stay readable."""

from uuid import UUID

import pytest

from services.notify.domain.people import Person
from services.notify.links import KINDS, ROLES, ExpiredLink, InvalidLink, Link, Links
from services.notify.page_routes import PURPOSES
from tests.unit.notify.pages.page_harness import (
    EMAIL,
    EVALUATION_LINK,
    EXPERT_PROPOSAL_LINK,
    HELP_LINK,
    LINKS,
    NEXT_STEP_LINK,
    PARTNER,
    SHORTLIST_LINK,
    START_LINK,
    STEPS_LINK,
)

OTHER_LINKS = Links("another secret of 16", "https://samen.example", 180)
SECONDS_PER_DAY = 86_400


def token_of(link: Link) -> str:
    return LINKS.url_for(link).rpartition("/")[2]


@pytest.mark.parametrize(
    "link",
    [
        STEPS_LINK,
        NEXT_STEP_LINK,
        SHORTLIST_LINK,
        EXPERT_PROPOSAL_LINK,
        START_LINK,
        START_LINK._replace(person=PARTNER._replace(nth=3)),
        EVALUATION_LINK,
        HELP_LINK,
    ],
)
def test_verified_token_returns_the_link_that_was_signed(link: Link) -> None:
    assert LINKS.url_for(link).startswith(f"https://samen.example/{link.purpose}/")
    assert LINKS.verify(link.purpose, token_of(link)) == link


def test_token_is_valid_for_its_own_purpose_only() -> None:
    with pytest.raises(InvalidLink):
        LINKS.verify("start", token_of(EXPERT_PROPOSAL_LINK))


def test_altered_token_is_invalid() -> None:
    token = token_of(EXPERT_PROPOSAL_LINK)

    with pytest.raises(InvalidLink):
        LINKS.verify("voorstel", token[:-9] + ("A" if token[-9] != "A" else "B") + token[-8:])


def test_token_signed_with_another_secret_is_invalid() -> None:
    with pytest.raises(InvalidLink):
        OTHER_LINKS.verify("voorstel", token_of(EXPERT_PROPOSAL_LINK))


def test_link_expires_after_its_days() -> None:
    old = EXPERT_PROPOSAL_LINK._replace(issued_at=EXPERT_PROPOSAL_LINK.issued_at - 181 * SECONDS_PER_DAY)

    with pytest.raises(ExpiredLink):
        LINKS.verify("voorstel", token_of(old))


def test_link_derived_from_another_keeps_its_age() -> None:
    old = EXPERT_PROPOSAL_LINK._replace(issued_at=EXPERT_PROPOSAL_LINK.issued_at - 179 * SECONDS_PER_DAY)

    assert LINKS.verify("hulp", token_of(old._replace(purpose="hulp"))).issued_at == old.issued_at


def test_recipient_tag_depends_on_the_address_and_the_secret() -> None:
    assert LINKS.recipient_tag("Reader@Post.example ") == LINKS.recipient_tag(EMAIL)
    assert LINKS.recipient_tag("another@post.example") != LINKS.recipient_tag(EMAIL)
    assert OTHER_LINKS.recipient_tag(EMAIL) != LINKS.recipient_tag(EMAIL)


def test_links_in_people_s_mailboxes_stay_readable() -> None:
    links = Links("a secret of sixteen", "https://samen.example", 36_500)
    match, expert = f"match/{UUID(int=4)}", Person(f"expert/{UUID(int=3)}", "expert")
    link = Link("voorstel", match, expert, links.recipient_tag(EMAIL), 1_800_000_000)
    token = "AwEAAwEAAAAAAAAAAAAAAAAAAAAEQUaUkFBpa0nSAAAAAAAAAAAAAAAAAAAAAAM.lyqNnDcp8FPTY5SJBAeHIaG0jmE"

    assert links.verify("voorstel", token) == link
    assert links.url_for(link) == f"https://samen.example/voorstel/{token}"


def test_lists_that_tokens_index_keep_their_order() -> None:
    assert PURPOSES == ("stappen", "volgende-stap", "lijst", "voorstel", "start", "gesprek", "hulp")
    assert ROLES == ("coordinator", "expert", "partner", "mediator", "advice_team", "lead")
    assert KINDS == ("organisation", "expert", "vacancy", "match", "tandem", "programme")


@pytest.mark.parametrize("token", ["", ".", "..", "a.b.c", "é", "A" * 5000, "%00"])
def test_malformed_token_is_invalid(token: str) -> None:
    with pytest.raises(InvalidLink):
        LINKS.verify("voorstel", token)
