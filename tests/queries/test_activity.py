"""Events per day, on both databases, against the log itself."""

from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta

import pytest

from pricetrail.queries import events
from pricetrail.queries.activity import DayCounts, ask
from pricetrail.storage.database import Database
from tests.support.histories import at, build, catalog, model, tokens
from tests.support.restless import restless


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    opened = Database(database_url)
    yield opened
    opened.close()


def test_every_day_is_there_and_counts_what_the_log_holds(database: Database) -> None:
    last = restless(database, 5, polls=120)
    build(database, "other", [("2026-01-01", catalog(model("m")))])
    with database.read() as transaction:
        answer = ask(transaction, ["new", "other", "s"], now=last, days=4)
    log = Counter(
        (event.at.date(), event.type.removeprefix("model."))
        for event in events.ask(database, "s").events
        if event.type.startswith("model.")
    )
    assert [counts.day for counts in answer.days["s"]] == [
        last.date() - timedelta(days=back) for back in (3, 2, 1, 0)
    ]
    for counts in answer.days["s"]:
        for kind in ("added", "removed", "repriced", "updated"):
            assert getattr(counts, kind) == log[counts.day, kind]
        assert counts.total == sum(n for (day, _), n in log.items() if day == counts.day)
    assert sum(counts.total for counts in answer.days["s"]) == log.total()
    assert [counts.total for counts in answer.days["new"]] == [0, 0, 0, 0]
    assert {counts.total for counts in answer.days["other"]} == {0}


def test_a_day_ends_at_midnight_utc(database: Database) -> None:
    def priced(prompt: str) -> dict[str, object]:
        return catalog(model("m", tokens(prompt, "0.00002")))

    build(
        database,
        "s",
        [
            ("2026-02-28T12:00:00Z", priced("1")),
            ("2026-02-28T23:59:59.999Z", priced("2")),
            ("2026-03-01T00:00:00Z", priced("3")),
            ("2026-03-01T12:00:00Z", priced("4")),
        ],
    )
    with database.read() as transaction:
        answer = ask(transaction, ["s"], now=at("11:00"), days=2)
    assert answer.days["s"] == (
        DayCounts(date(2026, 2, 28), repriced=1),
        DayCounts(date(2026, 3, 1), repriced=1),
    )
    assert answer.as_json()["s"] == [
        {"day": "2026-02-28", "added": 0, "removed": 0, "repriced": 1, "updated": 0},
        {"day": "2026-03-01", "added": 0, "removed": 0, "repriced": 1, "updated": 0},
    ]


def test_without_a_source_there_is_nothing(database: Database) -> None:
    with database.read() as transaction:
        assert ask(transaction, [], now=at("10:00")).days == {}
