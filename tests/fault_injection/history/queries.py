"""The queries of `queries.sql`; those on the tables that every service has take its schema."""

from shared.postgres.named_queries import load_queries

SQL = load_queries(__file__)


def service_query(service: str, name: str) -> str:
    """Return a query on the tables of one service."""
    return SQL[name].replace("SERVICE", service)
