"""The names in any database, for completion where no plain query does: on Postgres."""

from collections.abc import Mapping

from sqlalchemy import text

from pricetrail.storage.database import Database


def names_in_database(url: str, query: str, values: Mapping[str, str]) -> list[str]:
    """What a query finds; one of `plain_names`."""
    database = Database(url)
    try:
        with database.read() as transaction:
            return [str(row.name) for row in transaction.execute(text(query), dict(values))]
    finally:
        database.close()
