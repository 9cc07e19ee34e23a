"""The statements of the store take their parameters by position: each must follow the order of its row type."""

import re

import pytest

from services.matching.domain.pool_query import PoolQuery
from services.matching.store import SQL, ExpertRow, VacancyRow


@pytest.mark.parametrize(("query", "row_type"), [("save_experts", ExpertRow), ("save_vacancies", VacancyRow)])
def test_rows_have_the_order_of_their_statement(query: str, row_type: type[ExpertRow | VacancyRow]) -> None:
    (columns,) = re.findall(r"AS \w+ \(([^)]*)\)\s+ON CONFLICT", SQL[query])

    assert re.split(r",\s*", columns) == list(row_type._fields)


def test_the_pool_query_has_the_order_of_its_statement() -> None:
    names = re.findall(r"\$\d+::[\w:]+ AS (\w+)", SQL["top_candidates"])

    assert names == list(PoolQuery._fields)
