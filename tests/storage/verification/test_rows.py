"""Every byte of a history that is turned over behind our back is found, and every row that goes.

Every flip of every byte takes minutes: HYPOTHESIS_PROFILE=thorough does them all over fifty
versions, else every row and every column of fewer gets one, and a few versions get all of theirs.
"""

import os
import random
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from pricetrail.storage.database import Database
from tests.storage.tampering import (
    COVERED,
    VERSIONS,
    Cell,
    Kept,
    cells,
    flip,
    missed,
    recorded,
    size,
    statement,
)

pytestmark = pytest.mark.slow

_THOROUGH = os.environ.get("HYPOTHESIS_PROFILE") == "thorough"
# Of these, too, a model comes and goes twice, and whatever else may change has changed.
_FEW = 24


@pytest.fixture(scope="module")
def kept(_sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kept]:
    """A history on SQLite that every test leaves as it was, and its head."""
    path = tmp_path_factory.mktemp("kept") / "kept.db"
    shutil.copyfile(_sqlite_template, path)
    database = Database(f"sqlite:///{path}")
    yield Kept(database, recorded(database, VERSIONS if _THOROUGH else _FEW))
    database.close()


@pytest.mark.parametrize("table", COVERED)
def test_a_flip_in_any_row_and_any_column_is_found(kept: Kept, table: str) -> None:
    chance = random.Random(table)
    with kept[0].read() as connection:
        everything = cells(connection, table)
    never_set = {"event": {"at"}}.get(table, set())
    assert {cell.column for cell in everything} == set(COVERED[table]) - never_set
    if not _THOROUGH:
        everything = _of_every_row_and_column(everything)
    assert missed(kept, (flip(one, chance.randrange(size(one)), 0) for one in everything)) == []


def _of_every_row_and_column(everything: list[Cell]) -> list[Cell]:
    rows: dict[str, list[Cell]] = {}
    for cell in everything:
        rows.setdefault(cell.where, []).append(cell)
    by_column = {cell.column: cell for cell in everything}
    in_turn = [found[n % len(found)] for n, found in enumerate(rows.values())]
    return list(dict.fromkeys([*in_turn, *by_column.values()]))


@pytest.mark.parametrize(
    ("table", "columns"),
    [
        ("snapshot", ("catalog_root", "chain_hash", "body_hash", "not_after")),
        ("model_version", ("base", "document")),
        ("price", ("amount", "flagged")),
        ("event", ("id", "body")),
    ],
)
def test_a_flip_of_any_byte_is_found(kept: Kept, table: str, columns: tuple[str, ...]) -> None:
    with kept[0].read() as connection:
        everything = [cell for cell in cells(connection, table) if cell.column in columns]
    if not _THOROUGH:
        firsts = [next(cell for cell in everything if cell.column == name) for name in columns]
        everything = firsts
    changes = (flip(cell, place, place % 8) for cell in everything for place in range(size(cell)))
    assert missed(kept, changes) == []


def test_a_flip_of_any_byte_of_a_body_is_found(kept: Kept) -> None:
    with kept[0].read() as connection:
        bodies = [cell for cell in cells(connection, "snapshot") if cell.column == "body"]
    # The first is kept whole, and the second as what makes it of the first.
    some = bodies if _THOROUGH else bodies[:2]
    changes = (flip(cell, place, place % 8) for cell in some for place in range(size(cell)))
    assert missed(kept, changes) == []


@pytest.mark.parametrize("table", COVERED)
def test_a_row_that_is_deleted_is_found(kept: Kept, table: str) -> None:
    with kept[0].read() as connection:
        rows = list(dict.fromkeys(cell.where for cell in cells(connection, table)))
    step = 1 if _THOROUGH else max(1, len(rows) // 12)
    changes = (statement(f"DELETE FROM {table} WHERE {where}") for where in rows[::step])
    assert missed(kept, changes) == []
