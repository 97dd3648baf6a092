"""Pages of the sources; `tests/queries/test_sources.py` asks for more of them."""

from collections.abc import Iterator

import pytest

from pricetrail.storage import source_pages, sources
from pricetrail.storage.database import Database
from tests.support.histories import at, build, catalog, failed, model

NOW = at("18:00")


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    opened = Database(database_url)
    for name in ("a", "b", "c"):
        build(opened, name, [("10:00", catalog(model("m"), model("n")))])
    failed(opened, "b", "11:00")
    with opened.write() as connection:
        late = sources.choose(connection, "c").id
        sources.remember_schedules(connection, {late: ("[]", at("12:00"))})
    yield opened
    opened.close()


def test_a_page_has_what_is_shown_of_a_source(database: Database) -> None:
    with database.read() as connection:
        found = source_pages.page(connection, NOW, urgent_first=True)
    assert [(one.state.name, one.models, one.overdue, one.settings) for one in found] == [
        ("b", 2, False, None),
        ("c", 2, True, None),
        ("a", 2, False, None),
    ]


def test_what_is_wrong_is_counted_and_the_first_are_named(database: Database) -> None:
    with database.read() as connection:
        assert source_pages.counts(connection, NOW) == source_pages.Counts(3, 0, 1)
        assert [one.state.name for one in source_pages.overdue(connection, NOW, 1)] == ["c"]
        assert source_pages.failing(connection, NOW, 1) == []
        assert source_pages.sound(connection, NOW) == {"a"}
        assert source_pages.sound(connection, NOW, at("11:00")) == frozenset()
        assert source_pages.there(connection, ["a", "z"]) == {"a"}
        assert not source_pages.any_kept(connection)
