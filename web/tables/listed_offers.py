"""What the sources ask now, by the tables of their catalogs: what did not change stays compared."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from pricetrail.catalog.aliases import NO_ALIASES, Aliases
from pricetrail.queries import compare
from pricetrail.queries.offers import cheapest_first
from pricetrail.storage.database import Transaction
from pricetrail.storage.history.trails import Window
from pricetrail.storage.polls.certainty import OBSERVED
from pricetrail.storage.remembered import Apart
from pricetrail.web.tables.catalogs import catalog_of
from pricetrail.web.tables.offers import ComparedRow, Comparison, compared, comparison
from pricetrail.web.tables.rows import Row


@dataclass(frozen=True, slots=True)
class ListedOffer:
    """What a source asks for a model, as polls last saw it."""

    source: str
    row: Row

    @property
    def name(self) -> str:
        """The model as it is listed there."""
        return self.row.model.id

    @property
    def certainty(self) -> str:
        """It is what was seen."""
        return OBSERVED

    @property
    def since(self) -> Window | None:
        """When one of its prices last came, went or was written otherwise; None without any."""
        model = self.row.model
        if not model.prices:
            return None
        return max(some[0].begin for some in model.steps.values()).window

    def amounts(self) -> Mapping[str, Decimal]:
        """Its amounts by path."""
        return self.row.amounts


def compared_now(
    transaction: Transaction,
    sources: tuple[str, ...],
    now: datetime,
    aliases: Aliases = NO_ALIASES,
) -> Comparison:
    """All models that two sources list, under any of their names, each as it was last seen.

    Raises:
        NotFoundError: no source has a catalog.
    """
    versions = compare.last_seen(transaction)
    catalogs = {name: catalog_of(transaction, name, None, now) for name in versions}
    newest = {name: catalog.snapshot.version for name, catalog in catalogs.items()}
    if not versions or versions != newest:
        # Where a clock was ahead, what the newest version saw does not count.
        return comparison(compare.ask(transaction, aliases=aliases))
    rows = {name: catalog.rows for name, catalog in catalogs.items()}
    last = _LAST.of(transaction.engine)
    found = _compared(rows, sources, last.find(aliases), aliases)
    last.put(aliases, found)
    return found


def _compared(
    rows: Mapping[str, Sequence[Row]],
    sources: tuple[str, ...],
    known: Comparison | None,
    aliases: Aliases,
) -> Comparison:
    by_model: dict[str, list[ListedOffer]] = {}
    for source, some in rows.items():
        for row in some:
            by_model.setdefault(aliases.main(row.model.id), []).append(ListedOffer(source, row))
    before = {} if known is None else {row.model: row for row in known.rows}
    found = (
        _row(model, offers, before.get(model))
        for model, offers in sorted(by_model.items())
        if len({offer.source for offer in offers}) > 1
    )
    return compared(sources, tuple(found))


def _row(model: str, offers: Sequence[ListedOffer], known: ComparedRow | None) -> ComparedRow:
    """The row of a model; the one that is known where each source's row is the same."""
    if known is not None and set(known.offered) == set(offers):
        return known
    return ComparedRow(model, tuple(cheapest_first(offers)))


# Of each database what was compared last.
_LAST: Apart[Aliases, Comparison] = Apart(1)
