"""A catalog as a table: each model with its prices, since when they hold, what changed of late."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple

from pricetrail.catalog import units
from pricetrail.catalog.amounts import plain, same_price
from pricetrail.catalog.strict_json import loads
from pricetrail.catalog.times import rfc3339
from pricetrail.queries.revisions import version_of
from pricetrail.queries.sparks import Spark, main_price, spark
from pricetrail.storage import sources
from pricetrail.storage.database import Transaction
from pricetrail.storage.history import listings, trails
from pricetrail.storage.history.listings import ListedDocument, ListedPrice
from pricetrail.storage.history.trails import Window
from pricetrail.storage.polls import coverage

NEWS = timedelta(days=7)
SPARK = timedelta(days=90)
_Window = tuple[datetime | None, datetime]


class PriceListing(NamedTuple):
    """One price in force, since the times of `held_since`; `flagged` where it is no amount.

    `previous` is what stood there until then, `direction` is `increase` or `decrease`; both are
    None where the model came with this price, or nothing comparable stood there.
    """

    path: str
    unit: str
    amount: Decimal | None
    flagged: str | None
    held_since: _Window
    previous: Decimal | None

    @property
    def direction(self) -> str | None:
        """`increase` or `decrease`; None where there is nothing to compare with."""
        if self.amount is None or self.previous is None:
            return None
        return "increase" if self.amount > self.previous else "decrease"


@dataclass(frozen=True, slots=True)
class ModelListing:
    """One model of a catalog; `display_name`, `type_target` and `kind` as served, if they were.

    `new`: it appeared within the last seven days. `changed`: a price came, went or moved in them.
    """

    id: str
    display_name: object
    type_target: object
    kind: object
    visible_since: _Window
    prices: tuple[PriceListing, ...]
    spark: Spark | None
    new: bool
    changed: bool

    def price(self, path: str) -> PriceListing | None:
        """The price at a path; None where there is none."""
        return next((price for price in self.prices if price.path == path), None)


@dataclass(frozen=True, slots=True)
class ListingAnswer:
    """A catalog at a version: all that its table shows depends on `at` for what is recent alone."""

    source: str
    version: int
    at: datetime
    first_seen: datetime
    models: tuple[ModelListing, ...]

    def as_json(self) -> dict[str, object]:
        """The table as values; amounts are exact texts."""
        return {
            "source": self.source,
            "version": self.version,
            "at": rfc3339(self.at),
            "models": [_as_json(model) for model in self.models],
        }


def ask(
    transaction: Transaction,
    source: str | None,
    *,
    now: datetime,
    at: datetime | None = None,
) -> ListingAnswer:
    """The catalog as of a time with each price's last change; None for as it was last seen.

    Args:
        source: needed only where there are several.
        now: what is recent is so before this time, or before `at` where that is earlier.

    Raises:
        SourceNeededError: there are several sources, and none is named.
        NotFoundError: no such source, or no snapshot then.
    """
    chosen = sources.choose(transaction, source)
    version = version_of(transaction, chosen, at)
    moment = now if at is None else min(at, now)
    recent = coverage.version_at(transaction, chosen.id, moment - SPARK) or 0
    asked = (transaction, chosen.id, version)
    since = listings.visible_since(*asked)
    rows: dict[int, list[ListedPrice]] = {}
    for row in listings.listed_prices(*asked, recent):
        # What a model cost in an earlier life is not what it cost before.
        if row.version >= since[row.model_id]:
            rows.setdefault(row.model_id, []).append(row)
    documents = list(listings.listed_documents(*asked))
    lister = _Lister(transaction, chosen.id, version, moment, since)
    lister.look_up(
        {version, *since.values()} | {row.version for some in rows.values() for row in some}
    )
    return ListingAnswer(
        source=chosen.name,
        version=version,
        at=moment,
        first_seen=lister.windows[version].not_after,
        models=tuple(lister.model(one, rows.get(one.id, [])) for one in documents),
    )


@dataclass(slots=True)
class _Lister:
    """Puts models together from what was read of all of them."""

    transaction: Transaction
    source_id: int
    version: int
    moment: datetime
    since: Mapping[int, int]
    windows: dict[int, Window] = field(default_factory=dict)
    # The versions of late that made events.
    news: set[int] = field(default_factory=set)

    def look_up(self, numbers: Iterable[int]) -> None:
        """Learn when versions came, and which of them are news."""
        found = trails.windows(self.transaction, self.source_id, numbers)
        edge = self.moment - NEWS
        late = {number for number, window in found.items() if window.not_after > edge}
        self.news |= late - trails.without_events(self.transaction, self.source_id, late)
        self.windows |= found

    def model(self, listed: ListedDocument, rows: Sequence[ListedPrice]) -> ModelListing:
        """One model; its rows come newest first within a path."""
        document = loads(listed.document)
        begin = self.since[listed.id]
        by_path = {path: list(some) for path, some in groupby(rows, key=attrgetter("path"))}
        standing = {path: some for path, some in by_path.items() if not _is_absent(some[0])}
        main = main_price([path for path, some in standing.items() if some[0].amount is not None])
        pricing = document.get("pricing")
        return ModelListing(
            id=listed.name,
            display_name=document.get("display_name"),
            type_target=document.get("type_target"),
            kind=pricing.get("kind") if isinstance(pricing, dict) else None,
            visible_since=self.windows[begin],
            prices=tuple(self._price(some, begin) for _, some in sorted(standing.items())),
            spark=None if main is None else self._spark(standing[main]),
            new=self._is_news(begin),
            changed=any(self._has_changed(some) for some in by_path.values()),
        )

    def _price(self, rows: Sequence[ListedPrice], begin: int) -> PriceListing:
        held = _held(rows)
        if held == len(rows) - 1 >= listings.NEWEST - 1 and rows[held].version > begin:
            # A binary float's noise, again and again: look back as far as it takes.
            rows = self._all_rows(rows[0], begin)
            held = _held(rows)
        newest = rows[0]
        return PriceListing(
            path=newest.path,
            unit=units.unit(newest.path),
            amount=newest.amount,
            flagged=newest.flagged,
            held_since=self.windows[rows[held].version],
            previous=rows[held + 1].amount if held + 1 < len(rows) else None,
        )

    def _all_rows(self, newest: ListedPrice, begin: int) -> list[ListedPrice]:
        ours = (self.transaction, self.source_id, newest.model_id, self.version)
        found = [
            ListedPrice(newest.model_id, row.path, row.version, row.amount, row.flagged)
            for row in reversed(trails.price_rows(*ours))
            if row.path == newest.path and row.version >= begin
        ]
        self.look_up(row.version for row in found)
        return found

    def _spark(self, rows: Sequence[ListedPrice]) -> Spark:
        times = [(self.windows[row.version].not_after, row.amount) for row in reversed(rows)]
        return spark(rows[0].path, times, self.moment - SPARK, self.moment)

    def _has_changed(self, rows: Sequence[ListedPrice]) -> bool:
        """Whether the price came, went or moved of late, other than with the model itself."""
        begin = self.since[rows[0].model_id]
        for index, row in enumerate(rows):
            if row.version == begin or not self._is_news(row.version):
                return False
            before = rows[index + 1] if index + 1 < len(rows) else None
            if _is_repriced(before, row):
                return True
        return False

    def _is_news(self, version: int) -> bool:
        return version in self.news


def _held(rows: Sequence[ListedPrice]) -> int:
    """Where, newest first, the price that stands now came."""
    held = 0
    while held + 1 < len(rows) and _same(rows[held + 1], rows[0]):
        held += 1
    return held


def _same(one: ListedPrice, other: ListedPrice) -> bool:
    if one.amount is None or other.amount is None:
        return (one.amount, one.flagged) == (other.amount, other.flagged)
    return same_price(one.amount, other.amount)


def _is_repriced(before: ListedPrice | None, row: ListedPrice) -> bool:
    if before is None:
        return row.amount is not None
    return (before.amount is not None or row.amount is not None) and not _same(before, row)


def _is_absent(row: ListedPrice) -> bool:
    return row.amount is None and row.flagged is None


def _as_json(model: ModelListing) -> dict[str, object]:
    return {
        "id": model.id,
        "display_name": model.display_name,
        "type_target": model.type_target,
        "kind": model.kind,
        "visible_since": rfc3339(model.visible_since[1]),
        "new": model.new,
        "changed": model.changed,
        "prices": [
            {
                "path": price.path,
                "unit": price.unit,
                "amount": None if price.amount is None else plain(price.amount),
                "held_since": rfc3339(price.held_since[1]),
                "previous": None if price.previous is None else plain(price.previous),
            }
            for price in model.prices
        ],
    }
