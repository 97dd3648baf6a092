"""Events by type: counted as they are written, never by going through the log."""

from collections import Counter

from sqlalchemy import select

from pricetrail.storage import tables as t
from pricetrail.storage.database import Database
from pricetrail.storage.history import event_counts
from tests.support.histories import build, catalog, model, tokens

CHEAP, DEAR = tokens("0.000002", "0.00001"), tokens("0.000003", "0.00001")


def test_the_counts_are_those_of_the_log(database_url: str) -> None:
    database = Database(database_url)
    build(
        database,
        "one",
        [
            ("10:00", catalog(model("a", CHEAP))),
            ("11:00", catalog(model("a", DEAR), model("b"))),
            ("12:00", catalog(model("a", CHEAP), model("c"))),
        ],
    )
    build(database, "two", [("10:00", catalog()), ("11:00", catalog(model("a")))])
    with database.read() as connection:
        log = Counter(
            (row.source_id, row.type) for row in connection.execute(select(t.event)).all()
        )
        counted = event_counts.counts(connection)
    assert {
        (source, kind): number
        for source, kinds in counted.items()
        for kind, number in kinds.items()
    } == log
    assert max(log.values()) > 1
    database.close()
