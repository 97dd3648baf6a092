"""Imports: idempotent, resumable, never rewriting, and honest about the time that they cover."""

import contextlib
import shutil
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text

from pricetrail.catalog.errors import PricetrailError
from pricetrail.catalog.strict_json import dumps
from pricetrail.catalog.versions import NewVersion
from pricetrail.jobs.imports.importing import run
from pricetrail.jobs.imports.observations import (
    BrokenInputError,
    ImportRefusedError,
    Item,
    Observation,
    Pause,
    Unreadable,
)
from pricetrail.jobs.polls.recording import PollRecorder
from pricetrail.queries import coverage
from pricetrail.storage import sources
from pricetrail.storage import tables as t
from pricetrail.storage.database import Database
from pricetrail.storage.history import events, versions
from pricetrail.storage.history.bodies import body_of
from pricetrail.storage.polls.polls import Poll
from tests.support import histories
from tests.support.histories import at, catalog, model, tokens

pytestmark = pytest.mark.slow

HOUR = timedelta(hours=1)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    found = Database(database_url)
    yield found
    found.close()


def seen(time: str, *models: dict[str, Any]) -> Observation:
    return Observation(at(time), dumps(catalog(*models)).encode(), f"file:{time}")


def priced(prompt: str) -> dict[str, Any]:
    return model("gpt-5", tokens(prompt, "0.00001"))


def flapping(number: int) -> list[Item]:
    """One observation a minute, each of another price than the one before."""
    return [seen(f"10:{minute:02}", priced(f"0.00000{minute % 2 + 1}")) for minute in range(number)]


def told(database: Database, source: str = "s") -> list[tuple[str, str, int]]:
    with database.read() as connection:
        state = sources.choose(connection, source)
        found = events.read(connection, events.EventFilter(source_id=state.id))
        return [(event.id, event.type, event.version) for _, event in found]


def stretches(database: Database) -> list[tuple[Any, ...]]:
    with database.read() as connection:
        rows = connection.execute(select(t.coverage).order_by(t.coverage.c.id)).all()
    return [
        (row.outcome, row.version, _time(row.first_at), _time(row.last_at), row.polls)
        for row in rows
    ]


def _time(moment: datetime) -> str:
    return f"{moment:%H:%M}"


def rows(database: Database, table: str) -> int:
    with database.read() as connection:
        found: int = connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one()
        return found


def everything(database: Database) -> list[Any]:
    """All that an import may write, in a form that compares."""
    tables = ("snapshot", "model_version", "price", "event", "coverage", "schema_seen")
    with database.read() as connection:
        return [
            sorted(map(repr, connection.execute(text(f"SELECT * FROM {name}")).all()))
            for name in tables
        ]


def test_an_import_makes_the_versions_and_events_of_polling(database: Database) -> None:
    items: list[Item] = [
        seen("10:00", model("a"), model("b")),
        seen("11:00", model("a"), model("b", tokens("0.000001", "0.000002"))),
        seen("12:00", model("b", tokens("0.000001", "0.000002")), model("c")),
    ]
    report = run(database, "s", items)
    imported = told(database)
    for item in items:
        assert isinstance(item, Observation)
        histories.poll(database, "polled", item.observed_at, item.body)
    assert (report.observations, report.versions) == (3, 3)
    assert report.events == {"model.repriced": 1, "model.added": 1, "model.removed": 1}
    assert [kind for _, kind, _ in imported] == [
        "model.repriced",
        "model.added",
        "model.removed",
    ]
    assert [entry[1:] for entry in imported] == [entry[1:] for entry in told(database, "polled")]


def test_event_ids_do_not_depend_on_when_or_in_how_many_runs(database: Database) -> None:
    other = [
        Observation(item.observed_at + HOUR, item.body, item.origin)
        for item in flapping(5)
        if isinstance(item, Observation)
    ]
    run(database, "s", flapping(5))
    first = told(database)
    with database.write() as connection:
        connection.execute(text("DELETE FROM event"))
        for table in ("price", "model_version", "model", "snapshot", "coverage", "source"):
            connection.execute(text(f"DELETE FROM {table}"))
    run(database, "s", other[:2])
    run(database, "s", other)
    assert told(database) == first
    assert len(first) == 4


def test_the_first_observation_is_a_baseline_without_events(database: Database) -> None:
    report = run(database, "s", [seen("10:00", model("a"))])
    assert (report.versions, report.events.total(), told(database)) == (1, 0, [])


def test_the_same_import_twice_changes_nothing(database: Database) -> None:
    run(database, "s", flapping(5))
    before = everything(database)
    report = run(database, "s", flapping(5))
    assert (report.already_there, report.versions, report.events.total()) == (5, 0, 0)
    assert report.head_version == 5
    assert everything(database) == before


