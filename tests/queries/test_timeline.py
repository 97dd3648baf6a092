"""What happened last: grouped by snapshot, cut nowhere, and filtered as it was asked for."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import text

from pricetrail.catalog.errors import InvalidInputError, NotFoundError
from pricetrail.catalog.event_details import SourceFailing
from pricetrail.catalog.events import FAILING, Event
from pricetrail.queries import events as events_query
from pricetrail.queries import newest_first, timeline
from pricetrail.queries.newest_first import Found, NewestFirst
from pricetrail.queries.timeline import Group, TimelineAnswer, Wanted, ask, grouped
from pricetrail.storage.database import Database
from pricetrail.storage.history import events
from pricetrail.storage.history.events import EventFilter
from tests.support.histories import at, build, catalog, hourly, model, poll, tokens


def prices(number: int) -> dict[str, Any]:
    return tokens(f"0.{number:03}", "0.5")


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """Six versions of two models that move, and a second source, recorded later, in between."""
    opened = Database(database_url)
    steps = [
        catalog(model("gpt", prices(100 + n)), model("sol", prices(300 - n)), model(f"m{n}"))
        for n in range(6)
    ]
    build(opened, "one", hourly("10:00", steps))
    build(opened, "two", [("12:30", catalog(model("x"))), ("12:40", catalog(model("y")))])
    yield opened
    opened.close()


def told(groups: tuple[Group, ...]) -> list[tuple[str, int, list[tuple[str, str | None]]]]:
    return [
        (group.source, group.version, [(event.type, event.model) for event in group.events])
        for group in groups
    ]


def step(number: int) -> tuple[str, int, list[tuple[str, str | None]]]:
    """What version `number` of the first source changed, in the order of the log."""
    return (
        "one",
        number,
        [
            ("model.added", f"m{number - 1}"),
            ("model.removed", f"m{number - 2}"),
            ("model.repriced", "gpt"),
            ("model.repriced", "sol"),
        ],
    )


def sorted_told(groups: tuple[Group, ...]) -> list[tuple[str, int, list[tuple[str, str | None]]]]:
    return [(source, version, sorted(some, key=str)) for source, version, some in told(groups)]


OTHER = ("two", 2, [("model.added", "y"), ("model.removed", "x")])


def test_what_happened_last_comes_first_by_source_and_snapshot(database: Database) -> None:
    answer = ask(database)
    assert sorted_told(answer.groups) == [step(6), step(5), step(4), OTHER, step(3), step(2)]
    assert answer.next is None
    assert answer.groups[0].window == (at("14:00"), at("15:00"))
    assert all(group.of_snapshot for group in answer.groups)


@pytest.mark.parametrize("limit", [1, 2, 3])
@pytest.mark.parametrize("piece", [1, 3, 200])
def test_pages_lose_nothing_and_repeat_nothing(
    database: Database, limit: int, piece: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(newest_first, "_FEWEST", piece)
    whole = [event.id for group in ask(database).groups for event in reversed(group.events)]
    pages: list[str] = []
    cursor = None
    while True:
        answer = ask(database, cursor=cursor, limit=limit)
        pages += [event.id for group in answer.groups for event in reversed(group.events)]
        assert len(answer.groups) <= limit
        cursor = answer.next
        if cursor is None:
            break
        # What is recorded meanwhile stands in none of these answers, and moves nothing.
        poll(database, "two", f"1{len(pages) % 4 + 6}:{len(pages) % 60:02}", catalog(model("z")))
    assert pages == whole


def test_a_search_that_finds_nothing_stops_and_goes_on_by_its_cursor(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timeline, "_MOST", 7)
    wanted = Wanted(model="m*", min_percent=Decimal(1), types=("model.removed",))
    assert ask(database, wanted=wanted) == TimelineAnswer((), None)
    wanted = Wanted(types=("model.repriced",), min_percent=Decimal("0.99"))
    found, cursor, asked = [], None, 0
    while asked == 0 or cursor is not None:
        answer = ask(database, None, wanted, cursor=cursor)
        found += [event for group in answer.groups for event in group.events]
        cursor, asked = answer.next, asked + 1
    # 100 → 101 is 1 %, 101 → 102 is 0.99 %, and the next are less; 300 → 299 is 0.33 %.
    assert [event.version for event in found] == [3, 2]
    assert asked == 2


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (Wanted(model="go*"), []),
        (Wanted(model="gpt"), [6, 5, 4, 3, 2]),
        (Wanted(direction="increase"), [6, 5, 4, 3, 2]),
        (Wanted(model="gpt", direction="decrease"), []),
        (Wanted(model="gpt", until=at("12:30")), [3, 2]),
        (Wanted(model="gpt", until=at("12:00")), [2]),
        (Wanted(model="gpt", since=at("13:00")), [6, 5, 4]),
        (Wanted(since=at("12:35"), until=at("13:30")), [4, 2]),
        (Wanted(types=("model.added", "model.removed"), model="y"), [2]),
    ],
)
def test_only_what_was_asked_for(database: Database, wanted: Wanted, expected: list[int]) -> None:
    assert [group.version for group in ask(database, wanted=wanted).groups] == expected


def test_a_glob_that_matches_too_many_models_is_refused(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events_query, "_MOST_MODELS", 1)
    with pytest.raises(InvalidInputError, match="more than 1 models, the most"):
        ask(database, wanted=Wanted(model="*"))


def test_times_that_go_back_leave_nothing_out(sqlite_url: str) -> None:
    """A clock that was ahead is set back; versions keep their times."""
    database = Database(sqlite_url)
    build(database, "s", hourly("10:00", [catalog(model(f"m{n}")) for n in range(150)]))
    with database.write() as connection:
        # Some days of a month are told as of the month after.
        day = 86_400_000
        ahead = "not_after + 3 * :day WHERE version BETWEEN 30 AND 60 OR version = 100"
        connection.execute(text(f"UPDATE snapshot SET not_after = {ahead}"), {"day": day})
    for hour in range(0, 300, 23):
        edge = at("10:00") + timedelta(hours=hour)
        for wanted in (Wanted(until=edge), Wanted(since=edge)):
            groups = ask(database, "s", wanted, limit=999).groups
            told_of = {event.id for group in groups for event in group.events}
            with database.read() as connection:
                log = events.read(connection, EventFilter(since=wanted.since, until=wanted.until))
                assert told_of == {event.id for _, event in log}
    database.close()


def test_events_at_hand_are_grouped_in_the_same_way(database: Database) -> None:
    groups = ask(database).groups
    newest_first = [event for group in groups for event in reversed(group.events)]
    assert grouped(newest_first) == groups
    assert grouped([]) == ()


def test_only_one_source(database: Database) -> None:
    assert sorted_told(ask(database, "two").groups) == [OTHER]


def test_what_happens_to_a_source_is_a_group_of_its_own(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    failing = SourceFailing(3, at("12:00"), "503")
    said = [
        Event(f"evt_{n}", "one", 6, n, FAILING, None, at(f"15:0{n}"), failing) for n in range(2)
    ]
    found = [Found(1, 9, said[1]), Found(1, 8, said[0])]
    monkeypatch.setattr(NewestFirst, "__iter__", lambda _: iter(found))
    groups = ask(database).groups
    assert [[event.id for event in group.events] for group in groups] == [["evt_1"], ["evt_0"]]
    assert not any(group.of_snapshot for group in groups)


def test_what_is_asked_wrong_is_refused(database: Database) -> None:
    with pytest.raises(InvalidInputError, match=r"model\.repriced"):
        Wanted(types=("model.sold",))
    with pytest.raises(InvalidInputError, match="increase"):
        Wanted(direction="up")
    with pytest.raises(NotFoundError, match="three"):
        ask(database, "three")
    cursor = ask(database, limit=1).next
    for other in ("", "x", "Zm9v", f"{cursor}A"):
        with pytest.raises(InvalidInputError, match="cursor"):
            ask(database, cursor=other)
    with pytest.raises(InvalidInputError, match="a different query"):
        ask(database, None, Wanted(direction="increase"), cursor=cursor)
