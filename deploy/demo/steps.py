"""The story, from an organisation's registration to two tandems: each step through the door of who takes it."""

from typing import NamedTuple

from deploy.demo.bus_observer import Told
from deploy.demo.context import Context
from deploy.partner_client.client import Receipt

EVERYONE = ("coordinator", "expert", "partner")


class Pair(NamedTuple):
    """A tandem as it was formed, its evaluation as first scheduled, and which vacancy of the cast it fills."""

    nth: int
    vacancy: str
    formed: Told
    scheduled: Told

    @property
    def tandem(self) -> str:
        return str(self.formed.data["tandem"])


async def registers(stage: Context) -> Receipt:
    stage.chapter("An organisation registers, and its coordinator gets the step plan")
    receipt = await stage.submit(stage.cast.organisation())
    registered = await stage.told("intake.organisation-registered", receipt.cause)
    welcome = await stage.letter("welcome", "coordinator", registered)
    stage.pages["step plan"] = await stage.browser.open(welcome.link)
    return receipt


async def errs(stage: Context) -> None:
    stage.chapter("A broken event and a breach of the contract: two receipts that say where and why")
    await stage.submit(stage.cast.broken(), "rejected")
    await stage.submit(stage.cast.breach(), "rejected")


async def gets_ready(stage: Context, registered: Receipt) -> None:
    """The partner's system answers what the receipts say is missing; between the parts it is too early for a vacancy."""
    stage.chapter("The organisation gets ready in three parts; a vacancy before its gate is refused")
    missing = registered.data["missing_b"]
    half = len(missing) // 2
    await reports(stage, "readiness, part one", missing[:half])
    await stage.submit(stage.cast.vacancy(1, "a vacancy too early"), "rejected")
    second = await reports(stage, "readiness, part two", missing[half:])
    await completes(stage, second, "B")
    third = await reports(stage, "readiness, part three", second.data["missing_s"])
    await completes(stage, third, "S")


async def reports(stage: Context, name: str, items: list[str]) -> Receipt:
    receipt = await stage.submit(stage.cast.readiness(name, items))
    await stage.told("intake.readiness-progressed", receipt.cause)
    return receipt


async def completes(stage: Context, receipt: Receipt, gate: str) -> None:
    completed = await stage.told("intake.readiness-completed", receipt.cause, gate=gate)
    await stage.letter(f"ready_{gate.lower()}", "coordinator", completed)


async def experts_offer(stage: Context) -> Receipt:
    stage.chapter("Two people offer to work as expert: one meets the criteria, one hears the next step")
    first = await stage.submit(stage.cast.expert(1, "an expert", trained=True))
    await stage.told("intake.expert-registered", first.cause)
    second = await stage.submit(stage.cast.expert(2, "a person without training", trained=False))
    not_yet = await stage.told("intake.expert-not-yet-eligible", second.cause)
    step = await stage.letter("next_step", "expert", not_yet)
    stage.pages["next step"] = await stage.browser.open(step.link)
    return first


async def finishes_training(stage: Context) -> Receipt:
    stage.chapter("The second person has finished the training")
    receipt = await stage.submit(stage.cast.expert(2, "the training is finished", trained=True))
    await stage.told("intake.expert-registered", receipt.cause)
    return receipt


async def becomes_a_tandem(stage: Context, nth: int, expert: Receipt) -> Pair:
    """From a vacancy to a yes of both sides."""
    stage.chapter(f"Vacancy {nth}: a shortlist with reasons, the mediator's choice")
    opened = await stage.submit(stage.cast.vacancy(nth, f"vacancy {nth}"))
    proposed = await is_chosen(stage, nth, opened.tandem_id, expert.tandem_id)
    stage.chapter(f"Vacancy {nth}: both sides read the same reasons and say yes")
    return await is_agreed(stage, nth, proposed)


async def is_chosen(stage: Context, nth: int, vacancy: str, expert: str) -> Told:
    await stage.told("intake.vacancy-opened", vacancy=vacancy)
    drawn = await stage.told("matching.shortlist-drawn", vacancy=vacancy)
    mail = await stage.letter("shortlist", "mediator", drawn)
    choice = {"expert": expert, "why": "fits_tasks", "words": "Past bij het team."}
    await stage.fill_in(f"the mediator picks for vacancy {nth}", mail, "pick", **choice)
    return await stage.told("matching.match-proposed", vacancy=vacancy)


async def is_agreed(stage: Context, nth: int, proposed: Told) -> Pair:
    vacancy = proposed.data["vacancy"]
    to_expert = await stage.letter("proposal_expert", "expert", proposed)
    to_organisation = await stage.letter("proposal_organisation", "coordinator", proposed)
    await stage.fill_in(f"expert {nth} says yes", to_expert, "answer", answer="yes")
    await stage.told("matching.match-answered", vacancy=vacancy, side="expert")
    await stage.fill_in(f"the organisation says yes to expert {nth}", to_organisation, "answer", answer="yes")
    formed = await stage.told("matching.tandem-formed", vacancy=vacancy)
    scheduled = await stage.told("coaching.evaluation-scheduled", tandem=formed.data["tandem"])
    mails = await stage.letters("start", EVERYONE, formed)
    stage.pages[f"tandem {nth}"] = await stage.browser.open(mails["expert"].link)
    return Pair(nth, vacancy, formed, scheduled)


async def readies_vacancy(stage: Context, pair: Pair) -> None:
    """What is needed before the first day of this vacancy; coaching knows it before the clock may move on."""
    missing = stage.receipts[f"vacancy {pair.nth}"].data["missing_s"]
    receipt = await stage.submit(stage.cast.readiness(f"readiness of vacancy {pair.nth}", missing, pair.nth))
    completed = await stage.told("intake.readiness-completed", receipt.cause, gate="S")
    await stage.observer.heard(completed, "coaching")
