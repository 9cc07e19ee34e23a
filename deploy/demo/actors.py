"""Who plays in the journey, and what the partner's system says about them. Nobody in it exists."""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from deploy.partner_client.event_files import EventRecord, written
from services.intake import contract
from shared.programme.local_dates import add_months, working_day_on_or_after

WEEK = timedelta(7)
PARTNER = "demo"
NAMES = {1: "Eén", 2: "Twee"}
TITLES = {1: "Collega aan de balie", 2: "Collega in de buurt"}


@dataclass(frozen=True)
class Actors:
    """Everybody of one run. The tag stands in every id, so that a second run meets nobody of the first."""

    tag: str
    today: date
    starts_on: date

    def organisation(self) -> EventRecord:
        return self._event("organisation-submitted", "organisation submitted", **self._organisation())

    def broken(self) -> EventRecord:
        """Bytes that are no JSON."""
        return EventRecord("a broken event", self._id("organisation").encode(), b'{"specversion": "1.0", "id": ')

    def breach(self) -> EventRecord:
        """A CloudEvent that is not as the contract says: no motive, and nowhere to write to."""
        wrong = {"motives": [], "coordinator": {"name": "Coördinator Eén"}}
        return self._event("organisation-submitted", "a breach of the contract", **self._organisation() | wrong)

    def readiness(self, name: str, items: Iterable[str], vacancy: int | None = None) -> EventRecord:
        """Yes to each of the items, of the organisation or of one of its vacancies."""
        about = {"vacancy": self._id("vacancy", vacancy)} if vacancy else {}
        answers = [{"item": item, "answer": "yes"} for item in items]
        return self._event("readiness-reported", name, organisation=self._id("organisation"), answers=answers, **about)

    def expert(self, nth: int, name: str, *, trained: bool) -> EventRecord:
        """The second is a beginner."""
        criteria: dict[str, Any] = {"own_experience": True, "behind_the_person": True}
        if trained:
            criteria["training"] = {"code": "de-link-4-year", "finished_on": str(self.today - timedelta(30))}
        return self._event(
            "expert-submitted",
            name,
            expert=self._id("expert", nth),
            criteria=criteria,
            experience="experienced" if nth == 1 else "starting",
            available_from=str(self.today),
            **self._person(f"Deskundige {NAMES[nth]}", f"expert-{nth}"),
        )

    def vacancy(self, nth: int, name: str) -> EventRecord:
        colleague = self._person(f"Tandempartner {NAMES[nth]}", f"partner-{nth}") | {"willing": True}
        return self._event(
            "vacancy-submitted",
            name,
            vacancy=self._id("vacancy", nth),
            organisation=self._id("organisation"),
            title=TITLES[nth],
            tandem={"form": "fixed_one_to_one", "partner_type": "helper", "partners": [colleague]},
            starts_on=str(self.starts_on),
        )

    def _organisation(self) -> dict[str, Any]:
        return {"organisation": self._id("organisation"), "coordinator": self._person("Coördinator Eén", "coordinator")}

    def _id(self, kind: str, nth: int | None = 1) -> str:
        return f"{kind}-{self.tag}-{nth}"

    def _person(self, name: str, address: str) -> dict[str, str]:
        return {"name": name, "email": f"{address}-{self.tag}@mensen.example", "phone": "+32 2 000 00 10"}

    def _event(self, kind: str, name: str, /, **changes: Any) -> EventRecord:
        """The contract's own example with these changes; its id is made of `name`."""
        stamp = datetime.combine(self.today, time(8), UTC)
        event = contract.example(kind, PARTNER, f"{self.tag}-{'-'.join(re.findall(r'[a-z0-9]+', name))}", stamp)
        if kind == "readiness-reported":
            event["data"] = {}
        event["data"] |= changes
        return written(name, json.dumps(event, ensure_ascii=False).encode())


def first_day(today: date) -> date:
    """A first working day, two weeks from today or later, that suits the story.

    Who begins a working day late has the talk on the same day all the same, and a week after the talk is a working day too.
    """
    day = _working(today + timedelta(14))
    while not (_talk(day) == _talk(_working(day + timedelta(1))) and _working(_talk(day) + WEEK) == _talk(day) + WEEK):
        day = _working(day + timedelta(1))
    return day


def _working(day: date) -> date:
    return working_day_on_or_after(day, "nl-BE")


def _talk(first: date) -> date:
    return _working(add_months(first, 3))
