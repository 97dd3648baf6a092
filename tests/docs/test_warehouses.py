"""The SQL of `docs/warehouses.md`: as it is written in one place, and equal to the audit."""

import csv
import random
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from sqlglot import parse_one

from pricetrail.audit.pricer import Pricer
from pricetrail.audit.results import PricedRow
from pricetrail.audit.usage import rows
from pricetrail.audit.usage.rows import UsageRow
from pricetrail.catalog.times import rfc3339
from pricetrail.queries import exports
from pricetrail.storage.database import Database
from pricetrail.storage.polls.certainty import OBSERVED
from tests.docs.warehouses import DUCKDB, WAREHOUSES, Warehouse, statements
from tests.docs.worked import DOCS, blocks
from tests.support.histories import at, build, catalog, hourly, model, tokens

_USAGE = (
    "id BIGINT, used_at TIMESTAMPTZ, model VARCHAR, "
    "prompt_tokens BIGINT, cached_tokens BIGINT, completion_tokens BIGINT"
)
_HOURS = 100


@pytest.mark.parametrize("warehouse", WAREHOUSES.values(), ids=WAREHOUSES)
def test_every_statement_is_read_in_its_dialect_as_it_was_written(warehouse: Warehouse) -> None:
    for statement in statements(warehouse):
        parsed = parse_one(statement, dialect=warehouse.dialect)
        assert parsed.sql(warehouse.dialect, pretty=True) + ";\n" == statement


def test_the_page_shows_these_statements_and_no_others() -> None:
    page = DOCS / "warehouses.md"
    shown = [block.text for block in blocks(page) if block.language == "sql"]
    # What the dialects say alike is there once.
    written = [one for warehouse in WAREHOUSES.values() for one in statements(warehouse)]
    assert sorted(set(shown)) == sorted(set(written))
    assert len(shown) == len(set(shown))


@pytest.fixture
def pricer(sqlite_url: str) -> Iterator[Pricer]:
    """Hourly polls that missed nothing: prices of up to 23 decimals come, change and go."""
    chance = random.Random(13)

    def amount() -> str:
        return f"0.{chance.randrange(1, 10**17):023}"

    models = [model("long", tokens(amount(), amount(), cache={"read": amount()}))]
    catalogs = []
    for hour in range(_HOURS):
        if hour % 9 == 0:
            cache = {"read": amount()} if chance.random() < 0.7 else {}
            models = [model("always", tokens(amount(), models[0]["pricing"]["text"]["completion"]))]
            models += [model("at times", tokens(amount(), "0", cache=cache))] * (hour % 2)
        catalogs.append(catalog(*models))
    database = Database(sqlite_url)
    build(database, "pipellm", hourly("2026-03-01T00:00:00Z", catalogs))
    yield Pricer.of(database, "pipellm")
    database.close()


def used(number: int, chance: random.Random) -> UsageRow:
    """A row at any time, as often as not at the very time of a poll."""
    since = at("2026-02-28T20:00:00Z")
    hours = chance.choice((chance.randrange(_HOURS + 3), chance.uniform(0, _HOURS + 3)))
    cells = {
        "time": rfc3339(since + timedelta(hours=hours)),
        "model": chance.choice(("long", "always", "always", "at times")),
        "prompt": str(chance.choice((0, chance.randrange(10**6)))),
        "cache_read": str(chance.choice((0, chance.randrange(10**6)))),
        "completion": str(chance.randrange(1, 10**6)),
    }
    row = rows.row(number, cells)
    assert isinstance(row, UsageRow)
    return row


def test_the_sql_costs_what_the_audit_says_and_is_as_certain(pricer: Pricer) -> None:
    chance = random.Random(4)
    usage = [used(number, chance) for number in range(1_500)]
    found = in_duckdb(pricer, usage)
    kinds = set()
    for row in usage:
        result = pricer.price(row)
        cost, certain = found[row.line]
        if isinstance(result, PricedRow):
            assert cost == result.bill.cost
            assert certain == (result.certainty == OBSERVED)
            kinds.add(result.certainty)
        else:
            assert cost is None
            kinds.add("unpriced")
    assert kinds == {"observed", "bracketed", "unpriced"}


def in_duckdb(pricer: Pricer, usage: list[UsageRow]) -> dict[int, tuple[Decimal | None, int]]:
    """The cost of each row by the SQL, and whether it is certain."""
    too_long, view, costs, tiered = statements(DUCKDB)
    with closing(duckdb.connect()) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        with exports.ask_prices(pricer._database) as table:
            kinds = {"text": "VARCHAR", "integer": "BIGINT", "time": "TIMESTAMPTZ"}
            columns = ", ".join(f"{one.name} {kinds[one.kind]}" for one in table.columns)
            fill(connection, "prices", columns, table.rows)
        lines = [
            [row.line, row.at, row.model, sum(map(int, prompts(row))), *map(int, counts(row))]
            for row in usage
        ]
        fill(connection, "usage_rows", _USAGE, lines)
        assert connection.execute(too_long).fetchone() == (0,)
        assert connection.execute(tiered).fetchall() == []
        connection.execute(view)
        answer = connection.execute(costs)
        assert str(answer.description[3][1]).startswith("DECIMAL(38")
        return {number: (cost, certain) for number, _, _, cost, certain in answer.fetchall()}


def prompts(row: UsageRow) -> tuple[Decimal, Decimal]:
    return row.used["prompt"], row.used["cache_read"]


def counts(row: UsageRow) -> tuple[Decimal, Decimal]:
    return row.used["cache_read"], row.used["completion"]


def fill(connection: Any, table: str, columns: str, lines: Iterable[Sequence[object]]) -> None:
    with Path("table.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(lines)
    connection.execute(f"CREATE TABLE {table} ({columns})")
    connection.execute(f"COPY {table} FROM 'table.csv' (HEADER FALSE)")
