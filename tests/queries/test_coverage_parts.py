"""Coverage as days and hours: every instant in one of them, and the same sums as the whole."""

import random
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from pricetrail.queries import coverage
from pricetrail.queries.coverage import Shares, shares
from pricetrail.queries.coverage_parts import DAY, HOUR, parts
from pricetrail.queries.covered import ask_extent
from pricetrail.storage.database import Database
from pricetrail.storage.polls import coverage as stored
from pricetrail.storage.polls.certainty import Calendar
from pricetrail.storage.sources import choose, open_source
from tests.support.histories import at, build, catalog, model, tokens

DEAR, CHEAP = catalog(model("a")), catalog(model("a", tokens("0.000001", "0.000002")))
NONE = timedelta(0)
Recording = Callable[[Database], object]


def _four_days(database: Database) -> None:
    """Polls every three hours or so, of which some fail and some see another catalog."""
    made = random.Random(11)
    moment, history = at("2026-03-01T05:00:00Z"), []
    while moment < at("2026-03-05"):
        history.append((moment, made.choice([DEAR, DEAR, DEAR, CHEAP, None])))
        moment += timedelta(minutes=made.randrange(20, 300))
    build(database, "s", history)


@pytest.fixture
def database(with_history: Callable[[Recording], str]) -> Iterator[Database]:
    opened = Database(with_history(_four_days))
    yield opened
    opened.close()


def calendar(database: Database) -> Calendar:
    with database.read() as transaction:
        return stored.calendar(transaction, choose(transaction, None).id)


@pytest.mark.parametrize("step", [DAY, HOUR])
def test_parts_divide_the_time_as_the_whole_does(database: Database, step: timedelta) -> None:
    known, since, until = calendar(database), at("2026-02-28T12:30:00Z"), at("2026-03-04T09:10:00Z")
    found = list(parts(known, since, until, step))
    assert (found[0].since, found[-1].until) == (since, until)
    for one, following in pairwise(found):
        assert one.until == following.since
        assert (one.until - at("2026-01-01")) % step == NONE
    assert [part.shares for part in found] == [
        shares(known, part.since, part.until) for part in found
    ]


def test_no_time_has_no_parts(database: Database) -> None:
    noon = at("2026-03-02T12:00:00Z")
    assert list(parts(calendar(database), noon, noon, DAY)) == []


def test_a_range_is_answered_from_the_stretches_around_it_alone(database: Database) -> None:
    whole, made = calendar(database), random.Random(7)
    for _ in range(40):
        since = at("2026-02-28") + timedelta(minutes=made.randrange(8_000))
        until = since + timedelta(minutes=made.randrange(1, 2_000))
        with database.read() as transaction:
            rows = stored.around_range(transaction, 1, since, until)
            asked = coverage.ask(transaction, "s", until, since, until)
        assert shares(Calendar(rows), since, until) == shares(whole, since, until) == asked.shares
        assert len(rows) < 30


def test_a_source_knows_when_it_was_polled_first_and_last(database: Database) -> None:
    with database.write() as transaction:
        open_source(transaction, "new", at("10:00"))
        polled, new = ask_extent(transaction, "s"), ask_extent(transaction, "new")
    assert polled.first == at("2026-03-01T05:00:00Z")
    assert polled.last is not None
    assert polled.last < at("2026-03-05")
    assert (new.first, new.last) == (None, None)


def test_nothing_is_a_gap_as_a_whole_where_there_is_no_poll() -> None:
    [part] = parts(Calendar([]), at("10:00"), at("11:00"), DAY)
    assert part.shares == Shares(NONE, NONE, timedelta(hours=1))
    assert isinstance(part.since, datetime)
