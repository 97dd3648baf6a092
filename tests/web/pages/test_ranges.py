"""Which time is shown: what was asked for, and of a busy model as much as can be looked at."""

from datetime import datetime, timedelta

import pytest

from pricetrail.catalog.errors import InvalidInputError
from pricetrail.queries import trail
from pricetrail.storage.database import Database
from pricetrail.web.pages.ranges import ALL, choices, since_of
from tests.support.histories import at, build, catalog, model

END = at("2026-03-31")


def ago(days: float) -> datetime:
    return END - timedelta(days=days)


@pytest.mark.parametrize(
    ("asked", "crowded", "shown", "begin"),
    [
        ("", None, ALL, None),
        # The longest range in which there are not too many changes.
        ("", ago(400), "1y", ago(365)),
        ("", ago(365), "30d", ago(30)),
        ("", ago(31), "30d", ago(30)),
        ("", ago(8), "7d", ago(7)),
        ("", ago(0.5), "7d", ago(7)),
        ("all", ago(1), ALL, None),
        (" all ", None, ALL, None),
        ("7d", ago(400), "7d", ago(7)),
        ("1h30m", None, "1h30m", END - timedelta(minutes=90)),
        ("2026-03-01", ago(1), "2026-03-01", at("2026-03-01")),
        ("2026-03-01T10:00:00Z", None, "2026-03-01T10:00:00Z", at("10:00")),
    ],
)
def test_what_is_asked_for(
    asked: str, crowded: datetime | None, shown: str, begin: datetime | None
) -> None:
    assert since_of(asked, END, crowded) == (shown, begin)


@pytest.mark.parametrize("asked", ["soon", "-1d", "9999y", "30", "2026-13-01"])
def test_what_is_none_is_refused_with_what_would_be_one(asked: str) -> None:
    with pytest.raises(InvalidInputError, match=r"since: .*30d"):
        since_of(asked, END, None)


def test_only_lengths_that_are_shorter_than_what_is_known_can_be_chosen(sqlite_url: str) -> None:
    database = Database(sqlite_url)
    build(database, "s", [("2026-03-01", catalog(model("m"))), ("2026-03-21", catalog(model("m")))])
    with database.read() as transaction:
        told = trail.ask(transaction, "s", "m", now=at("2026-03-21"))
        brief = trail.ask(transaction, "s", "m", now=at("2026-03-02"))
    assert [(one.since, one.chosen) for one in choices("7d", told)] == [(ALL, False), ("7d", True)]
    assert [one.since for one in choices(ALL, told)] == [ALL, "7d"]
    assert choices(ALL, brief) == []
    assert [one.since for one in choices("1h", brief)] == [ALL]
    database.close()
