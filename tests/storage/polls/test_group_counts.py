"""Sources added up by their labels; `tests/queries/test_metrics.py` asks for all of it."""

from collections.abc import Iterator

import pytest
from sqlalchemy import update

from pricetrail.storage import tables as t
from pricetrail.storage.database import Database
from pricetrail.storage.polls import group_counts
from tests.support.histories import at, build, catalog, failed, model

NOW = at("18:00")


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    opened = Database(database_url)
    yield opened
    opened.close()


def test_labels_of_the_configuration_hold_before_those_that_are_kept(database: Database) -> None:
    for name in ("a", "b", "c", "d"):
        build(database, name, [("10:00", catalog(model("m"))), ("11:00", catalog(model("n")))])
    failed(database, "a", "12:00")
    kept = '{"labels": {"team": "kept"}, "url": "http://127.0.0.1/"}'
    with database.write() as connection:
        some = t.source.c.name.in_(("b", "c"))
        connection.execute(update(t.source).where(some).values(settings=kept))
        # Whatever else they say, no labels are none.
        none = t.source.c.name == "d"
        connection.execute(update(t.source).where(none).values(settings='{"url": "x"}'))
    with database.read() as connection:
        given = {"a": {"team": "search"}, "c": {"team": "search"}, "d": {}}
        found = group_counts.counts(connection, NOW, given)
    by_label = {one.labels.get("team"): one for one in found}
    assert set(by_label) == {"search", "kept", None}
    search = by_label["search"]
    assert (search.polls["changed"], search.polls["failed"], search.failures) == (4, 1, 1)
    assert search.events == {"model.added": 2, "model.removed": 2}
    assert (search.models, search.version, search.good_at) == (2, 4, at("11:00"))
    assert by_label["kept"].polls["changed"] == by_label[None].polls["changed"] == 2
