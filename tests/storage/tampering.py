"""A history of fifty versions, and everything that can be done to its rows behind our back."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple, TypeAlias

from sqlalchemy import Connection, text
from sqlalchemy.exc import IntegrityError

from pricetrail.catalog.saved_heads import SavedHead
from pricetrail.storage import sources
from pricetrail.storage.database import Database
from pricetrail.storage.history import versions
from pricetrail.storage.history.bodies import body_of
from pricetrail.storage.verification.verify import Verdict, verify
from tests.support.histories import build, catalog, failed, hourly, model, tokens

Tampering: TypeAlias = Callable[[Connection], object]

VERSIONS = 50
# What the chain covers, or what can be worked out from it: every column, by table. Of the numbers
# of events their order is, and no more.
COVERED = {
    "snapshot": (
        *("version", "not_before", "not_after", "catalog_root", "chain_hash", "body_hash"),
        *("body_size", "body", "body_base", "models", "added", "removed", "repriced", "updated"),
        "shared_body_id",
    ),
    "shared_body": ("id", "body"),
    "model": ("name",),
    "model_version": ("source_id", "model_id", "valid_from", "valid_to", "base", "document"),
    "price": ("source_id", "model_id", "valid_from", "path_id", "amount", "flagged"),
    "path": ("path", "unit"),
    "event": ("id", "version", "sequence", "type", "model_id", "at", "body"),
    "schema_seen": ("item", "version"),
}
# On SQLite: `rowid` where there is one, the key where there is none.
KEYS = {
    "model_version": ("model_id", "valid_from"),
    "price": ("model_id", "valid_from", "path_id"),
    "schema_seen": ("source_id", "item"),
}


def fifty_versions(database: Database, *, dearer_at: int | None = None) -> SavedHead:
    """A history of all that there is to keep, and its head.

    Args:
        dearer_at: the version in which one price shall have been another one.
    """
    return recorded(database, VERSIONS, dearer_at)


def recorded(database: Database, number: int, dearer_at: int | None = None) -> SavedHead:
    """Prices move, a model comes and goes, a name changes, a price is no amount; the head."""
    hours = [_catalog(n, dearer=n + 1 == dearer_at) for n in range(number)]
    build(database, "s", hourly("2026-03-01", hours))
    failed(database, "s", "2026-03-20")
    with database.read() as connection:
        state = sources.choose(connection, "s")
    assert state.head_version == number
    return SavedHead(number, state.head_hash)


def _catalog(hour: int, *, dearer: bool) -> dict[str, Any]:
    steady = model("steady", tokens("0.000009" if dearer else "0.000001", "0.000002"))
    moving = model("a-moving", tokens(f"0.00000{hour + 10}", "0.00001"))
    named = model("named", display_name=f"Näme {hour // 7}", note=hour // 11)
    odd = model("odd", {"kind": "token", "text": {"prompt": "free" if hour % 13 else "0"}})
    passing = [model("passing", tokens("0.5", "1"))] if hour % 9 < 4 else []
    return catalog(steady, moving, named, odd, *passing)


class Kept(NamedTuple):
    """A history, and its head as somebody saved it elsewhere."""

    database: Database
    saved: SavedHead


class Cell(NamedTuple):
    """One stored value; `where` names its row."""

    table: str
    column: str
    where: str
    value: Any


def cells(connection: Connection, table: str) -> list[Cell]:
    """Every value of a table that is not null, on SQLite."""
    keys = KEYS.get(table, ("rowid",))
    wanted = COVERED[table]
    query = f"SELECT {', '.join(keys)}, {', '.join(wanted)} FROM {table}"
    found = []
    for row in connection.execute(text(query)):
        pairs = zip(keys, row[: len(keys)], strict=True)
        where = " AND ".join(f"{key} = {_literal(value)}" for key, value in pairs)
        values = zip(wanted, row[len(keys) :], strict=True)
        found += [Cell(table, name, where, value) for name, value in values if value is not None]
    return found


def _literal(value: Any) -> str:
    return str(value) if isinstance(value, int) else "'" + str(value).replace("'", "''") + "'"


def put(connection: Connection, cell: Cell, value: Any) -> None:
    """Write another value in a cell's place."""
    # Text of any bytes goes in as a blob and is made text by the statement.
    new = "CAST(:value AS TEXT)" if isinstance(cell.value, str) else ":value"
    connection.execute(
        text(f"UPDATE {cell.table} SET {cell.column} = {new} WHERE {cell.where}"), {"value": value}
    )


