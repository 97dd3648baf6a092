"""Everything into another database, of either kind and back, or nothing at all."""

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, insert, select, text, update

from pricetrail.catalog.errors import FailedError, InvalidInputError
from pricetrail.jobs.moving import Moved, Shown, move
from pricetrail.queries import event_pages
from pricetrail.queries.event_cursors import Question
from pricetrail.storage import schema, sources
from pricetrail.storage import tables as t
from pricetrail.storage.database import Database
from pricetrail.storage.errors import ForeignDatabaseError, StorageError
from tests.jobs.full import HOOK, full
from tests.jobs.stage import staged
from tests.support.histories import build, catalog, model
from tests.support.receivers import receiving

pytestmark = pytest.mark.slow

Recorded = Callable[[Callable[[Database], object]], str]


class Told:
    """A bar that remembers."""

    def __init__(self) -> None:
        self.done = 0

    def advance(self, amount: int) -> None:
        self.done += amount


@contextmanager
def unseen(_label: str, total: int) -> Iterator[Told]:
    """A bar that must come to its end."""
    bar = Told()
    yield bar
    assert bar.done == total


def rows_of(url: str) -> dict[str, list[Any]]:
    """Every row of every table, its values as the program reads them."""
    database = Database(url)
    with database.read() as connection:
        found = {
            table.name: sorted(map(repr, connection.execute(select(table))))
            for table in t.metadata.sorted_tables
        }
    database.close()
    return found


def moved(origin: str, target: str, shown: Shown = unseen) -> Moved:
    old, new = Database(origin), Database(target)
    try:
        return move(old, new, shown)
    finally:
        old.close()
        new.close()


@pytest.fixture
def sqlite_full(_sqlite_histories: Callable[..., Path], tmp_path: Path) -> str:
    shutil.copyfile(_sqlite_histories(full), tmp_path / "full.db")
    return f"sqlite:///{tmp_path / 'full.db'}"


@pytest.fixture
def sqlite_target(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'new.db'}"


@pytest.fixture
def postgres_target(new_postgres: Callable[[str], str]) -> str:
    return new_postgres("template0")


@pytest.fixture(params=["sqlite", "postgres"])
def target(request: pytest.FixtureRequest) -> str:
    url: str = request.getfixturevalue(f"{request.param}_target")
    return url


def test_every_row_of_every_table_is_the_same_there(with_history: Recorded, target: str) -> None:
    origin = with_history(full)
    before = rows_of(origin)
    assert all(before.values()), [name for name, rows in before.items() if not rows]
    told = moved(origin, target)
    assert rows_of(target) == rows_of(origin) == before
    assert {one.table: one.rows for one in told.tables} == {
        name: len(rows) for name, rows in before.items()
    }
    assert [(one.source, one.version) for one in told.sources] == [
        ("of a dialect", 2),
        ("two", 6),
        ("without a version", 0),
        ("één", 4),
    ]
    _next_numbers_are_new(target)


def _next_numbers_are_new(url: str) -> None:
    database = Database(url)
    with database.write() as connection:
        for number in (t.silence.c.id, t.model.c.id, t.event.c.number):
            highest = connection.execute(select(func.max(number))).scalar_one()
            row = {"glob": "", "reason": "", "source_id": 1, "name": "x", "id": "evt_" + "0" * 40}
            row |= {"until": database.now(), "created_at": database.now()}
            row |= {"version": 0, "sequence": 0, "type": "x"}
            values = {one.name: row[one.name] for one in number.table.c if one.name in row}
            if number.name == "id":
                del values["id"]
            connection.execute(insert(number.table).values(values))
            assert connection.execute(select(func.max(number))).scalar_one() == highest + 1
    database.close()


def test_numbers_of_a_removed_source_are_not_given_out_again(
    sqlite_full: str, postgres_target: str
) -> None:
    old = Database(sqlite_full)
    with old.write() as connection:
        connection.execute(update(t.removed_source).values(last_event=1000))
    old.close()
    moved(sqlite_full, postgres_target)
    for url in (sqlite_full, postgres_target):
        database = Database(url)
        build(database, "new", [("10:00", catalog()), ("11:00", catalog(model("a")))])
        with database.read() as connection:
            made = sources.choose(connection, "new").id
            assert made == 5
            first = select(func.min(t.event.c.number)).where(t.event.c.source_id == made)
            assert connection.execute(first).scalar_one() == 1001
        database.close()


def test_messages_go_on_in_their_order_with_the_ids_that_they_had(
    sqlite_full: str, postgres_target: str
) -> None:
    moved(sqlite_full, postgres_target)
    with receiving() as receiver:
        hook = replace(HOOK, url=receiver.url, allow_private=True, ordering="strict")
        ids = []
        for url in (sqlite_full, postgres_target):
            with staged(url, webhooks={"main": hook}) as stage:
                stage.pass_time(days=20)
                while stage.deliver().delivered:
                    pass
            ids.append([*receiver.ids])
            receiver.requests.clear()
    assert ids[0] == ids[1]
    assert len(ids[0]) > 10


def test_a_cursor_goes_on_where_it_was(sqlite_full: str, postgres_target: str) -> None:
    moved(sqlite_full, postgres_target)
    old, new = Database(sqlite_full), Database(postgres_target)
    cursor = event_pages.ask(old, Question(), None, 7).next
    for size in (1, 100):
        pages = [event_pages.ask(database, Question(), cursor, size) for database in (old, new)]
        assert pages[0].as_json() == pages[1].as_json()
        assert pages[0].end == pages[1].end
        assert len(pages[0].entries) > 0
    old.close()
    new.close()


