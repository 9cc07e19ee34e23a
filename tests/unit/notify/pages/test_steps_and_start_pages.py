"""Pages without a form: the step plan, and the first weeks."""

import pytest

from tests.unit.notify.given import after
from tests.unit.notify.pages.page_harness import COORDINATOR, EXAMPLE, FORMED, START_LINK, STARTED, STEPS_LINK, text_of


@pytest.mark.rule("R069", "R070")
async def test_step_plan_shows_for_each_numbered_step_what_is_done_and_what_is_open() -> None:
    page = await text_of(after(EXAMPLE.registered(), EXAMPLE.opened()), STEPS_LINK)

    assert "Basis: open Dit is nog niet zo. Het moet klaar zijn voordat jullie een vacature plaatsen:" in page
    assert "☐ Ons team is het eens over hoe wij naar armoede kijken." in page
    assert "Stap 1: Afspraken met de gemeente: klaar of niet nodig" in page and "Stap 7: Steun: klaar" in page
    organisation, _, vacancy = page.partition("De stappen voor «Samen koken»")
    assert "Stap 6: Rustig starten (scharrelfase): bij elke vacature apart" in organisation
    assert "Stap 6: Rustig starten (scharrelfase): open" in vacancy and "Stap 3: Functie en taken: klaar" in vacancy
    assert all(f"Stap {number}:" in organisation for number in range(1, 9))


async def test_only_the_coordinator_sees_open_items_and_only_before_the_first_day() -> None:
    coordinator_link = START_LINK._replace(person=COORDINATOR)

    assert "☐ Er is een plan voor de eerste weken" in await text_of(after(*FORMED), coordinator_link)
    assert "☐" not in await text_of(after(*FORMED), START_LINK)
    assert "☐" not in await text_of(after(*STARTED), coordinator_link)
