"""What an answer rests on: the head, and the weakest certainty of the time that it is about."""

from collections.abc import Iterator

import pytest

from pricetrail.catalog.errors import NotFoundError
from pricetrail.queries import basis, coverage, price
from pricetrail.queries.basis import BasisAnswer
from pricetrail.storage.database import Database
from pricetrail.storage.sources import SourceNeededError, open_source
from tests.queries.documents import document
from tests.support.histories import at, build, catalog, hourly, model, tokens

CHEAP, DEAR = catalog(model("a", tokens("0.000001", "0.000002"))), catalog(model("a"))
NOW = at("23:00")


@pytest.fixture
def database(sqlite_url: str) -> Iterator[Database]:
    """Version 1 at 09:00 and 10:00, a failure at 11:00, 1 at 12:00, 2 at 13:00 and 14:00."""
    opened = Database(sqlite_url)
    build(opened, "s", hourly("09:00", [DEAR, DEAR, None, DEAR, CHEAP, CHEAP]))
    yield opened
    opened.close()


def over(database: Database, since: str | None = None, until: str | None = None) -> BasisAnswer:
    with database.read() as transaction:
        return basis.ask_over(
            transaction, None, NOW, at(since) if since else None, at(until) if until else None
        )


@pytest.mark.parametrize(
    ("moment", "certainty", "window"),
    [
        (None, "observed", ("13:00", "14:00")),
        ("09:30", "observed", ("09:00", "10:00")),
        ("10:30", "gap", ("09:00", "10:00")),
        ("12:30", "bracketed", ("12:00", "12:00")),
        ("20:00", "gap", ("13:00", "14:00")),
        ("08:00", "gap", None),
    ],
)
def test_an_instant_is_as_certain_as_the_polls_around_it(
    database: Database, moment: str | None, certainty: str, window: tuple[str, str] | None
) -> None:
    with database.read() as transaction:
        found = basis.ask(transaction, None, at(moment) if moment else None)
    assert found.certainty == certainty
    assert found.since == found.until == at(moment or "14:00")
    assert (found.version, found.last_seen) == (2, at("14:00"))
    seen = None if found.window is None else (found.window.since, found.window.until)
    assert seen == (None if window is None else tuple(map(at, window)))
    assert bool(found.why) == (certainty == "gap")


@pytest.mark.parametrize(
    ("since", "until", "certainty", "percent"),
    [
        (None, None, "gap", "40.00"),
        ("09:00", "10:00", "observed", "100.00"),
        ("12:00", "14:00", "bracketed", "50.00"),
        ("13:30", None, "observed", "100.00"),
        ("20:00", None, "gap", "0.00"),
        ("09:30", "09:30", "observed", None),
        ("22:00", "23:30", "gap", "0.00"),
        (None, "08:00", "gap", None),
    ],
)
def test_a_longer_time_is_as_certain_as_its_weakest_part(
    database: Database, since: str | None, until: str | None, certainty: str, percent: str | None
) -> None:
    found = over(database, since, until)
    assert (found.certainty, found.observed_percent) == (certainty, percent)
    assert bool(found.why) == (certainty == "gap")


def test_it_is_told_as_json(database: Database) -> None:
    found = document(over(database))
    head = found.pop("head")
    assert head["version"] == 2
    assert head["head"].startswith("sha256:")
    assert found == {
        "source": "s",
        "last_seen": "2026-03-01T14:00:00Z",
        "from": "2026-03-01T09:00:00Z",
        "until": "2026-03-01T14:00:00Z",
        "certainty": "gap",
        "why": "503 from the gateway",
        "observed": None,
        "observed_percent": "40.00",
    }


def test_two_versions_rest_on_the_time_between_them(database: Database) -> None:
    with database.read() as transaction:
        back = basis.ask_between(transaction, "s", NOW, 2, 1)
        same = basis.ask_between(transaction, "s", NOW, 2, 2)
        with pytest.raises(NotFoundError):
            basis.ask_between(transaction, "s", NOW, 2, 3)
    assert (back.since, back.until, back.certainty) == (at("09:00"), at("13:00"), "gap")
    assert (same.since, same.until, same.certainty) == (at("13:00"), at("13:00"), "observed")


def test_a_price_is_as_certain_as_what_was_asked(database: Database) -> None:
    build(database, "s", [("15:00", catalog(model("a", DEAR["data"][0]["pricing"])))])
    with database.read() as transaction:
        told = price.ask(transaction, None, "a", at("14:30"), "/pricing/kind")
        assert basis.ask(transaction, None, at("14:30")).certainty == "bracketed"
        assert basis.of_price(transaction, told).certainty == "observed"


def test_a_coverage_of_one_instant_is_that_instant(database: Database) -> None:
    with database.read() as transaction:
        told = coverage.ask(transaction, None, NOW, at("09:30"), at("09:30"))
        assert basis.of_coverage(transaction, told).certainty == "observed"


def test_nothing_recorded_is_a_gap_without_a_head(database: Database) -> None:
    with database.write() as connection:
        open_source(connection, "new", at("09:00"))
    with database.read() as transaction:
        with pytest.raises(SourceNeededError):
            basis.ask(transaction, None)
        moment = basis.ask(transaction, "new")
        longer = basis.ask_over(transaction, "new", NOW)
    assert moment == longer
    assert document(moment)["head"] is None
    assert (moment.certainty, moment.why) == ("gap", "no good poll yet")
