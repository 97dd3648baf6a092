"""A catalog as a table: each model with its prices, since when they hold, what changed of late."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from pricetrail.catalog.amounts import plain
from pricetrail.catalog.times import rfc3339
from pricetrail.queries import listed_models
from pricetrail.queries.answers import time_or_null
from pricetrail.queries.listed_models import ListedModels
from pricetrail.queries.model_listings import SPARK, ModelListing, Moment
from pricetrail.queries.revisions import version_of
from pricetrail.storage import sources
from pricetrail.storage.database import Transaction
from pricetrail.storage.polls import coverage
from pricetrail.storage.remembered import Apart
from pricetrail.storage.sources import SourceState

# So many models of the newest versions of a database: some tens of megabytes.
_MOST = 20_000


@dataclass(frozen=True, slots=True)
class ListingAnswer:
    """A catalog at a version, looked at from a moment: what is recent depends on that alone."""

    source: str
    version: int
    moment: Moment
    first_seen: datetime
    models: tuple[ModelListing, ...]

    def as_json(self) -> dict[str, object]:
        """The table as values; amounts are exact texts."""
        return {
            "source": self.source,
            "version": self.version,
            "at": rfc3339(self.moment.at),
            "models": [self._as_json(model) for model in self.models],
        }

    def _as_json(self, model: ModelListing) -> Mapping[str, object]:
        return {
            "id": model.id,
            "display_name": model.display_name,
            "type_target": model.type_target,
            "kind": model.kind,
            "sunset_at": time_or_null(model.sunset),
            "visible_since": rfc3339(model.visible_since.not_after),
            "new": model.is_new(self.moment),
            "changed": model.is_changed(self.moment),
            "prices": [
                {
                    "path": price.path,
                    "unit": price.unit,
                    "amount": None if price.amount is None else plain(price.amount),
                    "held_since": rfc3339(price.held_since.not_after),
                    "previous": None if price.previous is None else plain(price.previous),
                }
                for price in model.prices
            ],
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
    end = now if at is None else min(at, now)
    moment = Moment(end, coverage.version_at(transaction, chosen.id, end - SPARK) or 0)
    found = _listed(transaction, chosen, version, moment)
    return ListingAnswer(chosen.name, version, moment, found.first_seen, found.models)


def _listed(
    transaction: Transaction, source: SourceState, version: int, moment: Moment
) -> ListedModels:
    """The models of a version; those of the newest are kept, for the next one to go on from."""
    known, asked = _KNOWN.of(transaction.engine), (transaction, source, version, moment)
    last = known.find(source.name)
    found = None if last is None else listed_models.carried(*asked, last)
    found = found or listed_models.read(*asked)
    if version == source.head_version:
        known.put(source.name, found)
    return found


_KNOWN: Apart[str, ListedModels] = Apart(_MOST, size=lambda found: 1 + len(found.models))
