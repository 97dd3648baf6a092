"""A database of many sources at once, as polls of many accounts leave it behind.

A few sources are recorded by the code that polls write with; all others are those again, under
names, ids and hashes of their own: by COPY on Postgres, and what is the same for all by one
statement a table. Every chain of it verifies.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from itertools import chain
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Executable,
    Interval,
    MetaData,
    Table,
    func,
    insert,
    select,
    text,
)

from benchmarks.catalogs import body, catalog, repriced
from pricetrail.catalog import merkle
from pricetrail.catalog.catalogs import read
from pricetrail.catalog.comparisons import compare_catalogs
from pricetrail.catalog.events import Event
from pricetrail.catalog.pricing_schema import schema_of
from pricetrail.catalog.versions import VersionDraft, chain_metadata, version_from
from pricetrail.storage import tables as t
from pricetrail.storage.chunks import chunks
from pricetrail.storage.database import Database, Transaction
from pricetrail.storage.history.snapshots import stored_body
from pricetrail.storage.schema import ensure
from pricetrail.storage.types import Utc
from tests.support import histories

PERIOD = timedelta(hours=1)
# How late an answer may be, as `jobs.polls.overdue` reckons: two periods and the deadline.
_PATIENCE = 2 * PERIOD + timedelta(seconds=30)
_Row = dict[str, Any]


@dataclass(frozen=True)
class Fleet:
    """What is seeded: so many sources, polled every hour, of so many models each.

    Sources take `catalogs` distinct catalogs in turn. Of each thousand `eventful` have a second
    version that repriced a tenth of their models, with its events, `failing` have failed four
    times, and `late` are overdue. `waiting` messages wait for `webhooks` webhooks in turn.
    `settings` gives what the row of a source says (`source.settings`), by its number.
    """

    sources: int
    models: int = 25
    catalogs: int = 4
    eventful: int = 100
    failing: int = 10
    late: int = 1
    waiting: int = 0
    webhooks: int = 10
    settings: Callable[[int], str | None] = lambda _number: None

    @staticmethod
    def name(number: int) -> str:
        """What a source is called; numbers count from 0."""
        return f"account-{number:06d}"

    @property
    def templates(self) -> int:
        """How many sources others are like; the last of them has the second version."""
        return self.catalogs + 1

    def template(self, number: int) -> int:
        """The number of the source that a source is like."""
        if number < self.templates:
            return number
        eventful = self._of_each_thousand(number, self.eventful)
        return self.catalogs if eventful else number % self.catalogs

    def served(self, number: int) -> bytes:
        """The body that a source's gateway served last."""
        return self.bodies[self.template(number)][-1]

    def etag(self, number: int, body_hash: bytes) -> str:  # noqa: ARG002 - others go by it
        """What a source's gateway said last that its list is known by, in its quotes."""
        return f'"{body_hash.hex()[:16]}"'

    def is_failing(self, number: int) -> bool:
        """Whether its polls fail."""
        return self._of_each_thousand(number + 1, self.failing)

    def is_late(self, number: int) -> bool:
        """Whether nobody polls it any more."""
        return self._of_each_thousand(number + 2, self.late)

    @staticmethod
    def earlier(number: int) -> timedelta:
        """So much earlier than its template a source was polled: spread over a period."""
        return timedelta(milliseconds=number * 104_729 % (PERIOD // timedelta(milliseconds=1)))

    @staticmethod
    def _of_each_thousand(number: int, some: int) -> bool:
        # A prime: spread over all of them, whatever the names sort by.
        return number * 617 % 1000 < some

    @cached_property
    def bodies(self) -> list[list[bytes]]:
        """What each template's gateway served, one after the other."""
        quiet = [[body(catalog(self.models, seed + 1))] for seed in range(self.catalogs)]
        first = catalog(self.models, self.catalogs + 1)
        return [*quiet, [body(first), body(repriced(first, 0.1, 1))]]


def seed(database: Database, fleet: Fleet) -> None:
    """Fill an empty database, and let it know its sizes.

    Args:
        fleet: of more sources than it has templates (`catalogs` and one).
    """
    ensure(database)
    now = database.now()
    for number in range(fleet.templates):
        _record(database, fleet, number, now)
    with database.write(long=True) as connection:
        if connection.dialect.name == "postgresql":
            # All that is written refers to rows that are there.
            connection.execute(text("SET LOCAL session_replication_role = replica"))
        _Seeding(connection, fleet, now).all()
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(_SIZES[connection.dialect.name]))


_SIZES = {"postgresql": "VACUUM ANALYZE", "sqlite": "ANALYZE"}


def _record(database: Database, fleet: Fleet, number: int, now: datetime) -> None:
    """Poll a template for three hours."""
    bodies = fleet.bodies[number]
    for back, served in zip((3, 2, 1), [bodies[0], bodies[0], bodies[-1]], strict=True):
        histories.poll(database, fleet.name(number), now - back * PERIOD, served)


class _Template:
    """A source whose rows are written again for others."""

    def __init__(self, connection: Transaction, fleet: Fleet, number: int) -> None:
        own = t.source.c.name == fleet.name(number)
        self.source = dict(connection.execute(select(t.source).where(own)).mappings().one())
        of_it = select(t.snapshot).where(t.snapshot.c.source_id == self.source["id"])
        rows = connection.execute(of_it.order_by(t.snapshot.c.version)).mappings()
        self.snapshots = [dict(row) for row in rows]
        catalogs = [read(served) for served in fleet.bodies[number]]
        self._comparison = compare_catalogs(catalogs[0], catalogs[-1])
        self._known = schema_of(compare_catalogs(None, catalogs[0]).new_documents.values())

    def moved(self, earlier: timedelta) -> list[_Row]:
        """The versions of another source, so much earlier."""
        return [
            row
            | {
                "not_before": row["not_before"] and row["not_before"] - earlier,
                "not_after": row["not_after"] - earlier,
            }
            for row in self.snapshots
        ]

    def chain(self, name: str, earlier: timedelta) -> list[bytes]:
        """The heads of another source with these versions, so much earlier."""
        heads = [merkle.GENESIS]
        for row in self.moved(earlier):
            metadata = chain_metadata(self._draft(name, row, heads[-1]), row["models"])
            roots = row["catalog_root"], row["body_hash"]
            heads.append(merkle.chain(heads[-1], metadata, *roots))
        return heads

    def events(self, name: str, earlier: timedelta) -> Sequence[Event]:
        """The events of another source with these versions; none of a single one."""
        if len(self.snapshots) == 1:
            return ()
        row, heads = self.moved(earlier)[-1], self.chain(name, earlier)
        draft = self._draft(name, row, heads[-2])
        return version_from(draft, self._comparison, row["body_hash"], self._known).events

    @staticmethod
    def _draft(name: str, row: _Row, previous: bytes) -> VersionDraft:
        times = row["not_before"], row["not_after"]
        return VersionDraft(name, row["version"], previous, *times, baseline=row["version"] == 1)


class _Seeding:
    """All rows of a fleet but its templates'."""

    def __init__(self, connection: Transaction, fleet: Fleet, now: datetime) -> None:
        self._connection, self._fleet, self._now = connection, fleet, now
        self._templates = [_Template(connection, fleet, n) for n in range(fleet.templates)]
        models = select(t.model.c.source_id, t.model.c.name, t.model.c.id)
        self._models = {row[:2]: row.id for row in connection.execute(models)}

    def all(self) -> None:
        """Write them."""
        numbers = range(self._fleet.templates, self._fleet.sources)
        _bulk(self._connection, t.source, map(self._source, numbers))
        _bulk(self._connection, t.slot, map(self._slot, range(self._fleet.sources)))
        _bulk(self._connection, t.snapshot, (row for n in numbers for row in self._snapshots(n)))
        self._like_templates(numbers)
        for table in (t.source, t.model):
            _go_on_counting(self._connection, table)
        _bulk(self._connection, t.event, (row for n in numbers for row in self._events(n)))
        self._outbox()

    def _like_templates(self, numbers: Iterable[int]) -> None:
        """What but for ids is the same for all, by one statement a table."""
        _SEED.create(self._connection)
        sqlite = self._connection.dialect.name == "sqlite"
        unit = timedelta(milliseconds=1)
        rows = (
            {
                "source_id": number + 1,
                "template_id": self._fleet.template(number) + 1,
                "earlier": earlier // unit if sqlite else earlier,
            }
            for number in numbers
            for earlier in [self._fleet.earlier(number)]
        )
        _bulk(self._connection, _SEED, rows)
        for table in _SAME:
            self._connection.execute(_again(table, self._fleet.models))
        _SEED.drop(self._connection)

    def _source(self, number: int) -> _Row:
        fleet, template = self._fleet, self._templates[self._fleet.template(number)]
        name, earlier = fleet.name(number), fleet.earlier(number)
        row = template.source | {
            "id": number + 1,
            "name": name,
            "head_hash": template.chain(name, earlier)[-1],
            "etag": fleet.etag(number, template.snapshots[-1]["body_hash"]),
            **{name: template.source[name] - earlier for name in _MOMENTS},
            "overdue_at": template.source["good_at"] - earlier + _PATIENCE,
            "settings": fleet.settings(number),
        }
        if fleet.is_late(number):
            row["overdue_at"] = self._now - timedelta(minutes=5)
        return row | (self._failing if fleet.is_failing(number) else {})

    def _slot(self, number: int) -> _Row:
        """The next slot of a source: spread over the period that begins."""
        fleet = self._fleet
        next_at = self._now + PERIOD - fleet.earlier(number)
        at = self._now - PERIOD if fleet.is_late(number) else next_at
        return {
            "source_id": number + 1,
            "slot_at": at,
            "due_at": at,
            "paused": False,
            "set_at": self._now,
        }

    @cached_property
    def _failing(self) -> _Row:
        return {
            "failures": 4,
            "polls_failed": 4,
            "failing_since": self._now - 4 * PERIOD,
            "failing_told": True,
            "last_error": "the gateway answered 503",
        }

    def _snapshots(self, number: int) -> Iterator[_Row]:
        template = self._templates[self._fleet.template(number)]
        earlier = self._fleet.earlier(number)
        heads = template.chain(self._fleet.name(number), earlier)
        for row, head in zip(template.moved(earlier), heads[1:], strict=True):
            yield row | {"source_id": number + 1, "chain_hash": head}

    def _events(self, number: int) -> Iterator[_Row]:
        template, name = self._templates[self._fleet.template(number)], self._fleet.name(number)
        ahead = (number - self._fleet.template(number)) * self._fleet.models
        for event in template.events(name, self._fleet.earlier(number)):
            model = self._models.get((template.source["id"], event.model))
            yield {
                "id": event.id,
                "source_id": number + 1,
                "version": event.version,
                "sequence": event.sequence,
                "type": event.type,
                "model_id": None if model is None else model + ahead,
                "body": stored_body(event, frozenset()),
            }

    def _outbox(self) -> None:
        hooks = [f"hook-{n:03d}" for n in range(self._fleet.webhooks)]
        if not self._fleet.waiting:
            return
        _bulk(self._connection, t.webhook, ({"name": name} for name in hooks))
        few = select(t.event.c.id).order_by(t.event.c.number).limit(1000)
        some = self._connection.execute(few).scalars().all()
        _bulk(
            self._connection,
            t.delivery,
            (
                {
                    "id": f"dlv_{n}",
                    "webhook": hooks[n % len(hooks)],
                    "event_ids": f'["{some[n % len(some)]}"]',
                    "state": "pending",
                    "created_at": self._now,
                    "next_at": self._now,
                }
                for n in range(self._fleet.waiting)
            ),
        )


_SEED = Table(
    "seed",
    MetaData(),
    Column("source_id", BigInteger),
    Column("template_id", BigInteger),
    # Milliseconds on SQLite, as its times are.
    Column("earlier", Interval().with_variant(BigInteger(), "sqlite")),
)
_MOMENTS = ("created_at", "last_poll_at", "good_started_at", "good_at")
_SAME = (
    t.model,
    t.model_version,
    t.price,
    t.sunset,
    t.schema_seen,
    t.coverage,
    t.poll,
    t.event_count,
)


def _again(table: Table, models: int) -> Executable:
    """A template's rows again for every source like it."""
    ahead = (_SEED.c.source_id - _SEED.c.template_id) * models
    model_id = "id" if table is t.model else "model_id"
    values: dict[str, ColumnElement[Any]] = {c.name: c for c in table.c if c.name != "id"}
    values["source_id"] = _SEED.c.source_id
    values |= {
        column.name: column.op("-")(_SEED.c.earlier)
        for column in table.c
        if isinstance(column.type, Utc)
    }
    if model_id in table.c:
        values[model_id] = table.c[model_id] + ahead
    rows = select(*values.values()).join(_SEED, table.c.source_id == _SEED.c.template_id)
    # Otherwise rows of models come after those that refer to them.
    ordered = rows.order_by(_SEED.c.source_id)
    return insert(table).from_select(list(values), ordered)


def _bulk(connection: Transaction, table: Table, rows: Iterable[_Row]) -> None:
    """Write many rows of one kind."""
    if connection.dialect.name != "postgresql":
        for some in chunks(rows, 1_000):
            connection.execute(insert(table), some)
        return
    ahead = iter(rows)
    first = next(ahead, None)
    if first is None:
        return
    columns = [table.c[name] for name in first]
    stored = [column.type.dialect_impl(connection.dialect) for column in columns]
    ways: list[Callable[[object], object]] = [
        kind.bind_processor(connection.dialect) or (lambda value: value) for kind in stored
    ]
    names = ", ".join(f'"{column.name}"' for column in columns)
    raw: Any = connection.connection.driver_connection
    with raw.cursor().copy(f"COPY {table.name} ({names}) FROM STDIN") as copy:
        for row in chain([first], ahead):
            values = zip(ways, row.values(), strict=True)
            copy.write_row([None if value is None else way(value) for way, value in values])


def _go_on_counting(connection: Transaction, table: Table) -> None:
    """Let the next row have the number behind the last."""
    if connection.dialect.name == "postgresql":
        sequence = func.pg_get_serial_sequence(table.name, "id")
        last = select(func.max(table.c.id)).scalar_subquery()
        connection.execute(select(func.setval(sequence, last, type_=BigInteger)))
