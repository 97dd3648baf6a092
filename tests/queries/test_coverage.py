"""Coverage: how a time divides, where the gaps are, and no share that claims too much."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from pricetrail.catalog.errors import InvalidInputError, NotFoundError
from pricetrail.queries.coverage import BEFORE_WHY, CoverageAnswer, ask, month_range, shares
from pricetrail.storage.database import Database
from pricetrail.storage.polls.certainty import IMPORTED_WHY
from pricetrail.storage.sources import open_source
from tests.queries.documents import document
from tests.support.histories import at, build, catalog, hourly, model, tokens

CHEAP, DEAR = catalog(model("a", tokens("0.000001", "0.000002"))), catalog(model("a"))


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    opened = Database(database_url)
    yield opened
    opened.close()


def told(database: Database, since: str | None = None, until: str | None = None) -> CoverageAnswer:
    with database.read() as connection:
        return ask(
            connection,
            None,
            at("23:00"),
            at(since) if since else None,
            at(until) if until else None,
        )


def test_the_time_is_divided_and_gaps_are_listed(database: Database) -> None:
    build(database, "s", hourly("09:00", [DEAR, DEAR, None, DEAR, CHEAP]))
    shown = document(told(database))
    assert (shown["from"], shown["until"]) == ("2026-03-01T09:00:00Z", "2026-03-01T13:00:00Z")
    # An hour observed, two of a gap, one that brackets a change.
    assert (shown["observed_percent"], shown["bracketed_percent"]) == ("25.00", "25.00")
    assert shown["gaps"] == [
        {
            "from": "2026-03-01T10:00:00Z",
            "until": "2026-03-01T12:00:00Z",
            "why": "503 from the gateway",
        }
    ]
    assert shown["longest_gap_seconds"] == 7200
    outcomes = [(row["outcome"], row["version"], row["polls"]) for row in shown["stretches"]]
    assert outcomes == [("good", 1, 2), ("failed", 1, 1), ("good", 1, 1), ("good", 2, 1)]


def test_a_range_is_taken_whole_but_never_the_future(database: Database) -> None:
    build(database, "s", hourly("09:00", [DEAR, DEAR]))
    found = told(database, "08:00", "2026-03-05")
    assert found.until == at("23:00")
    assert [(gap.since, gap.until) for gap in found.gaps] == [
        (at("08:00"), at("09:00")),
        (at("10:00"), at("23:00")),
    ]


def test_a_source_without_polls_has_no_coverage(database: Database) -> None:
    with database.write() as connection:
        open_source(connection, "new", at("09:00"))
    with database.read() as connection, pytest.raises(NotFoundError, match="no poll yet"):
        ask(connection, "new", at("10:00"))


def test_a_share_short_of_all_never_reads_as_all(database: Database) -> None:
    build(database, "s", [(at("2026-01-01"), DEAR), (at("2026-12-31T23:59:00Z"), DEAR)])
    build(database, "s", [(at("2026-12-31T23:59:59Z"), CHEAP)])
    shares = told(database).shares
    assert shares.percent(shares.observed) == "99.99"


def test_imported_points_in_a_row_are_one_gap(database: Database) -> None:
    build(database, "s", hourly("09:00", [DEAR, DEAR, CHEAP]), imported=True)
    answer = told(database)
    assert [(gap.since, gap.until, gap.why) for gap in answer.gaps] == [
        (at("09:00"), at("11:00"), IMPORTED_WHY)
    ]
    assert answer.longest_gap == answer.gaps[0]


def test_what_lies_before_the_first_poll_is_a_gap(database: Database) -> None:
    build(database, "s", hourly("09:00", [DEAR, DEAR]))
    answer = told(database, "08:30", "10:00")
    assert [(gap.until, gap.why) for gap in answer.gaps] == [(at("09:00"), BEFORE_WHY)]
    parts = shares(answer.calendar, at("08:45"), at("09:15"))
    assert (parts.gap, parts.observed) == (timedelta(minutes=15), timedelta(minutes=15))
    assert parts.percent(parts.gap) == "50.00"


def test_a_single_poll_covers_no_time(database: Database) -> None:
    build(database, "s", [("09:00", DEAR)])
    shown = document(told(database))
    assert (shown["observed_percent"], shown["bracketed_percent"]) == ("0.00", "0.00")
    assert (shown["gaps"], shown["longest_gap_seconds"]) == ([], 0)


def test_an_empty_range_is_nothing_to_answer_from(database: Database) -> None:
    build(database, "s", hourly("09:00", [DEAR, DEAR]))
    with pytest.raises(NotFoundError, match="no data between 2026-03-02"):
        told(database, "2026-03-02", "2026-03-05")


def test_a_range_that_ends_before_it_begins_is_nothing(sqlite_url: str) -> None:
    database = Database(sqlite_url)
    build(database, "s", hourly("10:00", [catalog(model("a"))] * 3))
    with database.read() as transaction:
        for since, until in (("11:00", "10:00"), ("2099-01-01", "2099-02-01")):
            with pytest.raises(NotFoundError, match="no data between"):
                ask(transaction, "s", at("12:30"), at(since), at(until))
    database.close()


def test_a_month_is_from_its_first_instant_to_the_next_ones() -> None:
    assert month_range("2026-12") == (at("2026-12-01"), at("2027-01-01"))
    for text in ("2026-13", "0000-01", "9999-12", "26-01", "2026-01-01"):
        with pytest.raises(InvalidInputError, match="is not a month"):
            month_range(text)