def test_another_notation_of_what_is_there_is_recognised(database: Database) -> None:
    run(database, "s", [seen("10:00", priced("0.000003"))])
    report = run(database, "s", [seen("10:00", priced("0.0000030"))])
    assert report.already_there == 1


def test_an_observation_that_repeats_the_head_makes_no_version(database: Database) -> None:
    run(database, "s", [seen("10:00", model("a")), seen("11:00", model("a"))])
    report = run(database, "s", [seen("12:00", model("a"))])
    assert (report.unchanged, report.versions, report.head_version) == (1, 0, 1)
    assert stretches(database) == [("imported", 1, "10:00", "12:00", 3)]
    assert rows(database, "poll") == 0


LONG = [
    Observation(at("10:00") + minute * timedelta(minutes=1), item.body, item.origin)
    for minute, item in enumerate(flapping(50) + flapping(50))
    if isinstance(item, Observation)
]


@pytest.fixture(scope="module")
def whole_roots(_sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Any]:
    """The chain of an import that nobody killed."""
    file = shutil.copy(_sqlite_template, tmp_path_factory.mktemp("whole") / "whole.db")
    database = Database(f"sqlite:///{file}")
    assert run(database, "whole", LONG).head_version == 100
    roots = _roots(database, "whole")
    database.close()
    return roots


