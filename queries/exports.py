"""The questions of `pricetrail export`: the history as rows of a table, and as observations."""

from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from dataclasses import astuple, dataclass

from pricetrail.catalog.amounts import plain
from pricetrail.catalog.events import Event
from pricetrail.catalog.merkle import hash_text
from pricetrail.catalog.strict_json import dumps, loads
from pricetrail.catalog.times import rfc3339
from pricetrail.files.tables import Column, Row, as_documents, columns
from pricetrail.queries import events
from pricetrail.queries.answers import time_or_null
from pricetrail.storage.database import Database
from pricetrail.storage.history import exports, streams
from pricetrail.storage.history.exports import Observed, PriceInterval
from pricetrail.storage.history.versions import COUNTS, SnapshotRow
from pricetrail.storage.polls import coverage_moves
from pricetrail.storage.sources import choose

_PRICES = columns(
    "source model path unit amount flagged from_version:integer from_not_before:time "
    "from_not_after:time until_version:integer until_not_before:time until_not_after:time"
)
_SNAPSHOTS = columns(
    "source version:integer hash previous_hash not_before:time not_after:time last_seen:time "
    "polls:integer models:integer added:integer removed:integer repriced:integer updated:integer"
)
_EVENTS = columns(
    "id source version:integer type model timestamp:time not_before direction "
    "path unit old new percent"
)


@dataclass(frozen=True, slots=True)
class TableAnswer:
    """A table, as `rows` or as the `documents` of JSON lines: one of them is to be taken, once.

    What is taken is read as it is taken, while the `with` lasts that gave the answer.
    """

    columns: tuple[Column, ...]
    rows: Iterator[Row]
    documents: Iterator[dict[str, object]]


@dataclass(frozen=True, slots=True)
class Observation:
    """A version as it was seen at a time, with what is known of it; as an import takes it in."""

    observed: Observed

    @property
    def rebuilt(self) -> bool:
        """Whether this is the first line of a version whose body was pruned."""
        return self.observed.rebuilt and self.observed.stretches is not None

    def as_line(self) -> str:
        """Its line of JSON; the payload is letter for letter as it was served."""
        observed = self.observed
        at = dumps(rfc3339(observed.observed_at))
        known = "" if observed.stretches is None else f'"coverage":{dumps(_known(observed))},'
        return f'{{"observed_at":{at},{known}"payload":{observed.payload}}}\n'


@contextmanager
def ask_prices(database: Database, source: str | None = None) -> Iterator[TableAnswer]:
    """Every price of a source, for as long as it stood: by model, path and version.

    They are read in one transaction, which ends with the `with` at the latest.

    Raises:
        SourceNeededError: there are several sources, and none is named.
        NotFoundError: no such source.
    """
    with closing(_prices(database, *_source(database, source))) as rows:
        yield _table(_PRICES, rows)


@contextmanager
def ask_snapshots(database: Database, source: str | None = None) -> Iterator[TableAnswer]:
    """Every version of a source, oldest first; raises as `ask_prices`."""
    number, name = _source(database, source)
    snapshots = streams.snapshots(database, number)
    yield _table(_SNAPSHOTS, (_snapshot(name, row) for row in snapshots))


@contextmanager
def ask_events(database: Database, source: str | None = None) -> Iterator[TableAnswer]:
    """The events of a source, oldest first; raises as `ask_prices`.

    A row for each leaf that an event changed, and one for an event that changed none; a document
    for each event, as webhooks get it.
    """
    _, name = _source(database, source)
    log = events.ask(database, name).events
    rows = (row for event in log for row in _event(event))
    yield TableAnswer(_EVENTS, rows, (event.as_json() for event in log))


@contextmanager
def ask_observations(
    database: Database, source: str | None = None
) -> Iterator[Iterator[Observation]]:
    """Every version of a source as observations, oldest first; raises as `ask_prices`.

    They are read as they are taken, in one transaction, which ends with the `with` at the latest:
    a version's body may rest on the one before it.
    """
    number, _ = _source(database, source)
    with closing(_observations(database, number)) as observations:
        yield observations


def _table(head: tuple[Column, ...], rows: Iterator[Row]) -> TableAnswer:
    return TableAnswer(head, rows, as_documents(head, rows))


def _source(database: Database, source: str | None) -> tuple[int, str]:
    with database.read() as transaction:
        state = choose(transaction, source)
    return state.id, state.name


def _prices(database: Database, number: int, name: str) -> Generator[Row, None, None]:
    with database.read() as transaction:
        for interval in exports.price_intervals(transaction, number):
            yield _price(name, interval)


def _price(source: str, interval: PriceInterval) -> Row:
    amount = None if interval.amount is None else plain(interval.amount)
    model, path, unit, _, *rest = astuple(interval)
    return (source, model, path, unit, amount, *rest)


def _snapshot(source: str, row: SnapshotRow) -> Row:
    return (
        source,
        row.version,
        hash_text(row.hash),
        hash_text(row.previous_hash),
        row.not_before,
        row.not_after,
        row.last_seen,
        row.polls,
        row.models,
        *(row.counts[name] for name in COUNTS),
    )


def _event(event: Event) -> Iterator[Row]:
    head = (
        event.id,
        event.source,
        event.version,
        event.type,
        event.model,
        event.at,
        time_or_null(event.not_before),
        event.direction,
    )
    for entry in [change.as_json() for change in event.changes] or [{}]:
        values = (entry.get(key) for key in ("path", "unit", "old", "new", "percent"))
        yield (*head, *map(_as_text, values))


def _as_text(value: object) -> str | None:
    return value if value is None or isinstance(value, str) else dumps(value)


def _observations(database: Database, number: int) -> Generator[Observation, None, None]:
    with database.read() as transaction:
        yield from map(Observation, exports.observations(transaction, number))


def _known(observed: Observed) -> dict[str, object]:
    """What is known about a version: earlier versions of `import` pass over this member."""
    how = observed.read_by
    return {
        "version": observed.version,
        "not_before": None if observed.not_before is None else rfc3339(observed.not_before),
        "stretches": [coverage_moves.as_json(stretch) for stretch in observed.stretches or ()],
        **({"ignored": loads(observed.ignored)} if observed.ignored else {}),
        **({"dialect": how.dialect} if how.dialect else {}),
        **({"keep": list(how.keep)} if how.keep else {}),
    }
