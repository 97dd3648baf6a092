"""One model's rows, on both databases."""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

import pytest

from pricetrail.catalog.changes import Change
from pricetrail.storage.database import Database
from pricetrail.storage.history import trails, versions
from pricetrail.storage.history.trails import PriceRow
from tests.support.histories import at
from tests.support.one_model import lived, ours

PROMPT, COMPLETION = "/pricing/text/prompt", "/pricing/text/completion"


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    with lived(database_url) as opened:
        yield opened


def test_prices_come_by_version_and_path(database: Database) -> None:
    with database.read() as connection:
        rows = trails.price_rows(connection, *ours(connection), 6)
        later = trails.price_rows(connection, *ours(connection), 5, since=4)
        standing = trails.standing_prices(connection, *ours(connection), 4)
    assert rows == [
        PriceRow(1, COMPLETION, Decimal(2), None),
        PriceRow(1, PROMPT, Decimal(1), None),
        PriceRow(2, PROMPT, Decimal(3), None),
        PriceRow(5, COMPLETION, Decimal(2), None),
        PriceRow(5, PROMPT, Decimal(3), None),
        PriceRow(6, PROMPT, None, "free"),
    ]
    assert later == rows[3:5]
    assert standing == [rows[0], rows[2]]


def test_events_say_what_no_row_of_prices_implies(database: Database) -> None:
    with database.read() as connection:
        mine = ours(connection)
        rows = trails.event_rows(connection, *mine, 6)
        some = trails.event_rows(connection, *mine, 5, since=2, behind=rows[2].number)
    assert [(row.version, row.type) for row in rows] == [
        (2, "model.repriced"),
        (3, "model.updated"),
        (4, "model.removed"),
        (5, "model.added"),
        (6, "model.repriced"),
    ]
    assert rows[0].changes is None
    assert rows[1].changes == (Change("/display_name", "M", "Other"),)
    assert rows[4].changes == (Change(PROMPT, Decimal(3), "free"),)
    assert some == [rows[3]]


def test_when_it_changed_more_often_than_so_often(database: Database) -> None:
    with database.read() as connection:
        _, row = ours(connection)

        def crowded(until: str, most: int) -> datetime | None:
            return trails.find_crowded(connection, row, at(until), most)

        assert crowded("15:00", 0) == at("15:00")
        assert crowded("15:00", 4) == at("11:00")
        assert crowded("15:00", 5) is None
        assert crowded("13:30", 1) == at("12:00")
        assert trails.count_events(connection, row) == 5


def test_a_version_and_an_event_are_known_by_their_hashes(database: Database) -> None:
    with database.read() as connection:
        source, _ = mine = ours(connection)
        head = versions.get_version(connection, source, 4).chain_hash
        event = trails.event_rows(connection, *mine, 4)[-1]
        known = (event.number, event.id)
        assert trails.is_known(connection, source, 4, head, known)
        assert trails.is_known(connection, source, 4, head, (0, None))
        assert not trails.is_known(connection, source, 5, head, known)
        assert not trails.is_known(connection, source, 4, head, (event.number - 1, event.id))
        assert not trails.is_known(connection, source, 7, head, known)


@pytest.mark.parametrize("wanted", [[1, 6], [1, 2, 3, 4, 5, 6], []])
def test_windows_are_those_of_the_versions_asked_for(database: Database, wanted: list[int]) -> None:
    with database.read() as connection:
        source, _ = ours(connection)
        found = trails.windows(connection, source, wanted)
    assert set(wanted) <= set(found)
    if wanted:
        assert found[1] == (None, at("10:00"))
        assert found[6] == (at("14:00"), at("15:00"))


def test_a_baseline_made_no_events(database: Database) -> None:
    with database.read() as connection:
        source, _ = ours(connection)
        assert trails.without_events(connection, source, [1, 2, 6]) == {1}
        assert trails.without_events(connection, source, []) == set()
