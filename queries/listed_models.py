"""What a version lists: read from nothing, or carried on from a version before it.

Of a model that did not change in between everything stays as it was: neither its document nor its
prices are read again.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from operator import attrgetter

from pricetrail.catalog import units
from pricetrail.catalog.strict_json import loads
from pricetrail.catalog.sunset_dates import sunset_of
from pricetrail.queries.model_listings import (
    NEWS,
    Begin,
    ModelListing,
    Moment,
    PriceListing,
    Step,
    Steps,
    seen_from,
)
from pricetrail.storage.database import Transaction
from pricetrail.storage.history import changed_models, listings, trails
from pricetrail.storage.history.listings import NEWEST, ListedPrice
from pricetrail.storage.sources import SourceState

# From so many versions before it is carried on: what changed in between is looked through.
_FARTHEST = 500


@dataclass(frozen=True, slots=True)
class ListedModels:
    """The models that a version lists, in order of the ids; `hash` is the chain's there.

    They can be looked at from the moment `since` on.
    """

    version: int
    hash: bytes
    first_seen: datetime
    since: Moment
    models: tuple[ModelListing, ...]


def read(
    transaction: Transaction, source: SourceState, version: int, moment: Moment
) -> ListedModels:
    """The models of a version, to be looked at from a moment on."""
    asked = (transaction, source.id, version)
    since = listings.visible_since(*asked)
    rows: dict[int, list[ListedPrice]] = {}
    for row in listings.listed_prices(*asked, moment.version):
        # What a model cost in an earlier life is not what it cost before.
        if row.version >= since[row.model_id]:
            rows.setdefault(row.model_id, []).append(row)
    documents = list(listings.listed_documents(*asked))
    lister = _Lister(transaction, source.id, version, moment)
    lister.look_up({*since.values()} | {row.version for some in rows.values() for row in some})
    models = tuple(
        lister.model(one.id, one.document, lister.begins[since[one.id]], rows.get(one.id, ()))
        for one in documents
    )
    (newest,) = listings.version_rows(transaction, source.id, version, version)
    return ListedModels(version, newest.hash, newest.window.not_after, moment, models)


def carried(
    transaction: Transaction,
    source: SourceState,
    version: int,
    moment: Moment,
    known: ListedModels,
) -> ListedModels | None:
    """What `read` gives, from what is known of a version up to this one.

    None where it has to be read: that was another history, or too long ago, or too little of it
    was read.
    """
    since = known.since
    if moment.at < since.at or moment.version < since.version:
        return None
    if not known.version <= version <= known.version + _FARTHEST:
        return None
    span = (transaction, source.id, known.version, version)
    chain = listings.version_rows(*span)
    if not chain or chain[0].hash != known.hash:
        return None
    lister = _Lister(transaction, source.id, version, moment)
    lister.begins = {row.version: Begin(row.version, row.window, row.silent) for row in chain}
    models = {model.id: model for model in known.models}
    found = changed_models.changed_models(*span)
    visible = [one.id for one in found if one.after is not None]
    came = changed_models.came_since(*span, visible)
    rows = listings.new_prices(*span, visible)
    for one in found:
        before = models.pop(one.name, None)
        if one.after is None:
            continue
        begun = came.get(one.id)
        if begun is None and before is not None:
            models[one.name] = lister.model(
                one.id, one.after, before.came, rows.get(one.id, ()), before
            )
        elif begun is not None:
            # What it cost in an earlier life is not told here, either.
            since_then = [row for row in rows.get(one.id, ()) if row.version >= begun]
            models[one.name] = lister.model(one.id, one.after, lister.begins[begun], since_then)
    in_order = tuple(models[name] for name in sorted(models)) if found else known.models
    last = chain[-1]
    return ListedModels(version, last.hash, last.window.not_after, moment, in_order)


@dataclass(slots=True)
class _Lister:
    """Puts models together from what was read of all of them."""

    transaction: Transaction
    source_id: int
    version: int
    moment: Moment
    begins: dict[int, Begin] = field(default_factory=dict)

    def look_up(self, numbers: Iterable[int]) -> None:
        """Learn when versions came, and which of them are news."""
        found = trails.windows(self.transaction, self.source_id, numbers)
        edge = self.moment.at - NEWS
        late = {number for number, window in found.items() if window.not_after > edge}
        silent = trails.without_events(self.transaction, self.source_id, late)
        self.begins |= {
            number: Begin(number, window, number in silent) for number, window in found.items()
        }

    def model(
        self,
        row_id: int,
        text: str,
        came: Begin,
        rows: Iterable[ListedPrice],
        before: ModelListing | None = None,
    ) -> ModelListing:
        """One model; its rows come newest first within a path.

        Args:
            before: what was known of it, but for these rows and its document.
        """
        document = loads(text)
        pricing = document.get("pricing")
        steps = {} if before is None else dict(before.steps)
        prices = {} if before is None else {price.path: price for price in before.prices}
        for path, some in groupby(rows, key=attrgetter("path")):
            whole = (*map(self._step, some), *steps.get(path, ()))
            steps[path] = whole if before is None else seen_from(whole, self.moment)
            prices.pop(path, None)
            if not whole[0].is_absent:
                prices[path] = self._price(row_id, path, whole, came.version)
        return ModelListing(
            id=document["id"],
            display_name=document.get("display_name"),
            type_target=document.get("type_target"),
            kind=pricing.get("kind") if isinstance(pricing, dict) else None,
            came=came,
            prices=tuple(prices[path] for path in sorted(prices)),
            steps=steps,
            sunset=sunset_of(document),
        )

    def _step(self, row: ListedPrice) -> Step:
        return Step(self.begins[row.version], row.amount, row.flagged)

    def _price(self, row_id: int, path: str, steps: Steps, came: int) -> PriceListing:
        held = _held(steps)
        if held == len(steps) - 1 >= NEWEST - 1 and steps[held].begin.version > came:
            # A binary float's noise, again and again: look back as far as it takes.
            steps = self._all_steps(row_id, path, came)
            held = _held(steps)
        return PriceListing(
            path=path,
            unit=units.unit(path),
            amount=steps[0].amount,
            flagged=steps[0].flagged,
            held_since=steps[held].begin.window,
            previous=steps[held + 1].amount if held + 1 < len(steps) else None,
        )

    def _all_steps(self, row_id: int, path: str, came: int) -> Steps:
        ours = (self.transaction, self.source_id, row_id, self.version)
        found = [
            row
            for row in reversed(trails.price_rows(*ours))
            if row.path == path and row.version >= came
        ]
        self.look_up({row.version for row in found} - self.begins.keys())
        return tuple(Step(self.begins[row.version], row.amount, row.flagged) for row in found)


def _held(steps: Steps) -> int:
    """Where, newest first, the price that stands now came."""
    held = 0
    while held + 1 < len(steps) and steps[held + 1].is_same(steps[0]):
        held += 1
    return held
