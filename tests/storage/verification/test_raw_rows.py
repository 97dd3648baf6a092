"""Rows as they stand: by version, of one source, and readable whatever was done to them."""

from collections.abc import Generator
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import text

from pricetrail.storage import sources
from pricetrail.storage.database import Database
from pricetrail.storage.verification import raw_rows
from pricetrail.storage.verification.raw_rows import ByVersion
from tests.storage.tampering import Kept, undone
from tests.support.histories import build, catalog, model, tokens


def _rows(*numbers: Any) -> Generator[Any, None, None]:
    yield from (SimpleNamespace(version=number) for number in numbers)


def test_rows_are_handed_out_version_by_version() -> None:
    rows = ByVersion(_rows(1, 1, 3, 4))
    taken = []
    for version in (1, 2, 3):
        taken.append(len(rows.take(version)))
        assert not rows.stray(version)
    assert taken == [2, 0, 1]
    assert rows.left is not None
    assert rows.left.version == 4
    rows.close()


@pytest.mark.parametrize("stray", [0, -1, 2, "3"])
def test_a_row_of_no_version_is_astray(stray: Any) -> None:
    rows = ByVersion(_rows(stray, 3))
    assert rows.take(3) == []
    assert rows.stray(3)


@pytest.mark.parametrize(
    "table", ["model_versions", "prices", "events", "schema", "snapshots", "chain_from"]
)
def test_the_rows_of_another_source_are_left_out(database_url: str, table: str) -> None:
    database = Database(database_url)
    for name in "st":
        states = [catalog(model(f"{name}-{n}", tokens("0.1", f"0.{n}"))) for n in (1, 2)]
        build(database, name, [("09:00", states[0]), ("10:00", states[1])])
    with database.read() as connection:
        source = sources.choose(connection, "t").id
        if table == "chain_from":
            found = list(raw_rows.chain_from(connection, source, 2))
        else:
            rows = getattr(raw_rows, table)(connection, source)
            found = list(rows) if table == "snapshots" else rows.take(1) + rows.take(2)
    assert found
    names = {row.name for row in found if hasattr(row, "name")}
    assert all(name is None or name.startswith("t-") for name in names)
    assert {row.version for row in found} <= {1, 2}
    database.close()


def test_a_row_whose_model_is_of_another_source_has_none(kept: Kept) -> None:
    with undone(kept.database) as connection:
        connection.execute(text("UPDATE model SET source_id = 9 WHERE name = 'steady'"))
        rows = raw_rows.prices(connection, 1).take(1)
    assert [row.name for row in rows].count(None) == 2


def test_text_that_is_no_utf_8_is_read_with_escapes(kept: Kept) -> None:
    with undone(kept.database) as connection:
        connection.execute(text("UPDATE model SET name = CAST(x'6aff' AS TEXT) WHERE id = 1"))
        with raw_rows.as_it_stands(connection):
            names = {row.name for row in raw_rows.model_versions(connection, 1).take(1)}
    assert r"j\xff" in names


def test_an_event_that_has_a_time_of_its_own_is_counted(kept: Kept) -> None:
    with undone(kept.database) as connection:
        assert raw_rows.disguised_events(connection, 1) == 0
        connection.execute(text("UPDATE event SET at = 1772359200000 WHERE version IN (2, 3)"))
        changed = connection.execute(text("SELECT count(*) FROM event WHERE at > 0")).scalar()
        assert raw_rows.disguised_events(connection, 1) == changed
