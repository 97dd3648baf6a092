"""Every byte of a history that is turned over behind our back is found, and every row that goes.

Every flip of every byte takes minutes: HYPOTHESIS_PROFILE=thorough does them all, else every row
and every column gets one, and a few versions get all of theirs.
"""

import os
import random

import pytest

from tests.storage.tampering import (
    COVERED,
    Cell,
    Kept,
    cells,
    flip,
    missed,
    size,
    statement,
)

_THOROUGH = os.environ.get("HYPOTHESIS_PROFILE") == "thorough"


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
    some = bodies if _THOROUGH else bodies[:3]
    changes = (flip(cell, place, place % 8) for cell in some for place in range(size(cell)))
    assert missed(kept, changes) == []


@pytest.mark.parametrize("table", COVERED)
def test_a_row_that_is_deleted_is_found(kept: Kept, table: str) -> None:
    with kept[0].read() as connection:
        rows = list(dict.fromkeys(cell.where for cell in cells(connection, table)))
    step = 1 if _THOROUGH else max(1, len(rows) // 25)
    changes = (statement(f"DELETE FROM {table} WHERE {where}") for where in rows[::step])
    assert missed(kept, changes) == []
