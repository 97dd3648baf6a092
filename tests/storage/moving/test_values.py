"""Contents are alike for the same rows, however a database keeps them, and for no others."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from itertools import permutations

import pytest

from pricetrail.storage import tables as t
from pricetrail.storage.errors import TamperedError
from pricetrail.storage.moving.values import Content, as_stored, holds_long_values

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
ROWS = [("a", 1, None), ("a", 1, b""), ("a1", None, ""), (b"a", 1, None), ("", 11, "None")]


def content(*rows: tuple[object, ...]) -> Content:
    found = Content()
    for row in rows:
        found.add(row)
    return found


def test_the_order_of_rows_does_not_matter_and_their_number_does() -> None:
    assert len({content(*rows).digest for rows in permutations(ROWS)}) == 1
    assert content(*ROWS, ROWS[0]) != content(*ROWS)
    assert len({content(row).digest for row in ROWS}) == len(ROWS)


def test_a_value_is_the_same_however_it_is_written() -> None:
    alike = [
        (True, 1),
        (Decimal("0.10"), Decimal("1e-1")),
        (Decimal("-0"), Decimal(0)),
        (NOON, NOON.astimezone(timezone(timedelta(hours=5, minutes=30)))),
    ]
    assert all(content((one,)) == content((other,)) for one, other in alike)


def test_values_that_differ_by_the_least_differ() -> None:
    values = [NOON, NOON + timedelta(microseconds=1), Decimal(1), 1, "1", b"1", None]
    values += [Decimal("1.0000000000000000000000000000000000000001"), "1 ", "1\0", 2**63]
    assert len({content((value,)).digest for value in values}) == len(values)


def test_what_no_column_holds_is_refused() -> None:
    with pytest.raises(TamperedError, match="kind float"):
        content((1.0,))


def test_only_bodies_are_long() -> None:
    long = {table.name for table in t.metadata.sorted_tables if holds_long_values(table)}
    assert long == {"snapshot", "quarantine", "shared_body"}
    assert as_stored(t.snapshot) is as_stored(t.snapshot)
