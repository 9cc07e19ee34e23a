"""Coaching's states in PostgreSQL."""

from typing import Any, Final

from services.coaching.domain.readiness import Readiness
from services.coaching.domain.tandem import Tandem
from shared.postgres.json_table import JsonTable
from shared.postgres.named_queries import load_queries

SQL = load_queries(__file__)

TANDEMS: Final = JsonTable("tandem", Tandem, load=SQL["load_tandems"], save=SQL["save_tandems"])
ORGANISATIONS, VACANCIES = (
    JsonTable(prefix, Readiness, load=SQL["load_readiness"], save=SQL["save_readiness"]) for prefix in ("organisation", "vacancy")
)
STORES: Final[tuple[JsonTable[Any], ...]] = (TANDEMS, ORGANISATIONS, VACANCIES)
