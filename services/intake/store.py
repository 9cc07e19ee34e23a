"""Intake's states in PostgreSQL."""

from typing import Any

from services.intake.domain.decider import STORED_STATES
from shared.postgres.json_table import JsonTable
from shared.postgres.named_queries import load_queries

SQL = load_queries(__file__)
TABLES = {
    "organisation": "organisations",
    "vacancy": "vacancies",
    "expert": "experts",
    "person": "persons",
    "accepted-event": "accepted_events",
}

STORES: list[JsonTable[Any]] = [
    JsonTable(prefix, state_type, load=SQL[f"load_{TABLES[prefix]}"], save=SQL[f"save_{TABLES[prefix]}"])
    for prefix, state_type in STORED_STATES.items()
]
