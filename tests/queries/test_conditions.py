"""How a source is, in one phrase: what matters most comes first."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from pricetrail.queries.conditions import condition
from pricetrail.queries.sources import SourceHealth, ask
from pricetrail.storage.database import Database
from tests.support.histories import at, build, catalog, model

NOW = at("12:00")
GOOD = SourceHealth("s", 1, NOW, NOW, 0, quarantined=False, paused=False, next_slot=None)
LONG_AGO = NOW - timedelta(days=95)


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, ("good", "good")),
        ({"paused": True, "failures": 2}, ("quiet", "paused")),
        ({"failures": 1}, ("warn", "1 poll failed")),
        ({"failures": 2, "quarantined": True}, ("warn", "2 polls failed")),
        ({"quarantined": True, "overdue": True}, ("warn", "a catalog is in quarantine")),
        ({"last_poll": LONG_AGO, "overdue": True}, ("warn", "overdue")),
        ({"last_poll": None}, ("quiet", "not polled yet")),
        ({"last_poll": LONG_AGO}, ("quiet", "not polled lately")),
        ({"last_poll": LONG_AGO, "next_slot": NOW}, ("good", "good")),
    ],
)
def test_what_matters_most_is_said(changed: dict[str, Any], expected: tuple[str, str]) -> None:
    assert condition(replace(GOOD, **changed), NOW) == expected


def test_without_slots_nothing_is_overdue(sqlite_url: str) -> None:
    database = Database(sqlite_url)
    build(database, "s", [("10:00", catalog(model("m")))])
    with database.read() as transaction:
        assert [source.overdue for source in ask(transaction, NOW).sources] == [False]
    database.close()
