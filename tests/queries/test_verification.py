"""Whether a history agrees with its hashes, as a value and as the contract's shape."""

import sqlite3
from collections.abc import Iterator

import pytest

from pricetrail.catalog.errors import NotFoundError
from pricetrail.catalog.saved_heads import SavedHead
from pricetrail.queries import head
from pricetrail.queries.verification import VerificationAnswer, ask
from pricetrail.storage.database import Database
from tests.queries.documents import document
from tests.support.histories import build, catalog, failed, hourly, model, tokens

PRICES = ("0.1", "0.2", "0.3")


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    opened = Database(database_url)
    yield opened
    opened.close()


def record(database: Database) -> None:
    catalogs = [catalog(model("a", tokens(price, "0.5"))) for price in PRICES]
    build(database, "s", hourly("10:00", catalogs))


def verified(database: Database, saved: SavedHead | None = None) -> VerificationAnswer:
    with database.read() as transaction:
        return ask(transaction, "s", saved)


def test_a_whole_history_is_ok_and_each_version_is_counted(database: Database) -> None:
    record(database)
    done: list[int] = []
    with database.read() as transaction:
        saved = head.ask(transaction).saved
        answer = ask(transaction, None, saved, done.append)
    assert (answer.ok, done) == (True, [1, 1, 1])
    assert document(answer) == {
        "source": "s",
        "ok": True,
        "snapshots": 3,
        "version": 3,
        "head": f"sha256:{saved.hash.hex()}",
        "first_break": None,
        "bodies_pruned": 0,
        "saved_head": {"head": str(saved), "found_at_version": 3},
    }
    assert document(verified(database))["saved_head"] is None


def test_a_head_of_another_history_is_the_first_break(database: Database) -> None:
    record(database)
    answer = verified(database, SavedHead(2, b"\x07" * 32))
    shown = document(answer)
    assert (answer.ok, shown["ok"], shown["saved_head"]["found_at_version"]) == (False, False, None)
    assert (shown["first_break"]["version"], shown["first_break"]["what"]) == (2, "head")
    assert "history was rewritten" in shown["first_break"]["why"]


def test_the_first_break_is_named(sqlite_url: str) -> None:
    database = Database(sqlite_url)
    record(database)
    with sqlite3.connect(database.sqlite_path or "") as connection:
        connection.execute("UPDATE snapshot SET models = 9 WHERE version > 1")
    connection.close()
    shown = document(verified(database))
    database.close()
    assert (shown["ok"], shown["snapshots"]) == (False, 1)
    assert shown["first_break"]["version"] == 2


def test_without_a_version_there_is_nothing_to_verify_unless_a_head_was_saved(
    database: Database,
) -> None:
    failed(database, "s", "10:00")
    with pytest.raises(NotFoundError, match="no snapshot yet"):
        verified(database)
    assert not verified(database, SavedHead(1, b"\x07" * 32)).ok
