"""The plan says the same in every dialect, by either join."""

from dataclasses import replace
from decimal import Decimal

import duckdb
import pytest
import sqlglot
from hypothesis import given, settings
from hypothesis import strategies as st

from pricetrail.audit.engines.plan import AS_OF, LEFT_OUT, RANGE, REST, Plan, RowClass
from pricetrail.audit.engines.stretches import BUCKET, PriceStretch
from tests.support.volume import examples

PLAN = Plan(("prompt", "seconds"), ("team",), daily=True, thresholds=2, since=100, until=BUCKET * 3)
STRETCHES = [
    PriceStretch(0, "a", "a", 50, BUCKET + 7, (10, 20)),
    PriceStretch(1, "a", "a", BUCKET + 9, BUCKET * 4, (10, 20)),
    PriceStretch(2, "b", "b", 0, BUCKET * 4, ()),
]


@pytest.mark.parametrize("dialect", ["spark", "bigquery", "snowflake", "clickhouse"])
def test_every_dialect_reads_its_own_text(dialect: str) -> None:
    for query in (PLAN.models(dialect), PLAN.sums(dialect), PLAN.rest(dialect)):
        assert sqlglot.parse_one(query, dialect=dialect).sql(dialect) == query


def usage() -> st.SearchStrategy[list[tuple[object, ...]]]:
    began = st.integers(0, BUCKET * 5) | st.sampled_from((49, 50, 99, 100, BUCKET + 7, BUCKET + 8))
    return st.lists(
        st.tuples(
            st.sampled_from((True, True, True, False)),
            st.sampled_from(("a", "b", "c")),
            began,
            st.sampled_from((1, 1, 5)),
            st.booleans(),
            st.sampled_from((0, 10, 11, 21)),
            st.sampled_from((None, "batch")),
            st.sampled_from((None, 0, 10**15)),
            st.sampled_from((None, "1.5")),
            st.sampled_from((None, "x")),
        ),
        max_size=30,
    )


def run(plan: Plan, rows: list[tuple[object, ...]]) -> tuple[list[RowClass], list[int]]:
    """The classes and the rest of some usage, by DuckDB."""
    with duckdb.connect() as connection:
        connection.execute(
            "CREATE TABLE usage (place BIGINT, readable BOOLEAN, model VARCHAR, began BIGINT, "
            "ended BIGINT, single BOOLEAN, prompt DECIMAL(18,0), tier VARCHAR, batch VARCHAR, "
            "used_0 DECIMAL(18,0), used_1 DECIMAL(18,6), by_team VARCHAR)"
        )
        for place, (readable, model, began, length, single, prompt, tier, *used) in enumerate(rows):
            assert isinstance(began, int)
            assert isinstance(length, int)
            cells = (
                place,
                readable,
                model,
                began,
                began + length,
                single,
                prompt,
                tier,
                None,
                *used,
            )
            connection.execute(f"INSERT INTO usage VALUES ({', '.join('?' * 12)})", cells)
        types = ("VARCHAR" if name == "written" else "BIGINT" for name in plan.price_columns)
        columns = ", ".join(map(" ".join, zip(plan.price_columns, types, strict=True)))
        connection.execute(f"CREATE TABLE prices ({columns})")
        marks = ", ".join("?" * len(plan.price_columns))
        for price in plan.price_rows(STRETCHES):
            connection.execute(f"INSERT INTO prices VALUES ({marks})", price)
        connection.execute(
            "CREATE TABLE refused AS SELECT 2::BIGINT AS number, 0::BIGINT AS passed, "
            "NULL::VARCHAR AS tier, NULL::VARCHAR AS batch, 0::BIGINT AS used"
        )
        records = connection.execute(plan.sums("duckdb")).fetchall()
        rest = connection.execute(plan.rest("duckdb")).fetchall()
    return [plan.row_class(record) for record in records], [place for (place,) in rest]


def number(row: tuple[object, ...]) -> int:
    """Where a row belongs, worked out plainly."""
    readable, model, began, length, single, prompt, *_ = row
    assert isinstance(began, int)
    assert isinstance(length, int)
    assert isinstance(prompt, int)
    if not readable:
        return REST
    if not 100 <= began < BUCKET * 3:
        return LEFT_OUT
    for stretch in STRETCHES:
        if stretch.written == model and stretch.since <= began and began + length <= stretch.until:
            passed = any(prompt > threshold for threshold in stretch.thresholds)
            return stretch.number if single or not passed else REST
    return REST


@settings(max_examples=examples(20))
@given(usage())
def test_rows_are_placed_and_added_up_alike_by_either_join(rows: list[tuple[object, ...]]) -> None:
    classes, rest = run(PLAN, rows)
    others, other_rest = run(replace(PLAN, join=AS_OF), rows)
    assert (sorted(classes, key=repr), rest) == (sorted(others, key=repr), other_rest)
    for wanted in {number(row) for row in rows} | {each.number for each in classes}:
        mine = [row for row in rows if number(row) == wanted]
        found = [each for each in classes if each.number == wanted]
        assert sum(each.rows for each in found) == len(mine)
        if wanted >= 0:
            assert sum(each.sums[0] for each in found) == sum(int(str(row[7] or 0)) for row in mine)
            assert sum(each.sums[1] for each in found) == sum(
                Decimal(str(row[8] or 0)) for row in mine
            )
    unused = (None, 0)
    refused = [
        r for r in rows if number(r) == 2 and r[6] is None and r[7] in unused and r[8] is None
    ]
    assert len(rest) == sum(number(row) == REST for row in rows) + len(refused)
    assert PLAN.join == RANGE
