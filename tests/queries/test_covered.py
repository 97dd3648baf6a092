"""Coverage step by step: whatever happened since it was last asked, as if from nothing."""

import json
import shutil
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from pricetrail.jobs.imports.importing import run as import_all
from pricetrail.jobs.imports.observations import Observation
from pricetrail.jobs.polls.gateway import GatewayError
from pricetrail.queries import coverage
from pricetrail.queries.coverage import shares
from pricetrail.queries.coverage_parts import DAY, HOUR, parts
from pricetrail.queries.covered import ask, ask_extent
from pricetrail.storage import sources
from pricetrail.storage.database import Database, Transaction
from pricetrail.storage.polls import coverage as stored
from pricetrail.storage.remembered import forget_all
from tests.jobs.stage import START, Stage, staged
from tests.support.histories import Catalog, at, build, catalog, hourly, model, tokens

DEAR, CHEAP = catalog(model("a")), catalog(model("a", tokens("0.000001", "0.000015")))


def check(transaction: Transaction, name: str, since: datetime, until: datetime) -> None:
    """What is told of a range, against what is worked out of all its stretches."""
    source = sources.choose(transaction, name).id
    extent = ask_extent(transaction, name)
    assert (extent.first, extent.last) == (stored.extent(transaction, source) or (None, None))
    if extent.first is None or extent.last is None:
        return
    expected = coverage.ask(transaction, name, until, since, until)
    # Of months, the hours are too many to try each time.
    for step in (DAY, HOUR) if until - since < 9 * DAY else (DAY,):
        found = ask(transaction, extent, since, until, step)
        assert found.parts == tuple(parts(expected.calendar, since, until, step))
        assert list(found.gaps) == list(expected.gaps)
        assert (found.shares, found.longest_gap) == (expected.shares, expected.longest_gap)
        if since < extent.last < until:
            known = stored.calendar(transaction, source)
            assert found.shares_until(extent.last) == shares(known, since, extent.last)


@pytest.fixture
def stage(sqlite_url: str) -> Iterator[Stage]:
    forget_all()
    with staged(sqlite_url) as made:
        made.poll(DEAR)
        yield made


def looked(stage: Stage) -> None:
    """A reader looks at all of it."""
    with stage.database.read() as transaction:
        check(transaction, "pipellm", START, stage.now)


def test_only_what_is_new_is_worked_out(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(40):
        stage.poll(CHEAP if number % 2 else DEAR, after=60 * 12, schedule="every 12h")
    looked(stage)
    asked, begins = coverage.ask, []

    def counted(*args: object) -> object:
        begins.append(args[3])
        return asked(*args)  # type: ignore[arg-type]  # as it was asked

    stage.poll(DEAR, after=60 * 12, schedule="every 12h")
    with stage.database.read() as transaction:
        extent = ask_extent(transaction, None)
        monkeypatch.setattr(coverage, "ask", counted)
        found = ask(transaction, extent, START, stage.now, DAY)
        assert ask(transaction, extent, START, stage.now, DAY) is found
    (begin,) = begins
    assert isinstance(begin, datetime)
    assert timedelta(0) <= stage.now - begin < 2 * DAY
    monkeypatch.undo()
    looked(stage)


def test_a_gap_that_lies_across_midnight_stays_one(stage: Stage) -> None:
    for after in (60 * 20, 60, 60 * 3, 15):
        stage.poll(GatewayError("503") if after == 60 * 20 else DEAR, after=after)
        looked(stage)


@pytest.mark.parametrize("lists", [[DEAR] * 3 + [CHEAP] * 5, [DEAR, CHEAP] * 4])
def test_of_imported_points_the_time_between_is_one_gap(
    sqlite_url: str, lists: list[Catalog]
) -> None:
    forget_all()
    database = Database(sqlite_url)
    for day in range(1, 9):
        body = json.dumps(lists[day - 1]).encode()
        import_all(database, "s", [Observation(at(f"2026-01-0{day}"), body, "test")])
        with database.read() as transaction:
            extent = ask_extent(transaction, "s")
            gaps = ask(transaction, extent, at("2026-01-01"), at("2026-02-01"), DAY).gaps
            check(transaction, "s", at("2026-01-01"), at("2026-02-01"))
        # And the time since the last of them.
        assert len(gaps) == (2 if day > 1 else 1)
    database.close()


def test_what_a_clock_that_was_ahead_recorded_is_forgotten(stage: Stage) -> None:
    stage.pass_time(days=3)
    for _ in range(3):
        stage.poll(CHEAP)
        looked(stage)
    stage.pass_time(days=-3)
    for catalog_then in (CHEAP, CHEAP, DEAR):
        stage.poll(catalog_then)
        looked(stage)


def test_of_another_history_nothing_is_taken(sqlite_url: str) -> None:
    """As after a backup was restored in place: rows of the same numbers say something else."""
    forget_all()
    path = Path(sqlite_url.removeprefix("sqlite:///"))
    database = Database(sqlite_url)
    build(database, "s", hourly("2026-03-01", [DEAR, DEAR]))
    backup = path.read_bytes()
    for catalogs in ([CHEAP, None, CHEAP, DEAR], [None, DEAR, CHEAP, DEAR]):
        database.close()
        path.with_suffix(".new").write_bytes(backup)
        shutil.move(path.with_suffix(".new"), path)
        build(database, "s", hourly("2026-03-02T10:00:00Z", catalogs))
        with database.read() as transaction:
            check(transaction, "s", at("2026-03-01"), at("2026-03-05"))
    database.close()
