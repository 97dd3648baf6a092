"""Rows by team, day and the like."""

from decimal import Decimal

import pytest

from pricetrail.audit import groups
from pricetrail.audit.groups import Groups, parse_ways
from pricetrail.audit.results import PricedRow, RowResult
from pricetrail.catalog.errors import InvalidInputError
from tests.audit.made import interval, priced_row, unpriced_row


def row(team: str | None, cost: int, reported: str | None = None) -> PricedRow:
    found = priced_row(interval("1"), prompt=cost)
    labels = {} if team is None else {"team": team}
    asked = None if reported is None else Decimal(reported)
    return found._replace(row=found.row._replace(labels=labels, reported=asked))


def test_rows_are_added_up_by_what_is_asked_for() -> None:
    found = Groups(("team", "day"))
    rows: list[RowResult] = [
        row("b", 2),
        row("a", 3, "3.5"),
        row(None, 1),
        unpriced_row(),
        row("a", 4, "4"),
    ]
    assert list(found.watch(rows)) == rows
    assert [group.as_json() for group in found.sorted] == [
        {"by": {"team": "a", "day": "2026-03-01"}, "rows": 2, "total": "7", "reported": "7.5"},
        {"by": {"team": "b", "day": "2026-03-01"}, "rows": 1, "total": "2", "reported": None},
        {"by": {"team": None, "day": "2026-03-01"}, "rows": 1, "total": "1", "reported": None},
    ]


@pytest.mark.parametrize("text", ["team", "key,day", "model, user ,project", "TEAM"])
def test_ways_are_read(text: str) -> None:
    assert parse_ways(text) == tuple(text.lower().replace(" ", "").split(","))


@pytest.mark.parametrize(
    ("text", "why"), [("colour", "'colour' is none of team"), ("", "''"), ("day,day", "each once")]
)
def test_what_no_row_can_be_grouped_by_is_refused(text: str, why: str) -> None:
    with pytest.raises(InvalidInputError, match=why):
        parse_ways(text)


def test_more_groups_than_memory_is_for_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(groups, "_MANY", 2)
    found = Groups(("team",))
    for team in ("a", "b", "a"):
        found.add(row(team, 1))
    with pytest.raises(InvalidInputError, match="over 2 groups"):
        found.add(row("c", 1))
