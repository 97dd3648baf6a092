"""The polling of every source in numbers: those of its own polls, and who is overdue."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from pricetrail.storage import sources
from pricetrail.storage.database import Database
from pricetrail.storage.polls import poll_counts
from pricetrail.storage.pruning import prune_polls
from pricetrail.storage.source_names import SomeNames
from tests.conftest import Recording
from tests.support.histories import at, build, catalog, failed, model, poll, quarantined

DUE = at("2026-03-02T00:00:00Z")
NOBODY = SomeNames((), 0)


def polled(database: Database) -> None:
    two = catalog(model("a"), model("b"))
    build(database, "s", [("10:00", catalog(model("a"))), ("11:00", two), ("12:00", two)])
    failed(database, "s", "13:00")
    failed(database, "s", "14:00")
    quarantined(database, "s", "15:00")
    poll(database, "s", "16:00", catalog(model("c")), imported=True)
    failed(database, "s", "17:00")
    with database.write() as connection:
        sources.open_source(connection, "new", at("10:00"))
        state = sources.choose(connection, "s")
        sources.remember_schedules(connection, {state.id: ("[]", DUE)})


@pytest.fixture
def database(with_history: Callable[[Recording], str]) -> Iterator[Database]:
    found = Database(with_history(polled))
    yield found
    found.close()


def test_polls_are_counted_by_outcome_and_imports_are_none(database: Database) -> None:
    with database.write() as connection:
        prune_polls(connection, at("14:30"))
        new, source = poll_counts.counts(connection, at("17:30"))
    assert source.polls == {"changed": 2, "unchanged": 1, "failed": 3, "quarantined": 1}
    assert (source.version, source.models, source.failures) == (3, 1, 1)
    assert (new.name, new.version, new.models, new.good_at) == ("new", 0, 0, None)
    assert new.polls == {"changed": 0, "unchanged": 0, "failed": 0, "quarantined": 0}


def test_a_source_is_overdue_after_its_time_unless_it_is_paused(database: Database) -> None:
    moment = timedelta(milliseconds=1)
    with database.write() as connection:
        assert poll_counts.overdue(connection, DUE) == NOBODY
        assert poll_counts.overdue(connection, DUE + moment) == SomeNames(("s",), 1)
        assert poll_counts.overdue(connection, DUE + moment, 0) == SomeNames((), 1)
        ours = sources.choose(connection, "s").id
        assert not poll_counts.is_late(connection, ours, DUE)
        assert poll_counts.is_late(connection, ours, DUE + moment)
        late = [source.overdue for source in poll_counts.counts(connection, DUE + moment)]
        assert late == [False, True]
        sources.set_paused(connection, sources.choose(connection, "s").id, True)
        assert poll_counts.overdue(connection, DUE + moment) == NOBODY
        paused = poll_counts.counts(connection, DUE + moment)
    assert [(source.overdue, source.next_slot_at) for source in paused] == [(False, None)] * 2
