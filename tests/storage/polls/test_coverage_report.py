"""How much of a time polls cover, and where the gaps are."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from pricetrail.catalog.errors import NotFoundError
from pricetrail.storage import sources
from pricetrail.storage.database import Database
from pricetrail.storage.polls.coverage_report import Report, Shares, report
from tests.support import histories
from tests.support.histories import at, catalog, model, tokens

ONE, TWO = catalog(model("a")), catalog(model("a", tokens("1", "1")))


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = Database(database_url)
    yield database
    database.close()


def asked(database: Database, since: str | None = None, until: str | None = None) -> Report:
    with database.read() as connection:
        source = sources.choose(connection, "s")
        begin, end = (at(text) if text else None for text in (since, until))
        return report(connection, source, at("15:00"), begin, end)


def test_a_time_divides_into_what_was_observed_bracketed_and_neither(database: Database) -> None:
    polls = [("10:00", ONE), ("11:00", ONE), ("12:00", TWO), ("13:00", None), ("14:00", TWO)]
    histories.build(database, "s", polls)
    whole = asked(database)
    assert (whole.since, whole.until) == (at("10:00"), at("14:00"))
    shares = whole.shares
    hours = [part / timedelta(hours=1) for part in (shares.observed, shares.bracketed, shares.gap)]
    assert hours == [1, 1, 2]
    assert shares.percent(shares.gap) == "50.00"
    assert [(gap.since, gap.until) for gap in whole.gaps] == [(at("12:00"), at("14:00"))]
    assert whole.longest_gap == whole.gaps[0]


def test_a_range_that_was_asked_for_is_taken_whole_up_to_now(database: Database) -> None:
    histories.build(database, "s", [("10:00", ONE), ("11:00", ONE)])
    wide = asked(database, "09:00", "23:00")
    assert (wide.since, wide.until) == (at("09:00"), at("15:00"))
    assert [gap.why for gap in wide.gaps] == ["before the first good poll", "no good poll since"]


def test_imported_points_are_one_gap(database: Database) -> None:
    polls = [("10:00", ONE), ("11:00", ONE), ("12:00", ONE)]
    histories.build(database, "s", polls, imported=True)
    assert [(gap.since, gap.until) for gap in asked(database).gaps] == [(at("10:00"), at("12:00"))]


def test_nothing_is_told_of_no_time_and_no_poll(database: Database) -> None:
    with database.write() as connection:
        sources.open_source(connection, "s", at("10:00"))
    with pytest.raises(NotFoundError, match="no poll yet"):
        asked(database)
    histories.poll(database, "s", "10:00", ONE)
    with pytest.raises(NotFoundError):
        asked(database, "12:00", "11:00")
    assert asked(database).shares.percent(timedelta(0)) == "0.00"


@pytest.mark.parametrize(
    ("part", "percent"), [(0, "0.00"), (1, "0.01"), (99_999, "99.99"), (100_000, "100.00")]
)
def test_only_the_whole_is_a_hundred_percent(part: int, percent: str) -> None:
    milliseconds = [timedelta(milliseconds=number) for number in (part, 100_000 - part)]
    shares = Shares(milliseconds[0], timedelta(0), milliseconds[1])
    if part == 1:
        percent = "0.00"
    assert shares.percent(shares.observed) == percent