def flipped(value: Any, place: int, bit: int = 0) -> Any:
    """The value with one bit of one byte turned over; a number is another number."""
    if isinstance(value, int):
        return value ^ 1
    raw = bytearray(value if isinstance(value, bytes) else value.encode())
    raw[place % len(raw)] ^= 1 << bit
    return bytes(raw)


@contextmanager
def undone(database: Database) -> Iterator[Connection]:
    """A connection whose changes are taken back; on SQLite nothing watches over keys there."""
    with database.engine.connect() as connection:
        raw = connection.connection.driver_connection
        if connection.dialect.name == "sqlite" and raw is not None:
            raw.execute("PRAGMA foreign_keys=OFF")
        with connection.begin() as transaction:
            if connection.dialect.name == "sqlite":
                connection.exec_driver_sql("BEGIN")
            yield connection
            transaction.rollback()
        if connection.dialect.name == "sqlite" and raw is not None:
            raw.execute("PRAGMA foreign_keys=ON")


def verdict(connection: Connection, saved: SavedHead | None) -> Verdict:
    """What `verify` says of the one source."""
    return verify(connection, sources.choose(connection, "s"), saved)


def what_breaks(database: Database, saved: SavedHead | None, change: Tampering) -> str | None:
    """The kind of the first break after a change; None where nothing is found."""
    with undone(database) as connection:
        try:
            change(connection)
        except IntegrityError:
            return "refused by the database"
        found = verdict(connection, saved)
    assert found.ok == (found.first_break is None)
    return None if found.first_break is None else found.first_break.what


def missed(kept: Kept, changes: Iterable[tuple[str, Tampering]]) -> list[str]:
    """The changes that nobody noticed; there must have been some to notice.

    A compressed frame has a few bits that mean nothing: what is proven is what it holds.
    """
    tried, unseen = 0, []
    for name, change in changes:
        tried += 1
        if what_breaks(kept.database, kept.saved, change) is None:
            frame = name.startswith(("snapshot.body ", "model_version.document "))
            if not frame or _holds_something_else(kept.database, change):
                unseen.append(name)
    assert tried
    return unseen


def _holds_something_else(database: Database, change: Tampering) -> bool:
    with database.read() as connection:
        before = everything_held(connection)
    with undone(database) as connection:
        change(connection)
        return everything_held(connection) != before


def everything_held(connection: Connection) -> list[Any]:
    """Every body and every document, unpacked."""
    models = connection.execute(text("SELECT id FROM model ORDER BY id")).scalars()
    numbers = connection.execute(text("SELECT version FROM snapshot ORDER BY version")).scalars()
    return [
        *(body_of(connection, 1, version) for version in list(numbers)),
        *(versions.states(connection, model) for model in list(models)),
    ]


def flip(cell: Cell, place: int, bit: int) -> tuple[str, Tampering]:
    """One bit of one byte of one value."""

    def change(connection: Connection) -> None:
        put(connection, cell, flipped(cell.value, place, bit))

    return f"{cell.table}.{cell.column} {cell.where} byte {place} bit {bit}", change


def size(cell: Cell) -> int:
    """How many bytes can be flipped."""
    if isinstance(cell.value, int):
        return 1
    return len(cell.value if isinstance(cell.value, bytes) else cell.value.encode())


def statement(sql: str) -> tuple[str, Tampering]:
    """An SQL statement as a change."""

    def change(connection: Connection) -> None:
        assert connection.execute(text(sql)).rowcount > 0, sql

    return sql, change
