"""What a further source takes that shares its list with others, table by table, on both databases.

One history is written by the import; the other sources get its rows under other ids. So the same
rows are measured with each body beside its version, and shared.
"""

import json
import lzma
import random
import sqlite3
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path

from sqlalchemy import Table, func, select, text

from benchmarks import shared
from benchmarks.catalogs import body, catalog, priced_anew
from benchmarks.notes import note
from benchmarks.tables import Row
from pricetrail.catalog.readers import Reader
from pricetrail.jobs.imports.importing import run as import_all
from pricetrail.jobs.imports.observations import Observation
from pricetrail.storage import tables as t
from pricetrail.storage.database import Database, Transaction
from pricetrail.storage.schema import ensure
from tests.support import postgres

SOURCES = (1, 10, 100, 1_000)
MODELS, CHANGES = 25, 12
_BEGIN = datetime(2025, 11, 1, tzinfo=UTC)
_COPIED = (
    *(t.source, t.slot, t.model, t.snapshot, t.model_version, t.price, t.schema_seen, t.event),
    *(t.event_count, t.coverage),
)
# Generated, and hashes of a chain: of one source alone.
_NUMBERS = ("id", "number")
_HASHES = {"source": "head_hash", "snapshot": "chain_hash"}
_RANDOM = {"sqlite": "randomblob(32)", "postgresql": "sha256(random()::text::bytea)"}
_APART, _SHARED = "each its own", "shared"
_PER_SOURCE = "kB a source"
_WORTH_A_ROW = 100


@dataclass(frozen=True, slots=True)
class History:
    """A history that sources share: what it is called, its observations, and what reads them."""

    name: str
    observed: Sequence[Observation]
    reader: Reader | None = None


def run(sizes: tuple[int, ...] = SOURCES, data: Path | None = None) -> Iterator[Row]:
    """A year of a small list; and, where real lists are there, some of each."""
    few = f"{MODELS} models, {CHANGES} changes"
    yield from _of(History(few, _year()), sizes, tables=True)
    if data is not None:
        real = shared.observations(data, 100)
        yield from _of(History("real list, 100 observations", real), sizes[:2], tables=False)
        name = "OpenRouter's own list, 10 observations"
        native = History(name, list(_native(data)), Reader("openrouter"))
        yield from _of(native, sizes[:2], tables=False)


def _native(data: Path) -> Iterator[Observation]:
    with lzma.open(data / "lists" / "openrouter.jsonl.xz", "rt", encoding="utf-8") as lines:
        for line in islice(lines, 10):
            found = json.loads(line)
            served = json.dumps(found["payload"], separators=(",", ":")).encode()
            yield Observation(datetime.fromisoformat(found["observed_at"]), served, "benchmark")


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

        def server_url(name: str) -> str:
            server.create(name)
            return server.url(name)

        urls: dict[str, Callable[[str], str]] = {
            "SQLite": lambda name: f"sqlite:///{Path(folder) / name}.db",
            "Postgres": server_url,
        }
        for kind, url in urls.items():
            note(f"{kind}: {history.name}, {sizes[-1]:,} sources")
            yield from _of_kind(f"{kind}, {history.name}", url, history, sizes, tables=tables)


def _of_kind(
    what: str, url: Callable[[str], str], history: History, sizes: tuple[int, ...], *, tables: bool
) -> Iterator[Row]:
    found = {}
    for form in (_APART, _SHARED):
        name = form.replace(" ", "_")
        sums = {n: _measured(url(f"{name}_{n}"), history, n, form) for n in sizes}
        totals = {n: sum(of.values()) for n, of in sums.items()}
        for n in sizes:
            yield Row(f"{what}, bodies {form}: {n:,} sources", totals[n] / n / 1e3, _PER_SOURCE)
        least, most = sizes[-2:]
        found[form] = (totals[most] - totals[least]) / (most - least)
        last = sums[most]
    for form, size in found.items():
        yield Row(f"{what}: a further source, bodies {form}", size / 1e3, "kB")
    share = found[_SHARED] / found[_APART]
    yield Row(f"{what}: a further source, shared beside not", share, "x the bytes")
    for table, size in sorted(last.items(), key=lambda one: -one[1]) if tables else ():
        if size / sizes[-1] >= _WORTH_A_ROW:
            yield Row(f"{what}: of it `{table}`, with its indexes", size / sizes[-1] / 1e3, "kB")


def _measured(url: str, history: History, sources: int, form: str) -> dict[str, int]:
    """The bytes of each table with its indexes, in a database of so many sources."""
    database = Database(url)
    ensure(database)
    import_all(database, "source", history.observed, reader=history.reader)
    with database.write(long=True) as connection:
        if form == _APART:
            connection.execute(text(_TAKE_APART))
            connection.execute(text("UPDATE snapshot SET shared_body_id = NULL"))
            connection.execute(text("DELETE FROM shared_body"))
        for table in _COPIED if sources > 1 else ():
            _copy(connection, table, sources)
    database.close()
    return _sqlite_sizes(database) if database.sqlite_path else _postgres_sizes(database)


def _copy(connection: Transaction, table: Table, sources: int) -> None:
    """Give the rows of the first source to all others, under ids of their own."""
    count = connection.execute(select(func.count()).select_from(table)).scalar_one()
    models = connection.execute(_MODELS_OF_FIRST).scalar_one()
    steps = {"source_id": 1, "model_id": models, **dict.fromkeys(_NUMBERS, count)}
    values = {name: f"one.{name} + k * {steps[name]}" for name in steps if name in table.c}
    if table is t.source:
        values |= {"id": "one.id + k", "name": "'source-' || k"}
    elif table is t.event:
        values["id"] = _RANDOM[connection.dialect.name]
    if table.name in _HASHES:
        values[_HASHES[table.name]] = _RANDOM[connection.dialect.name]
    names = [column.name for column in table.c]
    columns = ", ".join(f'"{name}"' for name in names)
    selected = ", ".join(values.get(name, f'one."{name}"') for name in names)
    connection.execute(
        text(
            f"INSERT INTO {table.name} ({columns})"
            " WITH RECURSIVE n(k) AS (SELECT 1 UNION ALL SELECT k + 1 FROM n WHERE k < :last)"
            f" SELECT {selected} FROM n CROSS JOIN {table.name} AS one"
        ),
        {"last": sources - 1},
    )


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


_MODELS_OF_FIRST = select(func.count()).where(t.model.c.source_id == 1)
_TAKE_APART = (
    "UPDATE snapshot SET body = (SELECT body FROM shared_body WHERE id = shared_body_id)"
    " WHERE shared_body_id IS NOT NULL"
)
_SQLITE_SIZES = (
    "SELECT coalesce(tbl_name, 'sqlite_schema'), sum(pgsize) FROM dbstat"
    " LEFT JOIN sqlite_schema USING (name) GROUP BY 1"
)
_POSTGRES_SIZES = (
    "SELECT relname, pg_total_relation_size(oid) FROM pg_class"
    " WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
)
