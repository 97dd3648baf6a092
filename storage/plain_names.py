"""The names in an SQLite file by one plain query, without SQLAlchemy: for completion as one types.

The file is opened to read only, and never made. Anything that goes wrong is an exception.
"""

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from urllib.parse import quote

# Read by SQLite and Postgres alike; more than 500 no shell shows, and whoever sees them types on.
SOURCES = """
SELECT name FROM source WHERE substr(name, 1, length(:begin)) = :begin ORDER BY name LIMIT 500
"""
WEBHOOKS = """
SELECT name FROM webhook WHERE substr(name, 1, length(:begin)) = :begin ORDER BY name LIMIT 500
"""
MODELS = """
SELECT DISTINCT name FROM model WHERE substr(name, 1, length(:begin)) = :begin
ORDER BY name LIMIT 500
"""
_PATIENCE_S = 0.2


def names_in_file(path: str, query: str, values: Mapping[str, str]) -> list[str]:
    """What a query finds in the file.

    Args:
        query: one of those above.
    """
    address = f"file:{quote(path)}?mode=ro"
    with closing(sqlite3.connect(address, uri=True, timeout=_PATIENCE_S)) as connection:
        return [name for (name,) in connection.execute(query, dict(values))]
