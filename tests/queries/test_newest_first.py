"""The log of all sources backwards in time, whatever was recorded when."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pricetrail.queries.newest_first import NewestFirst, Place
from pricetrail.storage.database import Database
from pricetrail.storage.history import events, newest_events
from pricetrail.storage.history.events import EventFilter
from pricetrail.storage.schema import ensure
from tests.support.histories import at, build, catalog, model, poll, tokens
from tests.support.volume import examples

# Minutes between two polls of a source; sources are recorded one after the other.
HISTORIES = st.lists(st.lists(st.integers(1, 90), min_size=1, max_size=6), min_size=1, max_size=4)


def record(database: Database, histories: list[list[int]]) -> None:
    for number, pauses in enumerate(histories):
        when = at("10:00") + timedelta(minutes=7 * number)
        polls = []
        for place, pause in enumerate(pauses):
            moving = model("moving", tokens(f"0.{pause + 9}", "0.5"))
            polls.append((when, catalog(model(f"m{place}"), model("same"), moving)))
            when += timedelta(minutes=pause)
        build(database, f"s{number}", polls)


@settings(max_examples=examples(8))
@given(histories=HISTORIES, stops=st.integers(1, 5))
def test_it_is_the_log_by_time_however_often_one_stops(
    tmp_path_factory: pytest.TempPathFactory, histories: list[list[int]], stops: int
) -> None:
    database = Database(f"sqlite:///{tmp_path_factory.mktemp('log') / 'x.db'}")
    ensure(database)
    record(database, histories)
    with database.read() as connection:
        log = list(events.read(connection, EventFilter()))
    expected = sorted(log, key=lambda row: (row[1].at, row[0]), reverse=True)
    assert [
        (found.number, found.event) for found in NewestFirst(database, EventFilter(), None)
    ] == (expected)
    numbers: list[int] = []
    place: Place | None = None
    while len(numbers) < len(expected):
        reading = NewestFirst(database, EventFilter(), place)
        for count, found in enumerate(reading):
            if count == stops:
                break
            numbers.append(found.number)
        place = reading.place
        # Of what is recorded meanwhile nothing is told, and nothing moves.
        later = at("23:00") + timedelta(minutes=len(numbers))
        poll(database, "s0", later, catalog(model(f"new{len(numbers)}")))
    assert numbers == [number for number, _ in expected]
    assert list(NewestFirst(database, EventFilter(), place)) == []
    database.close()


@settings(max_examples=examples(8))
@given(histories=HISTORIES, most=st.integers(1, 7), direction=st.sampled_from(["increase", None]))
def test_looking_for_some_goes_on_where_it_was_cut(
    tmp_path_factory: pytest.TempPathFactory,
    histories: list[list[int]],
    most: int,
    direction: str | None,
) -> None:
    database = Database(f"sqlite:///{tmp_path_factory.mktemp('log') / 'x.db'}")
    ensure(database)
    record(database, histories)
    with database.read() as connection:
        log = list(events.read(connection, EventFilter()))
    log.sort(key=lambda row: (row[1].at, row[0]), reverse=True)
    expected = [number for number, event in log if event.direction == direction]
    numbers: list[int] = []
    place: Place | None = None
    for _ in range(len(log) // most + 2):
        reading = NewestFirst(
            database, EventFilter(), place, lambda move: move.direction == direction, most
        )
        some = [found.number for found in reading]
        assert len(some) <= most
        numbers += some
        place = reading.place
        if not reading.cut:
            break
    assert numbers == expected
    assert not reading.cut
    database.close()


def test_a_source_is_not_read_before_its_turn(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = Database(sqlite_url)
    record(database, [[60, 60, 60], [1, 1]])
    asked = []
    whole = newest_events.newest

    def noted(connection: object, wanted: EventFilter) -> object:
        asked.append(wanted.source_id)
        return whole(connection, wanted)  # type: ignore[arg-type]  # passed on as given

    monkeypatch.setattr("pricetrail.queries.newest_first.newest", noted)
    first = next(iter(NewestFirst(database, EventFilter(), None)))
    assert (first.event.source, asked) == ("s0", [1])
    database.close()
