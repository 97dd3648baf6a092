"""Somebody writes to the database behind our back."""

import sqlite3

# Readable, but not what was served.
DEARER = (
    "UPDATE model_version SET document = CAST(replace(document, '25', '29') AS BLOB)"
    " WHERE base IS NOT NULL"
)


def change(sql: str) -> None:
    """Somebody writes to the database behind our back."""
    with sqlite3.connect("pricetrail.db") as connection:
        assert connection.execute(sql).rowcount > 0
    connection.close()
