"""Mutated documents: the same seed gives the same ones, and they are as odd as they should be."""

import json
import tomllib
from collections import Counter
from datetime import date
from itertools import islice
from random import Random

import pytest

from deploy.simulator.partner_events import PartnerEvents
from deploy.simulator.simulated_event import SimulatedEvent
from deploy.stack.endpoints import POLICY
from tests.fuzz import pages
from tests.fuzz.events import mutated
from tests.fuzz.policy import mutated_policies, to_toml
from tests.fuzz.raw_text import damage
from tests.fuzz.structure import mutate, places


def events(seed: int, count: int) -> list[SimulatedEvent]:
    stream = PartnerEvents(seed, "third", lambda: date(2026, 11, 30), bad=0)
    return list(islice(mutated(Random(seed), stream), count))


def test_same_seed_gives_the_same_events() -> None:
    assert events(1, 200) == events(1, 200)
    assert events(1, 200) != events(2, 200)


def test_a_third_of_the_events_is_valid_and_every_kind_of_mutation_occurs() -> None:
    names = Counter(part for event in events(1, 900) for part in event.name.split("+"))

    assert names["valid"] == 300
    assert set(names) == {"valid", "structure", "addresses", "mode", "bytes", "key"}


def test_every_place_of_a_document_is_found() -> None:
    document = {"a": [1, {"b": 2}], "c": 3}

    assert [key for _, key in places(document)] == ["a", 0, 1, "b", "c"]


@pytest.mark.parametrize("seed", range(50))
def test_mutation_changes_any_document_without_failing(seed: int) -> None:
    document = json.loads('{"data": {"answers": [{"item": "RC-002"}], "hours": 2, "none": null, "email": "a@b.example"}}')

    mutate(Random(seed), document)
    damage(Random(seed), json.dumps(document).encode())


def test_policy_is_written_as_toml_that_reads_the_same() -> None:
    policy = tomllib.loads(POLICY.read_text())

    assert tomllib.loads(to_toml(policy)) == policy


def test_mutated_policies_differ() -> None:
    assert len(set(islice(mutated_policies(Random(1)), 50))) > 40


@pytest.mark.parametrize("seed", range(100))
def test_mutated_links_stay_on_the_same_server(seed: int) -> None:
    link = "http://127.0.0.1:8080/stappen/AAECAwQFBgc.token"

    assert pages.mutate_link(Random(seed), link).startswith("http://127.0.0.1:8080")