def test_numbers_that_postgres_gave_out_are_not_given_out_again(
    with_history: Recorded, postgres_target: str
) -> None:
    origin = with_history(full)
    written(origin, "DELETE FROM silence WHERE id > 1")
    if origin.startswith("postgresql"):
        written(origin, "SELECT setval('silence_id_seq', 77)")
    moved(origin, postgres_target)
    query = "SELECT last_value, is_called FROM silence_id_seq"
    assert read(postgres_target, query) == [(77 if origin.startswith("postgresql") else 1, True)]


def written(url: str, statement: str, **values: object) -> None:
    database = Database(url)
    with database.write() as connection:
        connection.execute(text(statement), values)
    database.close()


def read(url: str, query: str) -> list[Any]:
    database = Database(url)
    with database.read() as connection:
        rows = list(map(tuple, connection.execute(text(query))))
    database.close()
    return rows


def nothing_there(url: str) -> bool:
    database = Database(url)
    try:
        return schema.current(database) is None
    finally:
        database.close()


def test_tables_without_a_row_are_as_good_as_none(sqlite_full: str, postgres_url: str) -> None:
    """Whoever made the database has run `db upgrade` there; another may have no right to."""
    moved(sqlite_full, postgres_url)
    assert rows_of(postgres_url) == rows_of(sqlite_full)
    with pytest.raises(InvalidInputError, match=r"not empty \(its table \w+ has rows\)"):
        moved(sqlite_full, postgres_url)


def test_nothing_but_a_new_database_of_this_schema_is_written_to(
    sqlite_full: str, target: str
) -> None:
    with pytest.raises(InvalidInputError, match="not empty"):
        moved(sqlite_full, sqlite_full)
    written(target, "CREATE TABLE customer (id INTEGER)")
    with pytest.raises(ForeignDatabaseError, match="customer"):
        moved(sqlite_full, target)
    written(target, "DROP TABLE customer")
    schema.prepare(target)
    written(target, "UPDATE alembic_version SET version_num = '0014'")
    with pytest.raises(StorageError, match="pricetrail db upgrade"):
        moved(sqlite_full, target)


class Interrupted(BaseException):
    """As a signal would."""


def test_what_is_interrupted_leaves_nothing_and_can_be_run_again(
    sqlite_full: str, target: str
) -> None:
    for stop in ("copying", "verifying the new"):
        seen = []

        @contextmanager
        def interrupted(label: str, total: int, stop: str = stop) -> Iterator[Told]:
            seen.append(label)  # noqa: B023 - used within this turn of the loop
            yield Told()
            if label == stop:
                # Nobody sees a half.
                assert target.startswith("sqlite") or nothing_there(target)
                raise Interrupted

        with pytest.raises(Interrupted):
            moved(sqlite_full, target, interrupted)
        assert seen[-1] == stop
        assert nothing_there(target)
        assert target.startswith("postgresql") or not Path("new.db").exists()
    moved(sqlite_full, target)


def test_who_goes_on_polling_is_told_and_nothing_is_kept(
    with_history: Recorded, sqlite_target: str
) -> None:
    origin = with_history(full)
    if origin.startswith("sqlite"):
        # Elsewhere a poll waits until it was read.
        connection = sqlite3.connect(Path("test.db"))
        connection.execute("PRAGMA journal_mode=WAL")
        connection.close()

    @contextmanager
    def meanwhile(label: str, _total: int) -> Iterator[Told]:
        yield Told()
        if label == "copying":
            written(origin, "UPDATE source SET polls = polls + 3 WHERE name = 'two'")

    with pytest.raises(FailedError, match=r"polls meanwhile: 3.*stop pricetrail"):
        moved(origin, sqlite_target, meanwhile)
    assert nothing_there(sqlite_target)


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE silence SET reason = char(97, 0, 98) WHERE id = 1", r"silence.reason \(id 1\)"),
        ("UPDATE usage_file SET rows = 2147483648", "usage_file: the new database refuses"),
        ("UPDATE snapshot SET models = 7 WHERE version = 2", "is broken.*restore a backup"),
        ("UPDATE usage SET quantity = 'x'", "a stored amount"),
        ("UPDATE source SET clock_polls = 1.5", "a value of the kind float"),
    ],
)
def test_what_cannot_be_kept_is_named_and_nothing_is_moved(
    sqlite_full: str, postgres_target: str, statement: str, said: str
) -> None:
    written(sqlite_full, statement)
    with pytest.raises((FailedError, StorageError), match=said):
        moved(sqlite_full, postgres_target)
    assert nothing_there(postgres_target)


def test_a_nul_stays_a_nul_on_sqlite(sqlite_full: str, sqlite_target: str) -> None:
    written(sqlite_full, "UPDATE silence SET reason = char(97, 0, 98), glob = '' WHERE id = 1")
    moved(sqlite_full, sqlite_target)
    assert rows_of(sqlite_target) == rows_of(sqlite_full)


def test_a_time_finer_than_sqlite_keeps_is_no_silent_loss(
    sqlite_full: str, postgres_url: str, sqlite_target: str
) -> None:
    moved(sqlite_full, postgres_url)
    written(postgres_url, "UPDATE silence SET until = '2026-03-01T10:00:00.000001Z'")
    with pytest.raises(FailedError, match=r"silence came out otherwise \(2 rows"):
        moved(postgres_url, sqlite_target)
    assert nothing_there(sqlite_target)
