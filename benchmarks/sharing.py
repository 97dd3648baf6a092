"""What a further source takes that shares its list with others, table by table, on both databases.

One history is written by the import; the other sources get its rows under other ids. So the same
rows are measured with each body beside its version, and shared.
"""

import os
import random
import sqlite3
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Table, insert, select, text

from benchmarks import shared
from benchmarks.catalogs import body, catalog, priced_anew
from benchmarks.notes import note
from benchmarks.tables import Row
from pricetrail.jobs.imports.importing import run as import_all
from pricetrail.jobs.imports.observations import Observation
from pricetrail.storage import tables as t
from pricetrail.storage.chunks import chunks
from pricetrail.storage.database import Database
from pricetrail.storage.schema import ensure
from tests.support import postgres

SOURCES = (1, 10, 100, 1_000)
MODELS, CHANGES = 25, 12
_BEGIN = datetime(2025, 11, 1, tzinfo=UTC)
_COPIED = (
    *(t.source, t.model, t.snapshot, t.model_version, t.price, t.schema_seen, t.event),
    *(t.event_count, t.coverage),
)
# Hashes of a chain, and what is made of them, are of one source alone.
_OWN = {("source", "head_hash"), ("snapshot", "chain_hash")}
_PER_SOURCE = "kB a source"
Rows = dict[str, list[dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class History:
    """A history that sources share: what it is called, and its observations."""

    name: str
    observed: Sequence[Observation]


def run(sizes: tuple[int, ...] = SOURCES, data: Path | None = None) -> Iterator[Row]:
    """A year of a small list; and, where the real history is there, its first tenth."""
    few = f"{MODELS} models, {CHANGES} changes"
    yield from _of(History(few, _year()), sizes, tables=True)
    if data is not None:
        real = shared.observations(data, 100)
        yield from _of(History("real list, 100 observations", real), sizes[:2], tables=False)


def _year() -> list[Observation]:
    chance, listed = random.Random(3), catalog(MODELS)
    found = [Observation(_BEGIN, body(listed), "benchmark")]
    for number in range(CHANGES):
        data = list(listed["data"])
        for place in chance.sample(range(MODELS), 2):
            data[place] = priced_anew(data[place], chance)
        listed = listed | {"data": data}
        at = _BEGIN + timedelta(days=30 * (number + 1))
        found.append(Observation(at, body(listed), "benchmark"))
    return found


def _of(history: History, sizes: tuple[int, ...], *, tables: bool) -> Iterator[Row]:
    with tempfile.TemporaryDirectory() as folder, postgres.running() as server:
        rows = _rows(Path(folder) / "one.db", history)

        def server_url(name: str) -> str:
            server.create(name)
            return server.url(name)

        urls: dict[str, Callable[[str], str]] = {
            "SQLite": lambda name: f"sqlite:///{Path(folder) / name}.db",
            "Postgres": server_url,
        }
        for kind, url in urls.items():
            note(f"{kind}: {history.name}, {sizes[-1]:,} sources")
            yield from _of_kind(f"{kind}, {history.name}", url, rows, sizes, tables=tables)


def _of_kind(
    what: str, url: Callable[[str], str], rows: Rows, sizes: tuple[int, ...], *, tables: bool
) -> Iterator[Row]:
    found = {}
    for form, held in (("each its own", _apart(rows)), ("shared", rows)):
        name = form.replace(" ", "_")
        sums = {n: _measured(url(f"{name}_{n}"), held, n) for n in sizes}
        totals = {n: sum(of.values()) for n, of in sums.items()}
        for n in sizes:
            yield Row(f"{what}, bodies {form}: {n:,} sources", totals[n] / n / 1e3, _PER_SOURCE)
        least, most = sizes[-2:]
        found[form] = (totals[most] - totals[least]) / (most - least)
        last = sums[sizes[-1]]
    yield Row(f"{what}: a further source, bodies each its own", found["each its own"] / 1e3, "kB")
    yield Row(f"{what}: a further source, bodies shared", found["shared"] / 1e3, "kB")
    share = found["shared"] / found["each its own"]
    yield Row(f"{what}: a further source, shared beside not", share, "x the bytes")
    for table, size in sorted(last.items(), key=lambda one: -one[1]) if tables else ():
        if size / sizes[-1] >= 100:
            yield Row(f"{what}: of it `{table}`, with its indexes", size / sizes[-1], "bytes")


def _rows(path: Path, history: History) -> Rows:
    """The rows of the history as one source has them."""
    database = Database(f"sqlite:///{path}")
    ensure(database)
    import_all(database, "source", history.observed)
    with database.read() as connection:
        tables = (*_COPIED, t.path, t.shared_body)
        rows = {
            one.name: [*map(dict, connection.execute(select(one)).mappings())] for one in tables
        }
    database.close()
    return rows


def _apart(rows: Rows) -> Rows:
    """The same with each body beside its version."""
    bodies = {row["id"]: row["body"] for row in rows["shared_body"]}
    apart = [
        row | {"body": bodies.get(row["shared_body_id"], row["body"]), "shared_body_id": None}
        for row in rows["snapshot"]
    ]
    return rows | {"snapshot": apart, "shared_body": []}


def _measured(url: str, rows: Rows, sources: int) -> dict[str, int]:
    """The bytes of each table with its indexes, in a database of so many sources."""
    database = Database(url)
    ensure(database)
    with database.write(long=True) as connection:
        for table in (t.path, t.shared_body):
            _insert(partial(connection.execute, insert(table)), iter(rows[table.name]))
        for table in _COPIED:
            others = (
                _of_source(table, row, n, rows) for n in range(sources) for row in rows[table.name]
            )
            _insert(partial(connection.execute, insert(table)), others)
    database.close()
    return _sqlite_sizes(database) if database.sqlite_path else _postgres_sizes(database)


def _insert(execute: Callable[[list[Any]], object], rows: Iterator[dict[str, Any]]) -> None:
    for some in chunks(rows, 2_000):
        execute(some)


def _of_source(table: Table, row: dict[str, Any], number: int, rows: Rows) -> dict[str, Any]:
    """A row as the source of a number has it."""
    steps = {"source_id": 1, "model_id": len(rows["model"])}
    made = {
        column: value + number * steps[column] if column in steps and value is not None else value
        for column, value in row.items()
    }
    key = {"event": "number"}.get(table.name, "id")
    if isinstance(row.get(key), int):
        made[key] = row[key] + number * len(rows[table.name])
    if table is t.source:
        made["name"] = f"source-{number:06d}"
    if table is t.event:
        made["id"] = f"evt_{os.urandom(20).hex()}"
    for of, column in _OWN:
        if of == table.name:
            made[column] = os.urandom(32)
    return made


def _sqlite_sizes(database: Database) -> dict[str, int]:
    with closing(sqlite3.connect(str(database.sqlite_path))) as connection:
        connection.execute("VACUUM")
        return dict(connection.execute(_SQLITE_SIZES))


def _postgres_sizes(database: Database) -> dict[str, int]:
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM FULL"))
        found = {name: int(size) for name, size in connection.execute(text(_POSTGRES_SIZES))}
    database.close()
    return found


_SQLITE_SIZES = (
    "SELECT coalesce(tbl_name, 'sqlite_schema'), sum(pgsize) FROM dbstat"
    " LEFT JOIN sqlite_schema USING (name) GROUP BY 1"
)
_POSTGRES_SIZES = (
    "SELECT relname, pg_total_relation_size(oid) FROM pg_class"
    " WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
)
