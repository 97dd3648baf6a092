"""What the sources ask now: whatever happened, as if it were compared from nothing."""

from pricetrail.catalog.errors import NotFoundError
from pricetrail.queries import compare
from pricetrail.storage.database import Database
from pricetrail.storage.remembered import forget_all
from pricetrail.web.tables.listed_offers import compared_now
from pricetrail.web.tables.offers import Comparison, comparison
from tests.jobs.stage import Stage, staged
from tests.support.histories import at, build, catalog, model, tokens
from tests.support.lives import SOURCES

CHEAP = tokens("0.000001", "0.000015")


def shown(found: Comparison) -> tuple[object, ...]:
    rows = [
        (row.model, row.cheapest, row.spread, [offer.told for offer in row.offers])
        for row in found.rows
    ]
    return rows, found.winners, found.sources


def check(stage: Stage, done: str) -> None:
    """What is told by what was known before, against a comparison of all there is."""
    with stage.database.read() as transaction:
        try:
            expected = comparison(compare.ask(transaction))
        except NotFoundError:
            return
        found = compared_now(transaction, expected.sources, stage.now)
        assert shown(found) == shown(expected), done


def test_a_model_that_did_not_change_is_not_compared_again(sqlite_url: str) -> None:
    forget_all()
    database, now = Database(sqlite_url), at("14:00")
    both = catalog(model("a"), model("b"))
    for name in SOURCES:
        build(database, name, [("10:00", both)])
    with database.read() as transaction:
        before = compared_now(transaction, SOURCES, now).rows
    build(database, "two", [("11:00", catalog(model("a"), model("b", CHEAP)))])
    with database.read() as transaction:
        after = compared_now(transaction, SOURCES, now).rows
    assert after[0] is before[0]
    assert [offer.source for offer in after[1].offers] == ["two", "one"]
    database.close()


def test_what_was_seen_by_a_clock_that_was_ahead_does_not_count(sqlite_url: str) -> None:
    with staged(sqlite_url) as stage:
        for name in SOURCES:
            stage.poll(catalog(model("a")), name=name)
        stage.pass_time(hours=20)
        stage.poll(catalog(model("a", CHEAP)), name="two")
        check(stage, "ahead")
        stage.pass_time(hours=-19)
        # Set aside: the time that did not count is given up, and nothing is seen anew.
        stage.poll(catalog(), name="two")
        check(stage, "set right")
        with stage.database.read() as transaction:
            (row,) = compared_now(transaction, SOURCES, stage.now).rows
    assert row.cheapest == ()
