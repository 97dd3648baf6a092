"""A version is written all at once: its row, its documents, its prices and its events."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Table, select

from pricetrail.storage import tables as t
from pricetrail.storage.database import Database
from tests.support.histories import build, catalog, model, tokens


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    found = Database(database_url)
    build(
        found,
        "s",
        [
            ("09:00", catalog(model("a", tokens("0.1", "0.5")), model("b"))),
            ("10:00", catalog(model("a", tokens("0.2", "0.5")), model("b", display_name="Bee"))),
            ("11:00", catalog(model("b", display_name="Bee"))),
        ],
    )
    yield found
    found.close()


def rows(database: Database, table: Table, *columns: str, version: str) -> list[tuple[Any, ...]]:
    query = select(*(table.c[name] for name in columns)).order_by(*table.primary_key)
    with database.read() as connection:
        return [tuple(row) for row in connection.execute(query.where(table.c[version] > 1))]


def test_a_snapshot_counts_what_changed(database: Database) -> None:
    columns = ("models", "added", "removed", "repriced", "updated", "body_base")
    found = rows(database, t.snapshot, *columns, version="version")
    assert found == [(2, 0, 0, 1, 1, 1), (1, 0, 1, 0, 0, 2)]


def test_what_changed_ends_one_document_and_begins_another(database: Database) -> None:
    with database.read() as connection:
        query = select(t.model.c.name, t.model_version.c.valid_from, t.model_version.c.valid_to)
        query = query.join_from(t.model, t.model_version).order_by("name", "valid_from")
        found = [tuple(row) for row in connection.execute(query)]
    assert found == [("a", 1, 2), ("a", 2, 3), ("b", 1, 2), ("b", 2, None)]


def test_only_prices_that_changed_have_a_row(database: Database) -> None:
    found = rows(database, t.price, "source_id", "amount", "flagged", version="valid_from")
    assert found == [(1, Decimal("0.2"), None)]


def test_an_event_keeps_only_what_other_tables_do_not_tell(database: Database) -> None:
    found = rows(database, t.event, "type", "at", "body", version="version")
    assert found == [
        ("model.repriced", None, None),
        ("model.updated", None, '{"/display_name":["B","Bee"]}'),
        ("model.removed", None, None),
    ]


def test_paths_and_kinds_are_written_when_they_are_first_seen(database: Database) -> None:
    build(database, "s", [("12:00", catalog(model("b", {"kind": "image", "per_image": "1"})))])
    found = rows(database, t.schema_seen, "item", "version", version="version")
    assert sorted(found) == [("/pricing/per_image", 4), ("kind:image", 4)]
    with database.read() as connection:
        paths = set(connection.execute(select(t.path.c.path)).scalars())
    assert paths == {"/pricing/text/prompt", "/pricing/text/completion", "/pricing/per_image"}
