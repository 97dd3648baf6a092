"""Whatever else is done to a history behind our back is found, given a head saved before."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Connection, text

from pricetrail.catalog.saved_heads import SavedHead
from pricetrail.storage import sources
from pricetrail.storage.codecs.documents import encode
from pricetrail.storage.database import Database
from pricetrail.storage.verification.verify import verify
from tests.conftest import Recording
from tests.storage.tampering import (
    VERSIONS,
    Kept,
    fifty_versions,
    missed,
    statement,
    undone,
    verdict,
    what_breaks,
)
from tests.support import pruned
from tests.support.histories import at, build, catalog, hourly, model, tokens

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("number", [None, VERSIONS])
def test_an_untouched_history_verifies(
    with_history: Callable[[Recording], str], kept: Kept, number: int | None
) -> None:
    """And by a head that was saved of the same history on another database."""
    database, saved = Database(with_history(fifty_versions)), kept.saved
    with database.read() as connection:
        found = verdict(connection, SavedHead(number, saved.hash))
    database.close()
    assert (found.ok, found.snapshots, found.saved_at) == (True, VERSIONS, VERSIONS)
    assert (found.head, found.bodies_pruned, found.first_break) == (saved.hash, 0, None)


def test_progress_is_told_version_by_version(kept: Kept) -> None:
    told: list[int] = []
    with kept[0].read() as connection:
        verify(connection, sources.choose(connection, "s"), advance=told.append)
    assert told == [1] * VERSIONS


def test_events_whose_numbers_change_places_are_found(kept: Kept) -> None:
    def swap(connection: Connection) -> None:
        for sql in ("-1 WHERE number = 5", "5 WHERE number = 40", "40 WHERE number = -1"):
            connection.execute(text(f"UPDATE event SET number = {sql}"))

    assert what_breaks(*kept, swap) == "events"


def test_the_end_of_history_cut_off_is_found_given_a_head(
    kept: Kept,
) -> None:
    """Cut off with everything that hangs on it, what is left agrees with itself."""

    def cut(connection: Connection) -> None:
        for sql in (
            "DELETE FROM event WHERE version = 50 AND at IS NULL",
            "DELETE FROM price WHERE valid_from = 50",
            "DELETE FROM model_version WHERE valid_from = 50",
            "UPDATE model_version SET valid_to = NULL WHERE valid_to = 50",
            "DELETE FROM schema_seen WHERE version = 50",
            "DELETE FROM snapshot WHERE version = 50",
            "UPDATE source SET head_version = 49",
            "UPDATE source SET head_hash = (SELECT chain_hash FROM snapshot WHERE version = 49)",
        ):
            connection.execute(text(sql))

    assert what_breaks(kept[0], None, cut) is None
    assert what_breaks(kept[0], SavedHead(None, kept[1].hash), cut) == "head"
    assert what_breaks(*kept, cut) == "head"


_SWAPS = {
    "snapshot": "version",
    "event": "version",
    "model_version": "valid_from",
    "price": "valid_from",
}


@pytest.mark.parametrize("table", _SWAPS)
@pytest.mark.parametrize(("one", "other"), [(1, 2), (7, 8), (20, 40), (49, 50)])
def test_versions_that_change_places_are_found(
    kept: Kept, table: str, one: int, other: int
) -> None:
    column = _SWAPS[table]

    def swap(connection: Connection) -> None:
        for sql in (
            f"UPDATE {table} SET {column} = -1 WHERE {column} = {one}",
            f"UPDATE {table} SET {column} = {one} WHERE {column} = {other}",
            f"UPDATE {table} SET {column} = {other} WHERE {column} = -1",
        ):
            connection.execute(text(sql))

    assert what_breaks(*kept, swap) is not None


def test_contents_of_versions_that_change_places_are_found(
    kept: Kept,
) -> None:
    changes = []
    for column in ("body", "body_hash", "chain_hash", "catalog_root", "not_after", "models"):
        other = f"(SELECT {column} FROM snapshot AS other WHERE other.version = 12)"
        changes.append(
            statement(f"UPDATE snapshot SET {column} = {other} WHERE version = 10")
            if column != "models"
            else statement("UPDATE snapshot SET models = models + 1 WHERE version = 10")
        )
    assert missed(kept, changes) == []


def test_events_in_another_order_are_found(kept: Kept) -> None:
    def swap(connection: Connection) -> None:
        several = "SELECT version FROM event GROUP BY version HAVING COUNT(*) > 1 LIMIT 1"
        pair = connection.execute(
            text(f"SELECT number, sequence FROM event WHERE version = ({several}) LIMIT 2")
        ).all()
        (first, one), (second, other) = pair
        for number, sequence in ((first, other), (second, one)):
            row = f"UPDATE event SET sequence = {sequence} WHERE number = {number}"
            connection.execute(text(row))

    assert what_breaks(*kept, swap) == "events"


def test_rows_that_were_put_in_are_found(kept: Kept) -> None:
    made_up = "x'" + "ab" * 20 + "'"
    event = "INSERT INTO event (id, source_id, version, sequence, type, model_id, at, body) VALUES"
    copied = "1, model_id, 99, NULL, NULL, document FROM model_version WHERE valid_from = 1 LIMIT 1"
    changes = [
        statement("UPDATE event SET type = 'model.removed' WHERE type = 'r'"),
        statement("UPDATE event SET type = 'model.repriced' WHERE type = 'p'"),
        statement(f"{event} ({made_up}, 1, 3, 900, 'p', 1, NULL, '{{}}')"),
        statement(f"{event} ({made_up}, 1, 3, 900, 'p', 1, NULL, NULL)"),
        statement(f"{event} ({made_up}, 1, 3, 900, 'a', 1, 1772323200000, 1)"),
        statement(f"{event} ({made_up}, 1, 3, 900, 'model.added', 1, 1772323200000, 1)"),
        statement(f"{event} ({made_up}, 1, 77, 0, 'a', 1, NULL, NULL)"),
        statement(f"INSERT INTO model_version SELECT {copied}"),
        statement(
            "INSERT INTO price SELECT 1, model_id, 99, path_id, amount, '' FROM price LIMIT 1"
        ),
        statement("INSERT INTO price SELECT 1, model_id, 1, 999, '1', NULL FROM price LIMIT 1"),
        statement("INSERT INTO schema_seen VALUES (1, '/pricing/made/up', 3)"),
    ]
    assert missed(kept, changes) == []


def test_a_history_rewritten_as_a_whole_is_found_by_the_saved_head(
    kept: Kept, sqlite_url: str
) -> None:
    """Recorded anew with one price changed, it agrees with itself, and with no head of old."""
    database = Database(sqlite_url)
    fifty_versions(database, dearer_at=30)
    older = _head_of(kept[0], 29)
    with database.read() as connection:
        assert verdict(connection, None).ok
        assert verdict(connection, older).saved_at == 29
        found = verdict(connection, kept[1]).first_break
        assert found is not None
        assert (found.version, found.what) == (VERSIONS, "head")
        unnumbered = verdict(connection, SavedHead(None, kept[1].hash)).first_break
        assert unnumbered is not None
        assert (unnumbered.version, unnumbered.what) == (None, "head")
        broken_since = verdict(connection, _head_of(kept[0], 31)).first_break
        assert broken_since is not None
        assert broken_since.version == 31
    database.close()


def _head_of(database: Database, version: int) -> SavedHead:
    with database.read() as connection:
        query = text(f"SELECT chain_hash FROM snapshot WHERE version = {version}")
        return SavedHead(version, connection.execute(query).scalar_one())


def test_the_first_break_is_the_earliest(kept: Kept) -> None:
    with undone(kept[0]) as connection:
        connection.execute(text("UPDATE snapshot SET models = 9 WHERE version IN (17, 30)"))
        connection.execute(text("UPDATE event SET body = '{}' WHERE version = 22"))
        found = verdict(connection, kept[1])
    assert found.first_break is not None
    assert (found.first_break.version, found.first_break.what) == (17, "counts")
    assert found.snapshots == 16
    assert found.first_break.why == "models: 4, and the row says 9"


def test_after_pruning_it_verifies_and_counts_what_cannot_be_shown(
    with_history: Callable[[Recording], str], kept: Kept
) -> None:
    database, saved = Database(with_history(fifty_versions)), kept.saved
    with database.write() as connection:
        pruned.prune_bodies(connection, at("2026-03-02T05:30:00Z"))
    with database.read() as connection:
        found = verdict(connection, saved)
    assert (found.ok, found.bodies_pruned, found.saved_at) == (True, 29, VERSIONS)
    database.close()


# Readable, and not what was served.
ANOTHER = "x'" + encode('{"id":"a-moving","pricing":null}').hex() + "', base = NULL"


@pytest.mark.parametrize(
    ("sql", "what"),
    [
        (f"UPDATE model_version SET document = {ANOTHER} WHERE valid_from = 5", "catalog"),
        ("UPDATE model_version SET document = x'07' WHERE valid_from = 5", "models"),
        ("UPDATE model_version SET base = 4 WHERE base = 1", "models"),
        ("UPDATE model_version SET valid_to = NULL WHERE valid_to = 9", "models"),
        ("UPDATE snapshot SET body_hash = catalog_root WHERE version = 9", "chain"),
        ("UPDATE snapshot SET not_after = not_before WHERE version = 9", "chain"),
        ("UPDATE event SET body = '{}' WHERE version = 9 AND type = 'p'", "events"),
        ("UPDATE price SET amount = '1' WHERE valid_from = 9", "prices"),
    ],
)
def test_after_pruning_changes_are_still_found(kept: Kept, sql: str, what: str) -> None:
    def change(connection: Connection) -> None:
        pruned.prune_bodies(connection, at("2026-03-02T05:30:00Z"))
        assert verdict(connection, kept[1]).ok
        assert connection.execute(text(sql)).rowcount > 0

    assert what_breaks(*kept, change) == what


def test_a_new_notation_of_a_model_that_goes_is_no_break_after_pruning(database_url: str) -> None:
    """Its document is kept as of the version that it began with."""

    def noted(prompt: str | int) -> dict[str, Any]:
        return {"id": "m", "pricing": {"kind": "token", "text": {"prompt": prompt}}}

    others = [model("o", tokens(f"0.{n}", "1")) for n in range(1, 6)]
    there = [catalog(noted("1"), others[0]), catalog(noted(1), others[1])]
    database = Database(database_url)
    build(database, "s", hourly("09:00", [*there, *map(catalog, others[2:])]))
    with database.write() as connection:
        assert verdict(connection, None).ok
        pruned.prune_bodies(connection, at("13:30"))
        found = verdict(connection, None)
    assert (found.first_break, found.bodies_pruned) == (None, 4)
    database.close()


@pytest.mark.parametrize("version", [20, VERSIONS])
def test_a_body_that_is_gone_is_found_where_pruning_would_have_kept_it(
    kept: Kept, version: int
) -> None:
    sql = f"UPDATE snapshot SET body = NULL, body_base = NULL WHERE version = {version}"
    assert what_breaks(*kept, statement(sql)[1]) == "body"


def test_on_postgres_changes_are_found_too(postgres_url: str) -> None:
    database = Database(postgres_url)
    kept = Kept(database, fifty_versions(database))
    some_bytes = "decode('" + "00" * 32 + "', 'hex')"
    changes = [
        statement(f"UPDATE snapshot SET chain_hash = {some_bytes} WHERE version = 9"),
        statement("UPDATE snapshot SET body = set_byte(body, 12, get_byte(body, 12) # 1)"),
        statement(
            "UPDATE snapshot SET not_after = not_after + interval '1 microsecond' WHERE version = 9"
        ),
        statement("UPDATE snapshot SET updated = 7 WHERE version = 9"),
        statement("UPDATE model_version SET document = document || document WHERE valid_from = 9"),
        statement(f"UPDATE model_version SET document = {some_bytes} WHERE valid_from = 9"),
        statement("UPDATE model_version SET base = 4 WHERE base = 1"),
        statement("UPDATE price SET amount = amount * 2 WHERE valid_from = 9"),
        statement("UPDATE event SET body = '{}' WHERE version = 9 AND type = 'p'"),
        statement("UPDATE path SET unit = 'EUR'"),
        statement("DELETE FROM event WHERE version = 9"),
        statement("DELETE FROM price WHERE valid_from = 9"),
        statement("DELETE FROM snapshot WHERE version = 9"),
    ]
    assert missed(kept, changes) == []
    database.close()


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE coverage SET version = 1, outcome = 'g', why = NULL",
        "DELETE FROM coverage",
        "DELETE FROM poll",
        "UPDATE source SET failures = 7, etag = 'x', last_error = 'made up'",
        "UPDATE event SET number = number + 1000 WHERE version = 50",
    ],
)
def test_what_the_docs_say_is_not_promised_is_not_found(kept: Kept, sql: str) -> None:
    assert what_breaks(*kept, statement(sql)[1]) is None