@pytest.mark.parametrize("stop", [0, 63, 64, 65])
def test_an_import_that_was_killed_goes_on_where_it_was(
    sqlite_url: str, whole_roots: list[Any], stop: int
) -> None:
    def killed() -> Iterator[Item]:
        yield from LONG[:stop]
        raise KeyboardInterrupt

    database = Database(sqlite_url)
    with pytest.raises(KeyboardInterrupt):
        run(database, "cut", killed())
    report = run(database, "cut", LONG)
    assert report.observations == 100
    assert (report.head_version, report.already_there) == (100, stop // 64 * 64)
    assert _roots(database, "cut") == whole_roots
    database.close()


def _roots(database: Database, source: str) -> list[tuple[Any, ...]]:
    with database.read() as connection:
        state = sources.choose(connection, source)
        query = "SELECT version, catalog_root, not_before, not_after FROM snapshot WHERE source_id="
        return [tuple(row) for row in connection.execute(text(f"{query}{state.id} ORDER BY 1"))]


def test_what_came_before_an_input_that_breaks_off_is_kept(database: Database) -> None:
    def cut_off() -> Iterator[Item]:
        yield from flapping(3)
        raise PricetrailError("file is cut off")

    with pytest.raises(PricetrailError, match="cut off"):
        run(database, "s", cut_off())
    assert rows(database, "snapshot") == 3


@pytest.mark.parametrize(
    ("bad", "error", "said"),
    [
        (Unreadable("file:9", "`observed_at` is missing"), BrokenInputError, "file:9: `observed"),
        (Observation(at("10:30"), b"{", "file:9"), ImportRefusedError, "file:9: not a catalog"),
        (
            Observation(at("10:30"), b'{"object":"list","data":[],"total":1}', "file:9"),
            ImportRefusedError,
            "truncated",
        ),
    ],
)
def test_what_is_no_catalog_stops_the_import_or_is_listed(
    database: Database, bad: Item, error: type[PricetrailError], said: str
) -> None:
    items = [*flapping(2), bad, seen("11:00", priced("0.000009"))]
    with pytest.raises(error, match=said):
        run(database, "s", items)
    assert rows(database, "snapshot") == 2
    report = run(database, "s", items, skip_bad=True)
    assert (report.already_there, report.versions, report.refused) == (2, 1, 1)
    assert report.refusals[0].origin == "file:9"


@pytest.mark.parametrize("time", ["09:00", "10:00", "10:30"])
def test_history_is_never_rewritten(database: Database, time: str) -> None:
    run(database, "s", [seen("10:00", model("a")), seen("11:00", model("b"))])
    before = everything(database)
    with pytest.raises(ImportRefusedError, match=r"history is never rewritten.*--source NAME"):
        run(database, "s", [seen(time, model("z"))])
    assert everything(database) == before
    assert run(database, "older", [seen(time, model("z"))]).versions == 1


def test_nothing_goes_between_failed_polls(database: Database) -> None:
    run(database, "s", [seen("10:00", model("a"))])
    histories.failed(database, "s", "12:00")
    with pytest.raises(ImportRefusedError):
        run(database, "s", [seen("11:00", model("z"))])
    assert run(database, "s", [seen("13:00", model("z"))]).versions == 1


def test_a_source_that_only_ever_failed_takes_older_history(database: Database) -> None:
    histories.failed(database, "s", "12:00")
    report = run(database, "s", flapping(2))
    assert (report.versions, report.head_version) == (2, 2)


def test_an_import_goes_on_from_polls_and_polls_from_an_import(database: Database) -> None:
    histories.poll(database, "s", "10:00", catalog(model("a")))
    run(database, "s", [seen("11:00", model("b"))])
    assert histories.poll(database, "s", "12:00", catalog(model("c"))) == 3
    with database.read() as connection:
        found = versions.snapshots(connection, sources.choose(connection, "s").id)
    times = [(row.not_before, row.not_after) for row in found]
    assert times[1:] == [(at("10:00"), at("11:00")), (at("11:00"), at("12:00"))]


def test_without_a_density_observations_are_points(database: Database) -> None:
    run(database, "s", [seen("10:00", model("a")), seen("15:00", model("b"))])
    assert stretches(database) == [
        ("imported", 1, "10:00", "10:00", 1),
        ("imported", 2, "15:00", "15:00", 1),
    ]


def _not_before(database: Database) -> list[str | None]:
    with database.read() as connection:
        found = versions.snapshots(connection, sources.choose(connection, "s").id)
    return [f"{row.not_before:%H:%M}" if row.not_before else None for row in found]


def test_a_density_covers_up_to_one_period_before_the_next(database: Database) -> None:
    items: list[Item] = [seen("10:00", model("a")), seen("15:00", model("b"))]
    run(database, "s", items, every=HOUR)
    assert stretches(database) == [
        ("good", 1, "10:00", "14:00", 5),
        ("good", 2, "15:00", "15:00", 1),
    ]
    assert _not_before(database) == [None, "14:00"]
    assert rows(database, "poll") == 0


def test_observations_closer_than_the_density_cover_nothing_more(database: Database) -> None:
    run(database, "s", [seen("10:00", model("a")), seen("10:20", model("b"))], every=HOUR)
    assert stretches(database) == [
        ("good", 1, "10:00", "10:00", 1),
        ("good", 2, "10:20", "10:20", 1),
    ]
    assert _not_before(database) == [None, "10:00"]


def test_a_density_counts_on_across_runs_of_the_same_file(database: Database) -> None:
    items: list[Item] = [seen("10:00", model("a")), seen("15:00", model("b"))]
    run(database, "s", items[:1], every=HOUR)
    run(database, "s", items, every=HOUR)
    assert stretches(database)[0] == ("good", 1, "10:00", "14:00", 5)


def test_a_density_says_nothing_of_the_time_before_its_file(database: Database) -> None:
    run(database, "s", [seen("10:00", model("a"))], every=HOUR)
    run(database, "s", [seen("15:00", model("b"))], every=HOUR)
    assert [(row[0], row[1]) for row in stretches(database)] == [
        ("good", 1),
        ("missed", 1),
        ("good", 2),
    ]
    assert _not_before(database) == [None, "10:00"]


def test_between_what_was_imported_and_the_first_poll_no_schedule_was_missed(
    database: Database,
) -> None:
    run(database, "s", [seen("10:00", model("a")), seen("11:00", model("a"))], every=HOUR)
    for moment in ("14:00", "18:00"):
        with database.write() as transaction:
            state = sources.choose(transaction, "s")
            polled = Poll(state, at(moment), at(moment), missed=True)
            PollRecorder(polled).unchanged(transaction)
    with database.read() as transaction:
        gaps = coverage.ask(transaction, "s", at("18:00")).gaps
    assert [(gap.since, gap.until, gap.why) for gap in gaps] == [
        (
            at("11:00"),
            at("14:00"),
            "imported until 2026-03-01T11:00:00Z, polled since 2026-03-01T14:00:00Z",
        ),
        (at("14:00"), at("18:00"), "no poll was made, though the schedule asked for some"),
    ]


@pytest.mark.parametrize(
    "gap", [Pause("git@1"), Unreadable("file:2", "broken"), Observation(at("12:00"), b"[]", "f:2")]
)
def test_nothing_is_covered_across_what_could_not_be_read(database: Database, gap: Item) -> None:
    items = [seen("10:00", model("a")), gap, seen("15:00", model("b"))]
    run(database, "s", items, every=HOUR, skip_bad=True)
    assert stretches(database)[0] == ("good", 1, "10:00", "10:00", 1)
    assert _not_before(database)[1] == "10:00"


def test_a_density_may_be_given_for_points_imported_before(database: Database) -> None:
    items: list[Item] = [seen("10:00", model("a")), seen("15:00", model("b"))]
    run(database, "s", items[:1])
    run(database, "s", items, every=HOUR)
    assert stretches(database) == [
        ("imported", 1, "10:00", "10:00", 1),
        ("good", 1, "10:00", "14:00", 4),
        ("good", 2, "15:00", "15:00", 1),
    ]


def test_a_file_does_not_overrule_polls_that_saw_something_else(database: Database) -> None:
    items: list[Item] = [seen("10:00", model("a")), seen("15:00", model("b"))]
    run(database, "s", items[:1], every=HOUR)
    histories.poll(database, "s", "12:00", catalog(model("c")))
    run(database, "s", items, every=HOUR)
    assert _not_before(database) == [None, "10:00", "12:00"]


def test_the_body_is_kept_as_it_stood(database: Database) -> None:
    body = (
        b' {"data":[{"id":"a","pricing":{"text":{"prompt":3e-6}}}], "total":1,"object":"list" }\n'
    )
    run(database, "s", [Observation(at("10:00"), body, "f")])
    with database.read() as connection:
        assert body_of(connection, sources.choose(connection, "s").id, 1) == body


def test_only_who_asks_is_notified_and_inside_the_transaction(database: Database) -> None:
    heard: list[tuple[int, int]] = []

    def listen(connection: Any, state: sources.SourceState, new: NewVersion) -> None:
        rows = connection.execute(text("SELECT count(*) FROM event")).scalar_one()
        heard.append((new.version.number, rows))

    run(database, "s", flapping(3), notify=listen)
    assert heard == [(2, 1), (3, 2)]


def test_a_notification_that_fails_leaves_nothing_half_written(database: Database) -> None:
    def fail(*_: object) -> None:
        raise PricetrailError("no")

    run(database, "s", flapping(1))
    with pytest.raises(PricetrailError, match="no"):
        run(database, "s", flapping(3), notify=fail)
    assert (rows(database, "snapshot"), rows(database, "event")) == (1, 0)


def test_a_poll_recorded_meanwhile_is_noticed(database: Database) -> None:
    def interrupted() -> Iterator[Item]:
        yield from flapping(60)
        yield seen("11:00", priced("0.000007"))
        # The rest of a transaction, which is written before the next item is asked for.
        yield from [Pause("x")] * 3
        histories.poll(database, "s", "12:00", catalog(model("other")))
        yield seen("13:00", model("other"), model("more"))

    report = run(database, "s", interrupted())
    assert report.versions == 62
    assert told(database)[-1][1:] == ("model.added", 63)


@pytest.mark.parametrize("number", [0, 1])
def test_what_is_dated_after_now_is_refused_or_passed_over(sqlite_url: str, number: int) -> None:
    database = Database(sqlite_url, clock=lambda: at("10:00") + timedelta(minutes=number))
    items = [*flapping(number + 1), seen("10:03", priced("0.000009"))]
    with pytest.raises(ImportRefusedError, match=r"observed at .*10:03:00Z, which is after now"):
        run(database, "s", items)
    assert rows(database, "snapshot") == number + 1
    report = run(database, "s", items, skip_bad=True)
    assert (report.refused, report.head_version) == (1, number + 1)
    database.close()


_BAD: list[list[Item]] = [
    [],
    [Unreadable("f:1", "broken")],
    [Observation(at("10:00"), b"{", "f:1")],
    [Observation(at("2999-01-01"), dumps(catalog(model("a"))).encode(), "f:1")],
    [Pause("f"), Unreadable("f:1", "broken"), Observation(at("10:00"), b"[]", "f:2")],
]


@pytest.mark.parametrize("items", _BAD)
@pytest.mark.parametrize("skip_bad", [False, True])
def test_a_refused_import_leaves_no_source_behind(
    database: Database, items: list[Item], skip_bad: bool
) -> None:
    made: list[str] = []
    for source, before in (("new", []), ("old", flapping(2))):
        run(database, source, before)
        with contextlib.suppress(ImportRefusedError):
            report = run(
                database, source, items, skip_bad=skip_bad, prepare=lambda: made.append("x")
            )
            assert report.head_version == len(before)
    assert made == []
    with database.read() as connection:
        assert sources.names(connection) == ["old"]
    assert rows(database, "coverage") == 2


def test_bad_ones_between_good_ones_of_a_new_source_leave_what_was_good(
    database: Database,
) -> None:
    run(database, "s", flapping(2))
    run(database, "t", [*_BAD[4], *flapping(2)], skip_bad=True)
    assert _roots(database, "t") == _roots(database, "s")


def test_a_good_one_is_not_looked_for_without_end(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pricetrail.jobs.imports.items._LOOK_AHEAD", 3)
    database = Database(sqlite_url)
    bad: list[Item] = [Unreadable(f"f:{number}", "broken") for number in range(9)]
    report = run(database, "s", [*bad, *flapping(2)], skip_bad=True)
    assert (report.refused, report.versions) == (9, 2)
    assert run(database, "t", bad, skip_bad=True).refused == 9
    with database.read() as connection:
        assert sources.names(connection) == ["s"]
    database.close()
