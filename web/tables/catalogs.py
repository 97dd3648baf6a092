"""A source's catalog as rows: worked out once for each version and hour, and kept for a while."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from pricetrail.catalog.pointers import dotted
from pricetrail.catalog.times import rfc3339
from pricetrail.catalog.units import label
from pricetrail.queries import listing, snapshot
from pricetrail.queries.model_listings import ModelListing, Moment
from pricetrail.queries.snapshot import SnapshotAnswer
from pricetrail.storage.database import Transaction
from pricetrail.storage.remembered import Remembered
from pricetrail.text.sanitize import sanitize
from pricetrail.web.tables.rows import Row
from pricetrail.web.tables.selection import by_use

# So many models of all the catalogs that are kept: some tens of megabytes.
_MOST = 6000
# So many of those that the sources list now: most rows are among the former.
_MOST_NOW = 20_000


@dataclass(frozen=True, slots=True)
class ListedCatalog:
    """A version of a catalog at a time: its rows in order of the ids, what they are chosen by.

    `types` and `kinds` are with how many models have each; `sorts` are the prices that any has,
    as an address names them and as people do.
    """

    snapshot: SnapshotAnswer
    moment: Moment
    rows: tuple[Row, ...]
    types: tuple[tuple[str, int], ...]
    kinds: tuple[tuple[str, int], ...]
    sorts: tuple[tuple[str, str], ...]


def catalog_of(
    transaction: Transaction, source: str | None, at: datetime | None, now: datetime
) -> ListedCatalog:
    """The catalog as of a time; None for as it was last seen.

    Raises:
        SourceNeededError, NotFoundError: as `queries.listing.ask`.
    """
    version = snapshot.ask(transaction, source, "latest" if at is None else rfc3339(at))
    # What is recent is so to the hour; nothing else of a version ever changes.
    hour = _hour(now if at is None else min(at, now))
    moment = max(hour, version.not_after)
    if at is not None:
        # A clock that was ahead has dated a version after what it was seen at.
        moment = min(moment, at)
    return _KNOWN.get(
        (version.source, version.hash, moment),
        lambda: _listed(transaction, version, at, moment),
    )


def is_settled(transaction: Transaction, source: str | None, at: datetime) -> bool:
    """Whether nothing that is yet to come can change what the catalog was at a time.

    Raises:
        SourceNeededError, NotFoundError: as `catalog_of`.
    """
    newest = snapshot.ask(transaction, source, "latest").not_before
    return newest is not None and at < newest


def _hour(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0, microsecond=0)


def _listed(
    transaction: Transaction, version: SnapshotAnswer, at: datetime | None, moment: datetime
) -> ListedCatalog:
    answer = listing.ask(transaction, version.source, at=at, now=moment)
    known = _ROWS.find(version.source) or {}
    rows = tuple(_row(model, known.get(model.id)) for model in answer.models)
    if at is None:
        _ROWS.put(version.source, {row.model.id: row for row in rows})
    paths = by_use(Counter(path for row in rows for path in row.amounts))
    return ListedCatalog(
        version,
        answer.moment,
        rows,
        _counted(row.type for row in rows),
        _counted(row.kind for row in rows),
        tuple((dotted(path), sanitize(label(path))) for path in paths),
    )


def _row(model: ModelListing, known: Row | None) -> Row:
    """The row of a model; the one that is known where nothing of the model changed."""
    return known if known is not None and known.model is model else Row(model)


def _counted(words: Iterable[str]) -> tuple[tuple[str, int], ...]:
    return tuple(sorted(Counter(words).items()))


# The chain's head names one history: what follows from it is the same wherever it is asked.
_KNOWN: Remembered[tuple[str, bytes, datetime], ListedCatalog] = Remembered(
    _MOST, size=lambda catalog: len(catalog.rows)
)
# By their ids, the rows that a source has now.
_ROWS: Remembered[str, dict[str, Row]] = Remembered(_MOST_NOW, size=len)
