"""The steps of the journey up to two formed tandems, each through the public interface that takes it."""

from typing import NamedTuple

from deploy.demo.bus_observer import ObservedMessage
from deploy.demo.context import Context
from deploy.partner_client.client import Receipt

PARTICIPANTS = ("coordinator", "expert", "partner")


class FormedTandem(NamedTuple):
    """A formed tandem, its first evaluation date, and the number of the actors' vacancy that it fills."""

    nth: int
    formed: ObservedMessage
    scheduled: ObservedMessage

    @property
    def id(self) -> str:
        return str(self.formed.data["tandem"])


async def register_organisation(context: Context) -> Receipt:
    context.section("An organisation registers, and its coordinator gets the step plan")
    receipt = await context.submit(context.actors.organisation())
    registered = await context.wait_for_message("intake.organisation-registered", receipt.cause)
    await context.open_page("step plan", await context.wait_for_email("welcome", "coordinator", registered))
    return receipt


async def submit_invalid_events(context: Context) -> None:
    context.section("A malformed event and a contract violation: two receipts with the place and the reason")
    await context.submit(context.actors.malformed(), "rejected")
    await context.submit(context.actors.contract_violation(), "rejected")


async def complete_readiness(context: Context, registered: Receipt) -> None:
    """Report the items that the receipts name as missing, in three parts; a vacancy in between is too early."""
    context.section("The organisation completes its readiness in three parts; a vacancy before its gate is rejected")
    missing = registered.data["missing_b"]
    half = len(missing) // 2
    await report_readiness(context, "readiness, part one", missing[:half])
    await context.submit(context.actors.vacancy(1, "a vacancy too early"), "rejected")
    second = await report_readiness(context, "readiness, part two", missing[half:])
    await wait_for_gate(context, second, "B")
    third = await report_readiness(context, "readiness, part three", second.data["missing_s"])
    await wait_for_gate(context, third, "S")


async def report_readiness(context: Context, name: str, items: list[str]) -> Receipt:
    receipt = await context.submit(context.actors.readiness(name, items))
    await context.wait_for_message("intake.readiness-progressed", receipt.cause)
    return receipt


async def wait_for_gate(context: Context, receipt: Receipt, gate: str) -> None:
    completed = await context.wait_for_message("intake.readiness-completed", receipt.cause, gate=gate)
    await context.wait_for_email(f"ready_{gate.lower()}", "coordinator", completed)


async def submit_experts(context: Context) -> Receipt:
    """Return the receipt of the expert who meets the criteria."""
    context.section("Two people apply as expert: one meets the criteria, the other is sent the next step")
    first = await context.submit(context.actors.expert(1, "an expert", trained=True))
    await context.wait_for_message("intake.expert-registered", first.cause)
    second = await context.submit(context.actors.expert(2, "a person without training", trained=False))
    not_yet = await context.wait_for_message("intake.expert-not-yet-eligible", second.cause)
    await context.open_page("next step", await context.wait_for_email("next_step", "expert", not_yet))
    return first


async def finish_training(context: Context) -> Receipt:
    context.section("The second person has finished the training")
    receipt = await context.submit(context.actors.expert(2, "the training is finished", trained=True))
    await context.wait_for_message("intake.expert-registered", receipt.cause)
    return receipt


async def form_tandem(context: Context, nth: int, expert: Receipt) -> FormedTandem:
    """Submit a vacancy, have the mediator pick the expert, and accept on both sides."""
    context.section(f"Vacancy {nth}: a shortlist with reasons, the mediator's choice")
    opened = await context.submit(context.actors.vacancy(nth, f"vacancy {nth}"))
    proposed = await pick_expert(context, nth, opened.tandem_id, expert.tandem_id)
    context.section(f"Vacancy {nth}: both sides read the same reasons and accept")
    return await accept_proposal(context, nth, proposed)


async def pick_expert(context: Context, nth: int, vacancy: str, expert: str) -> ObservedMessage:
    await context.wait_for_message("intake.vacancy-opened", vacancy=vacancy)
    shortlist = await context.wait_for_message("matching.shortlist-drawn", vacancy=vacancy)
    mail = await context.wait_for_email("shortlist", "mediator", shortlist)
    answers = {"expert": expert, "why": "fits_tasks", "words": "Past bij het team."}
    await context.fill_in(f"the mediator picks for vacancy {nth}", mail, "pick", **answers)
    return await context.wait_for_message("matching.match-proposed", vacancy=vacancy)


async def accept_proposal(context: Context, nth: int, proposed: ObservedMessage) -> FormedTandem:
    vacancy = proposed.data["vacancy"]
    to_expert = await context.wait_for_email("proposal_expert", "expert", proposed)
    to_organisation = await context.wait_for_email("proposal_organisation", "coordinator", proposed)
    await context.fill_in(f"expert {nth} accepts", to_expert, "answer", answer="yes")
    await context.wait_for_message("matching.match-answered", vacancy=vacancy, side="expert")
    await context.fill_in(f"the organisation accepts expert {nth}", to_organisation, "answer", answer="yes")
    formed = await context.wait_for_message("matching.tandem-formed", vacancy=vacancy)
    scheduled = await context.wait_for_message("coaching.evaluation-scheduled", tandem=formed.data["tandem"])
    mails = await context.wait_for_emails("start", PARTICIPANTS, formed)
    await context.open_page(f"tandem {nth}", mails["expert"])
    return FormedTandem(nth, formed, scheduled)


async def complete_vacancy_readiness(context: Context, tandem: FormedTandem) -> None:
    """Report the items that a vacancy needs before its first day, and wait for coaching: the clock may move then."""
    missing = context.receipts[f"vacancy {tandem.nth}"].data["missing_s"]
    receipt = await context.submit(context.actors.readiness(f"readiness of vacancy {tandem.nth}", missing, tandem.nth))
    completed = await context.wait_for_message("intake.readiness-completed", receipt.cause, gate="S")
    await context.observer.wait_until_processed(completed, "coaching")
