"""Events by their ids and by the beginnings of them, found without reading the log."""

from collections.abc import Iterator

import pytest
from sqlalchemy.event import listen

from pricetrail.catalog.errors import NotFoundError, exit_code
from pricetrail.storage.database import Database
from pricetrail.storage.history import event_ids, events
from pricetrail.storage.history.events import EventFilter
from pricetrail.storage.id_prefixes import AmbiguousIdError
from tests.support.histories import build, catalog, model


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """Forty models that came at once."""
    found = Database(database_url)
    many = catalog(*(model(f"m-{n}") for n in range(40)))
    build(found, "s", [("10:00", catalog(model("a"))), ("11:00", many)])
    yield found
    found.close()


def ids(database: Database) -> list[str]:
    with database.read() as connection:
        return sorted(event.id for _, event in events.read(connection, EventFilter()))


def test_an_event_is_found_by_every_beginning_that_is_its_alone(database: Database) -> None:
    every = ids(database)
    with database.read() as connection:
        for name in every[::9]:
            for size in (*range(5, 16), 43, 44):
                some = [other for other in every if other.startswith(name[:size])]
                for given in (name[:size], name[4:size], f"{name[:size].upper()}…"):
                    if some == [name]:
                        assert event_ids.get(connection, given).id == name
                        assert event_ids.number_of(connection, given) is not None
                    else:
                        with pytest.raises(AmbiguousIdError) as problem:
                            event_ids.get(connection, given)
                        assert ", ".join(some[:4]) in str(problem.value)
                        assert ("…;" in str(problem.value)) == (len(some) > 4)
                        assert exit_code(problem.value) == 2


def test_an_id_that_no_event_has_is_nothing_to_answer_from(database: Database) -> None:
    zeros = "evt_" + "0" * 40
    with database.read() as connection:
        for name in (zeros, "evt_", "", "…", f"{zeros}0", "evt_é", "'; --", "evt_a%"):
            with pytest.raises(NotFoundError, match="pricetrail events"):
                event_ids.get(connection, name)
            assert event_ids.number_of(connection, name) is None


def test_an_event_is_found_by_the_index_alone(sqlite_url: str) -> None:
    database = Database(sqlite_url)
    build(database, "s", [("10:00", catalog()), ("11:00", catalog(model("a")))])
    name, *_ = ids(database)
    asked: list[tuple[str, tuple[object, ...]]] = []

    def note(_c: object, _cursor: object, said: str, given: tuple[object, ...], *_: object) -> None:
        asked.append((said, given))

    with database.read() as connection:
        listen(connection, "before_cursor_execute", note)
        for given in (name, name[:12]):
            assert event_ids.get(connection, given).id == name
        event_ids.number_of(connection, name)
        for said, bound in asked[:]:
            rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {said}", bound)
            plan = [row[3] for row in rows]
            assert any("SEARCH event USING INDEX ix_event_id_start" in step for step in plan), plan
            assert not any("SCAN event" in step for step in plan)
    database.close()
