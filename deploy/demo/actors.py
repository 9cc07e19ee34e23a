"""The people and organisations of the demo, all invented, and the events that their partner system submits."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from deploy.partner_client.event_builder import build_event, event_record, fixed_tandem, person, yes_to
from deploy.partner_client.record import EventRecord
from shared.programme.local_dates import add_months, working_day_on_or_after

WEEK = timedelta(7)
PARTNER = "demo"
NAMES = {1: "Eén", 2: "Twee"}
TITLES = {1: "Collega aan de balie", 2: "Collega in de buurt"}


@dataclass(frozen=True)
class Actors:
    """The actors of one run. Every id contains the tag, so runs do not affect each other."""

    tag: str
    today: date
    starts_on: date

    def organisation(self) -> EventRecord:
        return self._event("organisation-submitted", "organisation submitted", **self._organisation())

    def malformed(self) -> EventRecord:
        """Return a record that is not JSON."""
        return EventRecord("a malformed event", self._id("organisation").encode(), b'{"specversion": "1.0", "id": ')

    def contract_violation(self) -> EventRecord:
        """Return an event that violates the contract twice: no motive, and a coordinator without an address."""
        invalid = {"motives": [], "coordinator": {"name": "Coördinator Eén"}}
        return self._event("organisation-submitted", "a contract violation", **self._organisation() | invalid)

    def readiness(self, name: str, items: Iterable[str], vacancy: int | None = None) -> EventRecord:
        """Return a report that confirms these items, for the organisation or for one of its vacancies."""
        subject = {"vacancy": self._id("vacancy", vacancy)} if vacancy else {}
        return self._event("readiness-reported", name, organisation=self._id("organisation"), answers=yes_to(items), **subject)

    def expert(self, nth: int, name: str, *, trained: bool) -> EventRecord:
        """Return an expert's event; the first is experienced, the second is starting."""
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
            **person(f"Deskundige {NAMES[nth]}", f"expert-{nth}-{self.tag}"),
        )

    def vacancy(self, nth: int, name: str) -> EventRecord:
        return self._event(
            "vacancy-submitted",
            name,
            vacancy=self._id("vacancy", nth),
            organisation=self._id("organisation"),
            title=TITLES[nth],
            tandem=fixed_tandem(f"Tandempartner {NAMES[nth]}", f"partner-{nth}-{self.tag}"),
            starts_on=str(self.starts_on),
        )

    def _organisation(self) -> dict[str, Any]:
        coordinator = person("Coördinator Eén", f"coordinator-{self.tag}")
        return {"organisation": self._id("organisation"), "coordinator": coordinator}

    def _id(self, kind: str, nth: int | None = 1) -> str:
        return f"{kind}-{self.tag}-{nth}"

    def _event(self, kind: str, name: str, /, **data: Any) -> EventRecord:
        """Return an event whose id is derived from `name`."""
        published_at = datetime.combine(self.today, time(8), UTC)
        id = f"{self.tag}-{'-'.join(re.findall(r'[a-z0-9]+', name))}"
        return event_record(name, build_event(kind, PARTNER, id, published_at, **data))


def suitable_first_day(today: date) -> date:
    """Return a first working day, at least two weeks from today, for which the dates of the demo work out.

    A tandem that starts one working day later must have its evaluation on the same day, and the day a week after the
    evaluation must be a working day.
    """
    day = _working_day(today + 2 * WEEK)
    while not _is_suitable(day):
        day = _working_day(day + timedelta(1))
    return day


def _is_suitable(first_day: date) -> bool:
    evaluation = _evaluation_day(first_day)
    same_if_late = evaluation == _evaluation_day(_working_day(first_day + timedelta(1)))
    return same_if_late and _working_day(evaluation + WEEK) == evaluation + WEEK


def _working_day(day: date) -> date:
    return working_day_on_or_after(day, "nl-BE")


def _evaluation_day(first_day: date) -> date:
    return _working_day(add_months(first_day, 3))
