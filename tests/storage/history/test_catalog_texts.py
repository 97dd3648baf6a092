"""What is known of other versions never shows in a catalog that is another's."""

import random
import shutil
from pathlib import Path

import pytest
from sqlalchemy import delete, event

from pricetrail.catalog.strict_json import printable
from pricetrail.storage import sources
from pricetrail.storage import tables as t
from pricetrail.storage.database import Database, Transaction
from pricetrail.storage.history import catalog_texts, versions
from tests.support.histories import build, catalog, model, poll, tokens

_NAMES = ("Z", "a", "b", "b/c", "é", "e\u202e", "z-1", "z1")


def _served(chance: random.Random) -> dict[str, object]:
    """Some of the models, each at one of three prices."""
    return catalog(
        *(
            model(name, tokens(f"0.00{chance.randint(1, 3)}", "0.1"))
            for name in _NAMES
            if chance.random() < 0.7
        )
    )


def _require_right(transaction: Transaction, source: str, version: int) -> None:
    state = sources.choose(transaction, source)
    states = versions.catalog_at(transaction, state.id, version)
    expected = [(one.model, printable(one.document).encode()) for one in states]
    found = catalog_texts.catalog_texts(transaction, state, version)
    assert list(found.items()) == expected, version


def test_a_version_is_the_same_whatever_was_asked_before(database_url: str) -> None:
    database, chance = Database(database_url), random.Random(17)
    for day in range(1, 13):
        for source in ("s", "other"):
            poll(database, source, f"2026-03-{day:02}", _served(chance))
        with database.read() as transaction:
            for _ in range(6):
                source = chance.choice(["s", "other"])
                newest = sources.choose(transaction, source).head_version
                _require_right(transaction, source, chance.randint(1, newest))
    database.close()


@pytest.mark.parametrize("few", [0, 100])
def test_every_version_in_any_order_and_by_views_that_are_dropped(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    monkeypatch.setattr(catalog_texts, "_FEW", few)
    monkeypatch.setattr(catalog_texts, "_VIEWS", 3)
    database, chance = Database(sqlite_url), random.Random(few)
    build(database, "s", [(f"2026-03-{day:02}", _served(chance)) for day in range(1, 29)])
    with database.read() as transaction:
        newest = sources.choose(transaction, "s").head_version
        asked = [*range(1, newest + 1), *range(newest, 0, -1)]
        for version in [*asked, *chance.sample(asked, len(asked))]:
            _require_right(transaction, "s", version)
    database.close()


def test_only_what_is_not_known_is_read(sqlite_url: str) -> None:
    database = Database(sqlite_url)
    still = [model(f"m{number}") for number in range(30)]
    prices = ["0.1", "0.2", "0.1"]
    ones = [catalog(*still, model("x", tokens(price, "1"))) for price in prices]
    build(database, "s", list(zip(("10:00", "11:00", "12:00"), ones, strict=True)))
    asked: list[int] = []
    with database.read() as transaction:
        state = sources.choose(transaction, "s")

        @event.listens_for(database.engine, "before_cursor_execute")
        def note(*args: object) -> None:
            parameters = args[3]
            assert isinstance(parameters, tuple)
            asked.append(sum(isinstance(value, str) for value in parameters))

        for version in (1, 2, 2, 3, 2):
            catalog_texts.catalog_texts(transaction, state, version)
    # The names of all models; each of them; the one that moved, and again: nothing after that.
    assert asked == [0, 31, 1, 1]
    database.close()


def test_another_history_under_the_same_name_is_another_catalog(sqlite_url: str) -> None:
    database = Database(sqlite_url)
    for price in ("0.1", "0.2"):
        with database.write() as transaction:
            transaction.execute(delete(t.source))
        served = [catalog(model("m", tokens(one, "1")), model("n")) for one in ("0.3", price)]
        build(database, "s", list(zip(("10:00", "11:00"), served, strict=True)))
        with database.read() as transaction:
            for version in (1, 2):
                _require_right(transaction, "s", version)
    database.close()


def test_a_file_in_the_place_of_another_is_another_history(sqlite_url: str, tmp_path: Path) -> None:
    path, backup = Path(sqlite_url.removeprefix("sqlite:///")), tmp_path / "backup.db"
    database = Database(sqlite_url)
    build(database, "s", [("10:00", catalog(model("m")))])
    shutil.copy(path, backup)
    other = Database(f"sqlite:///{backup}")
    for one, price in ((database, "0.2"), (other, "0.3")):
        poll(one, "s", "11:00", catalog(model("m", tokens(price, "1")), model("n")))
        poll(one, "s", "12:00", catalog(model("m", tokens(price, "2"))))
        one.close()
    for file in (path, backup):
        if file is backup:
            backup.replace(path)
        with database.read() as transaction:
            for version in (3, 1, 2):
                _require_right(transaction, "s", version)
    database.close()
