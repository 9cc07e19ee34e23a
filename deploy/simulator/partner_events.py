"""Events of a simulated partner, derived from a seed: organisations that become ready, experts, vacancies. Pure."""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Any, get_args

from deploy.partner_client.event_builder import build_event, event_record, fixed_tandem, person, yes_to
from deploy.simulator import corruption
from deploy.simulator.simulated_event import SimulatedEvent
from shared.messages.code_lists import Competence, Interest, Quality, Sector, TaskCategory
from shared.programme.readiness_catalogue import readiness_items

CONCURRENT_STORIES = 12
"""Number of organisations whose events are interleaved."""
TRAINING = {"code": "de-link-4-year", "finished_on": "2024-06-28"}
REGIONS = ("BE-VAN", "BE-VOV", "BE-VWV", "NL-GE", "NL-NB")
DAYS_UNTIL_START = timedelta(days=35)

Story = Iterator[SimulatedEvent]


class PartnerEvents:
    """An endless stream of one partner's events; the same seed gives the same stream.

    `bad` is the share of events that are followed by an invalid variant, `hot` the share that concern one organisation,
    which reports its readiness over and over.
    """

    def __init__(self, seed: int | str, partner: str, today: Callable[[], date], bad: float = 0.1, hot: float = 0) -> None:
        self.random = Random(f"{seed}/{partner}")
        self.tag, self.partner, self.today, self.bad, self.hot = f"{seed}-{partner}", partner, today, bad, hot
        self.organisation_count, self.event_count = 0, 0

    def events(self) -> Iterator[SimulatedEvent]:
        """Yield events without end; those of one entity come in the order in which they must be published."""
        stories, hot_key = list[Story](), self._hot_key()
        while True:
            if self.random.random() < self.hot:
                yield next(hot_key)
                continue
            stories += [self._organisation() for _ in range(CONCURRENT_STORIES - len(stories))]
            story = self.random.choice(stories)
            event = next(story, None)
            if event is None:
                stories.remove(story)
                continue
            yield event
            if self.random.random() < self.bad:
                yield self._invalid_variant(event)

    def _invalid_variant(self, event: SimulatedEvent) -> SimulatedEvent:
        """Return a duplicate, a conflict or a corrupt version of a valid event."""
        if self.random.random() < 0.4:
            return corruption.duplicate_or_conflict(self.random, event)
        self.event_count += 1
        return corruption.corrupt(self.random, event, f"{self.tag}-bad-{self.event_count}")

    def _organisation(self) -> Story:
        """Yield an organisation's events, from its registration to its vacancy's last item, with those of its experts."""
        self.organisation_count += 1
        tag = f"{self.tag}-{self.organisation_count}"
        organisation = f"org-{tag}"
        yield self._organisation_submitted(organisation)
        for items in self._portions(_items("organisation")):
            yield self._readiness_reported(items, organisation=organisation)
        for nth in range(self.random.randint(1, 4)):
            yield from self._expert(f"expert-{tag}-{nth}")
        if self.random.random() < 0.6:
            yield from self._vacancy(organisation, f"vacancy-{tag}")
        if self.random.random() < 0.3:
            yield self._organisation_submitted(organisation)

    def _hot_key(self) -> Story:
        organisation = f"org-{self.tag}-hot"
        yield self._organisation_submitted(organisation)
        while True:
            yield self._readiness_reported(self.random.sample(_items("organisation"), 2), organisation=organisation)

    def _organisation_submitted(self, id: str) -> SimulatedEvent:
        coordinator = person("Coördinator Eén", f"coordinator-{id}")
        sector = self.random.choice(get_args(Sector))
        return self.event("organisation-submitted", organisation=id, sector=sector, coordinator=coordinator)

    def _readiness_reported(self, items: Sequence[str], **subject: str) -> SimulatedEvent:
        return self.event("readiness-reported", answers=yes_to(items), **subject)

    def _expert(self, id: str) -> Story:
        """Yield an expert's events; a third of the experts lack the training at first."""
        criteria: dict[str, Any] = {"own_experience": True, "behind_the_person": True}
        fields: dict[str, Any] = self._profile()
        fields |= {"task_categories": self._some(TaskCategory), "regions": self.random.sample(REGIONS, 2)}
        fields |= {"experience": self.random.choice(["starting", "experienced"]), "available_from": str(self.today())}
        fields |= person("Deskundige Eén", id)
        if self.random.random() < 0.3:
            yield self.event("expert-submitted", expert=id, criteria=criteria, **fields)
        yield self.event("expert-submitted", expert=id, criteria=criteria | {"training": TRAINING}, **fields)

    def _vacancy(self, organisation: str, id: str) -> Story:
        yield self.event(
            "vacancy-submitted",
            organisation=organisation,
            vacancy=id,
            tandem=fixed_tandem("Tandempartner Eén", f"partner-{id}"),
            region=self.random.choice(REGIONS),
            starts_on=str(self.today() + DAYS_UNTIL_START),
            **self._profile(),
        )
        for items in self._portions(_items("vacancy")):
            yield self._readiness_reported(items, organisation=organisation, vacancy=id)

    def _portions(self, items: Sequence[str]) -> Iterator[list[str]]:
        """Shuffle all items and split them into two or three portions."""
        shuffled = self.random.sample(items, len(items))
        size = -(-len(shuffled) // self.random.randint(2, 3))
        return (shuffled[at : at + size] for at in range(0, len(shuffled), size))

    def _profile(self) -> dict[str, list[str]]:
        return {"qualities": self._some(Quality), "interests": self._some(Interest), "competences": self._some(Competence)}

    def _some(self, codes: Any) -> list[str]:
        return self.random.sample(get_args(codes), self.random.randint(1, 3))

    def event(self, kind: str, /, **data: Any) -> SimulatedEvent:
        """Return a valid event of `kind` with these data, under the next id."""
        self.event_count += 1
        published_at = datetime.combine(self.today(), time(8), UTC)
        body = build_event(kind, self.partner, f"{self.tag}-{self.event_count}", published_at, **data)
        record = event_record(kind, body)
        return SimulatedEvent(kind, record.key, record.value, expected="accepted", body=body)


def _items(scope: str) -> list[str]:
    return [item.code for item in readiness_items().values() if item.scope == scope]
