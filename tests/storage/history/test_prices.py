"""States of a model around a time: one at a time, and all of them in memory."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from itertools import product

import pytest
from sqlalchemy import event

from pricetrail.catalog.errors import NotFoundError
from pricetrail.catalog.strict_json import loads
from pricetrail.storage.database import Database
from pricetrail.storage.history.prices import Timeline, price_at, timeline
from pricetrail.storage.sources import choose
from tests.support.histories import at, build, catalog, hourly, model, tokens

pytestmark = pytest.mark.slow

DEAR = model("a")
CHEAP = model("a", tokens("0.000001", "0.000015"))
OTHER, OTHER_CHEAP = model("b"), model("b", tokens("0", "0"))


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    opened = Database(database_url)
    yield opened
    opened.close()


def of(database: Database, name: str) -> Timeline:
    with database.read() as connection:
        return timeline(connection, choose(connection, None).id, name)


def test_a_timeline_says_what_single_answers_say(database: Database) -> None:
    steps = [catalog(OTHER), catalog(DEAR), catalog(CHEAP, OTHER), None, catalog(CHEAP)]
    build(database, "s", hourly("09:00", [*steps, catalog(OTHER), catalog(CHEAP), None]))
    line = of(database, "a")
    # Between the milliseconds that are stored as well.
    for minutes, more in product(range(-30, 9 * 60, 10), (-1, 0, 1, 500)):
        moment = at("09:00") + timedelta(minutes=minutes, microseconds=more)
        state = line.at(moment)
        try:
            with database.read() as connection:
                single = price_at(connection, choose(connection, None), "a", moment)
        except NotFoundError:
            assert state.before is state.after is None
            continue
        assert state == single.state


def test_one_price_takes_the_same_few_statements_in_a_long_history(sqlite_url: str) -> None:
    database = Database(sqlite_url)
    prices = [str(Decimal(n % 7 + 1).scaleb(-6)) for n in range(300)]
    build(
        database,
        "s",
        hourly("09:00", [catalog(model("a", tokens(p, p))) for p in prices]),
    )
    count = []
    event.listen(database.engine, "before_cursor_execute", lambda *_: count.append(1))
    with database.read() as connection:
        source = choose(connection, None)
        count.clear()
        found = price_at(connection, source, "a", at("2026-03-05T10:30:00Z"))
    assert found.state.certainty == "bracketed"
    assert len(count) <= 7
    assert loads(found.state.before.document)["id"] == "a"  # type: ignore[union-attr]  # bracketed: there is one
    database.close()
