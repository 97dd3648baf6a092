"""Where coverage ends, and whether all before is as it was."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from sqlalchemy import text

from pricetrail.storage import sources
from pricetrail.storage.database import Database, Transaction
from pricetrail.storage.polls import coverage_log, rewinding
from pricetrail.storage.polls.coverage_ends import CoverageEnd, end_after, find_end
from pricetrail.storage.polls.outcomes import FAILED, GOOD
from pricetrail.storage.polls.stretches import Stretch
from tests.support.histories import at, build, catalog, failed, hourly, model, tokens

DEAR, CHEAP = catalog(model("a")), catalog(model("a", tokens("1", "2")))


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """Good polls from 10:00 to 12:00, and of another source some between."""
    opened = Database(database_url)
    for number in range(3):
        build(opened, "s", [(at("10:00") + number * timedelta(hours=1), DEAR)])
        build(opened, "other", [(at("10:10") + number * timedelta(hours=1), CHEAP)])
    yield opened
    opened.close()


def end(database: Database) -> CoverageEnd:
    with database.read() as connection:
        found = find_end(connection, sources.choose(connection, "s").id)
    assert found is not None
    return found


def after(database: Database, known: CoverageEnd) -> CoverageEnd | None:
    with database.read() as connection:
        return end_after(connection, sources.choose(connection, "s").id, known)


def append(database: Database, outcome: str, first: str, last: str, version: int = 1) -> None:
    with database.write() as connection:
        stretch = Stretch(outcome, version, at(first), at(last), polls=2)
        coverage_log.append(connection, _source(connection), [stretch])


def _source(connection: Transaction) -> int:
    return sources.choose(connection, "s").id


def times(found: CoverageEnd | None) -> tuple[datetime, datetime, datetime]:
    assert found is not None
    return found.first_at, found.settled_until, found.last_at


def test_it_is_the_last_stretch_that_saw_a_catalog(database: Database) -> None:
    failed(database, "s", "13:00")
    assert times(end(database)) == (at("10:00"), at("12:00"), at("13:00"))
    with database.write() as connection:
        new = sources.open_source(connection, "new", at("10:00"))
        assert find_end(connection, new.id) is None


@pytest.mark.parametrize(
    "history",
    [
        [DEAR],
        [CHEAP],
        [None],
        [None, None, DEAR, CHEAP],
        [CHEAP, None, DEAR, None],
    ],
)
def test_it_goes_on_with_whatever_comes_after_it(database: Database, history: list[None]) -> None:
    known = end(database)
    assert after(database, known) == known
    build(database, "s", hourly("13:00", history))
    assert after(database, known) == end(database)


def test_where_a_clock_was_set_back_before_it_nothing_is_known(database: Database) -> None:
    known = end(database)
    for now, same in ((at("12:00"), True), (at("11:30"), False)):
        with database.write() as connection:
            source = _source(connection)
            ahead = rewinding.ahead_of(connection, source, now)
            rewinding.rewind(connection, source, ahead, now + timedelta(minutes=20))
        assert (after(database, known) is not None) == same


def test_what_begins_before_it_ends_may_have_changed_anything(database: Database) -> None:
    known = end(database)
    append(database, FAILED, "12:00", "12:30")
    assert after(database, known) is not None
    append(database, GOOD, "11:59", "12:00")
    assert after(database, known) is None


def test_none_is_it_that_an_earlier_one_outlasts(database: Database) -> None:
    """As where a catalog is approved as of a poll after which others failed."""
    known = end(database)
    append(database, FAILED, "12:00", "15:00")
    append(database, GOOD, "13:00", "13:00", version=2)
    append(database, FAILED, "13:00", "15:00", version=2)
    found = after(database, known)
    assert found is not None
    assert (found.stretch.id, times(found)[2]) == (known.stretch.id, at("15:00"))
    with database.read() as connection:
        assert find_end(connection, _source(connection)) is None
    append(database, GOOD, "16:00", "16:00", version=2)
    assert after(database, known) == end(database)
    assert times(end(database)) == (at("10:00"), at("16:00"), at("16:00"))


@pytest.mark.parametrize(
    "written",
    [
        "UPDATE coverage SET version = version + 1",
        "UPDATE coverage SET outcome = 'i'",
        "UPDATE coverage SET why = 'other'",
        "UPDATE coverage SET last_at = first_at",
        "UPDATE coverage SET id = id + 100",
        "DELETE FROM coverage",
        "UPDATE snapshot SET chain_hash = body_hash",
    ],
)
def test_another_historys_end_is_none_of_it(database: Database, written: str) -> None:
    known = end(database)
    with database.write() as connection:
        connection.execute(text(written))
    assert after(database, known) is None
