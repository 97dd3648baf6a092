"""The prices of a whole catalog at an instant: how certain each is, and since when it stands.

The catalogs on both sides of the instant are read, whatever the length of the history.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, func, select

from pricetrail.storage import tables as t
from pricetrail.storage.history import trails, versions
from pricetrail.storage.history.prices import PriceAt, PriceState, agree
from pricetrail.storage.history.versions import ModelState
from pricetrail.storage.polls import coverage
from pricetrail.storage.polls.certainty import Certainty
from pricetrail.storage.sources import SourceState


class Since(NamedTuple):
    """When prices began to be what they are: between the two; before `not_after` where None."""

    not_before: datetime | None
    not_after: datetime


class PriceCatalog:
    """Every model that a source listed before or after an instant."""

    def __init__(
        self,
        source: str,
        at: datetime,
        head: bytes,
        around: Certainty,
        states: tuple[Mapping[str, ModelState], Mapping[str, ModelState]],
    ) -> None:
        self.at, self.around = at, around
        self._source, self._head = source, head
        self._before, self._after = states
        self.models = self._before.keys() | self._after.keys()

    def price_at(self, model: str, field: str | None = None) -> PriceAt:
        """What `prices.price_at` says of one of its models; a field need not be there."""
        before, after = self._before.get(model), self._after.get(model)
        certainty = self.around.resolve(agree=agree(before, after, field))
        state = PriceState(certainty, self.around, before, after)
        return PriceAt(self._source, model, self.at, self._head, self.around, state)


def find_catalog(
    connection: Connection, source: SourceState, at: datetime | None = None
) -> PriceCatalog | None:
    """The catalog of a source at an instant, or as last seen; None before the first one."""
    moment = at or coverage.last_seen(connection, source.id)
    around = None if moment is None else coverage.around(connection, source.id, moment)
    if moment is None or around is None:
        return None
    head = versions.get_version(connection, source.id, around.before.version).chain_hash
    before = _listed(connection, source.id, around.before.version)
    # Where nothing comes after, or the same again, it is the one before.
    after = before
    if around.after is not None and around.after.version != around.before.version:
        after = _listed(connection, source.id, around.after.version)
    return PriceCatalog(source.name, moment, head, around, (before, after))


def _listed(connection: Connection, source_id: int, version: int) -> dict[str, ModelState]:
    return {state.model: state for state in versions.catalog_at(connection, source_id, version)}


def since(
    connection: Connection,
    source_id: int,
    version: int,
    field: str | None = None,
    model: str | None = None,
) -> dict[str, Since]:
    """Since when the prices of each model have been what they are at a version: a seek each.

    A model that came back begins anew, and so does a price of which only the notation's last
    digits changed.

    Args:
        field: a JSON Pointer: the prices there and below it, and no others.
        model: of this one alone.
    """
    began = select(func.max(t.price.c.valid_from)).where(
        t.price.c.source_id == t.model.c.source_id,
        t.price.c.model_id == t.model.c.id,
        t.price.c.valid_from <= version,
    )
    if field is not None:
        began = began.where(t.price.c.path_id.in_(select(t.path.c.id).where(_within(field))))
    began_with = began.correlate(t.model).scalar_subquery()
    query = select(t.model.c.name, began_with).where(t.model.c.source_id == source_id)
    if model is not None:
        query = query.where(t.model.c.name == model)
    firsts = {name: first for name, first in connection.execute(query) if first is not None}
    windows = trails.windows(connection, source_id, firsts.values())
    return {name: Since(*windows[first]) for name, first in firsts.items()}


def _within(field: str) -> ColumnElement[bool]:
    below = field + "/"
    return (t.path.c.path == field) | (func.substr(t.path.c.path, 1, len(below)) == below)
