"""What a partner's system says, out of a seed: organisations that get ready, experts, vacancies. Pure; nobody in it exists."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Any, get_args

from deploy.simulator import corruption
from deploy.simulator.event import Event
from services.intake import contract
from shared.messages.code_lists import Competence, Interest, Quality, Sector, TaskCategory
from shared.programme.readiness_catalogue import readiness_items

AT_ONCE = 12
"""Organisations whose story is being told at the same time."""
TRAINING = {"code": "de-link-4-year", "finished_on": "2024-06-28"}
REGIONS = ("BE-VAN", "BE-VOV", "BE-VWV", "NL-GE", "NL-NB")
START = timedelta(days=35)

Story = Iterator[Event]


class PartnerEvents:
    """An endless stream of events of one partner. The same seed tells the same; `bad` is the share that is spoiled or doubled.

    `hot` is the share of events about one organisation, which reports its readiness again and again.
    """

    def __init__(self, seed: int | str, partner: str, today: Callable[[], date], bad: float = 0.1, hot: float = 0) -> None:
        self.random = Random(f"{seed}/{partner}")
        self.tag, self.partner, self.today, self.bad, self.hot = f"{seed}-{partner}", partner, today, bad, hot
        self.organisations, self.said = 0, 0

    def events(self) -> Iterator[Event]:
        """Without end; what is about one thing comes in the order in which it must be heard."""
        told, hot = list[Story](), self._restless()
        while True:
            if self.random.random() < self.hot:
                yield next(hot)
                continue
            told += [self._organisation() for _ in range(AT_ONCE - len(told))]
            story = self.random.choice(told)
            event = next(story, None)
            if event is None:
                told.remove(story)
                continue
            yield event
            if self.random.random() < self.bad:
                yield self._beside(event)

    def _beside(self, event: Event) -> Event:
        """Something wrong beside a good event: the same again, another body under its id, or a broken one."""
        if self.random.random() < 0.4:
            return corruption.again(self.random, event)
        self.said += 1
        return corruption.broken(self.random, event, f"{self.tag}-bad-{self.said}")

    def _organisation(self) -> Story:
        """From the first event to the last item of its vacancies; its experts offer themselves meanwhile."""
        self.organisations += 1
        own = f"{self.tag}-{self.organisations}"
        name = f"org-{own}"
        yield self._submitted(name)
        for items in self._parts(_items("organisation")):
            yield self._ready(items, organisation=name)
        for nth in range(self.random.randint(1, 4)):
            yield from self._expert(f"expert-{own}-{nth}")
        if self.random.random() < 0.6:
            yield from self._vacancy(name, f"vacancy-{own}")
        if self.random.random() < 0.3:
            yield self._submitted(name)

    def _restless(self) -> Story:
        name = f"org-{self.tag}-hot"
        yield self._submitted(name)
        while True:
            yield self._ready(self.random.sample(_items("organisation"), 2), organisation=name)

    def _submitted(self, name: str) -> Event:
        coordinator = self._person("Coördinator Eén", f"coordinator-{name}")
        sector = self.random.choice(get_args(Sector))
        return self.event("organisation-submitted", organisation=name, sector=sector, coordinator=coordinator)

    def _ready(self, items: Sequence[str], **about: str) -> Event:
        return self.event("readiness-reported", answers=[{"item": item, "answer": "yes"} for item in items], **about)

    def _expert(self, name: str) -> Story:
        """A third lacks the training at first."""
        criteria: dict[str, Any] = {"own_experience": True, "behind_the_person": True}
        brings: dict[str, Any] = self._profile()
        brings |= {"task_categories": self._some(TaskCategory), "regions": self.random.sample(REGIONS, 2)}
        brings |= {"experience": self.random.choice(["starting", "experienced"]), "available_from": str(self.today())}
        brings |= self._person("Deskundige Eén", name)
        if self.random.random() < 0.3:
            yield self.event("expert-submitted", expert=name, criteria=criteria, **brings)
        yield self.event("expert-submitted", expert=name, criteria=criteria | {"training": TRAINING}, **brings)

    def _vacancy(self, organisation: str, name: str) -> Story:
        colleague = self._person("Tandempartner Eén", f"partner-{name}") | {"willing": True}
        yield self.event(
            "vacancy-submitted",
            organisation=organisation,
            vacancy=name,
            tandem={"form": "fixed_one_to_one", "partner_type": "helper", "partners": [colleague]},
            region=self.random.choice(REGIONS),
            starts_on=str(self.today() + START),
            **self._profile(),
        )
        for items in self._parts(_items("vacancy")):
            yield self._ready(items, organisation=organisation, vacancy=name)

    def _parts(self, items: Sequence[str]) -> Iterator[list[str]]:
        """All of them, in no order, in a few parts."""
        mixed = self.random.sample(items, len(items))
        size = -(-len(mixed) // self.random.randint(2, 3))
        return (mixed[at : at + size] for at in range(0, len(mixed), size))

    def _profile(self) -> dict[str, list[str]]:
        return {"qualities": self._some(Quality), "interests": self._some(Interest), "competences": self._some(Competence)}

    def _some(self, codes: Any) -> list[str]:
        return self.random.sample(get_args(codes), self.random.randint(1, 3))

    def _person(self, name: str, address: str) -> dict[str, str]:
        return {"name": name, "email": f"{address}@mensen.example", "phone": "+32 2 000 00 10"}

    def event(self, kind: str, /, **changes: Any) -> Event:
        """The contract's own example with these changes, under the next id."""
        self.said += 1
        stamp = datetime.combine(self.today(), time(8), UTC)
        event = contract.example(kind, self.partner, f"{self.tag}-{self.said}", stamp)
        if kind == "readiness-reported":
            event["data"] = {}
        event["data"] |= changes
        return written(event, kind)


def written(event: Mapping[str, Any], kind: str) -> Event:
    """A good event as its record."""
    key = contract.record_key(event)
    return Event(key, json.dumps(event, ensure_ascii=False).encode(), "accepted", kind, event)


def _items(scope: str) -> list[str]:
    return [item.code for item in readiness_items().values() if item.scope == scope]
