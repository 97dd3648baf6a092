"""Any value that pricetrail would not write is named with its table and column."""

import pytest
from sqlalchemy import text

from pricetrail.storage.verification.stored_values import damage
from tests.storage.tampering import Kept, undone


def _after(kept: Kept, sql: str) -> str | None:
    with undone(kept.database) as connection:
        assert connection.execute(text(sql)).rowcount > 0
        found = damage(connection)
    return None if found is None else found.what


def test_what_was_written_is_sound(kept: Kept) -> None:
    assert _after(kept, "UPDATE source SET failures = 3, etag = 'x'") is None


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("source.created_at", "'yesterday'"),
        ("source.created_at", "-1"),
        ("source.paused", "7"),
        ("source.polls", "'many'"),
        ("source.name", "x'ff'"),
        ("snapshot.chain_hash", "'text'"),
        ("snapshot.ignored", "'{}'"),
        ("model.name", "CAST(x'6aff' AS TEXT)"),
        ("price.amount", "'1,5'"),
        ("event.id", "x'00'"),
        ("event.body", "'[]'"),
        ("poll.finished_at", "9e99"),
    ],
)
def test_another_kind_of_value_is_named(kept: Kept, column: str, value: str) -> None:
    table, _, name = column.partition(".")
    row = "valid_from = 2" if table == "price" else "rowid = 1"
    found = _after(kept, f"UPDATE {table} SET {name} = {value} WHERE {row}")
    assert found is not None
    assert found.startswith(f"{column} holds ")


def test_polls_of_a_version_that_is_not_there_are_named(kept: Kept) -> None:
    found = _after(kept, "UPDATE coverage SET version = 77 WHERE id = 3")
    assert found == "coverage.version holds 77, which is no version"


def test_where_each_value_is_sound_the_history_is_checked(kept: Kept) -> None:
    found = _after(kept, "UPDATE snapshot SET models = models + 1 WHERE version = 9")
    assert found == "s: version 9, counts: models: 4, and the row says 5"
