"""Which models did a source list, now or as of a time, and at what prices?"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from pricetrail.catalog.prices import Price, prices_of
from pricetrail.catalog.strict_json import loads
from pricetrail.queries.revisions import version_of
from pricetrail.storage import sources
from pricetrail.storage.database import Transaction
from pricetrail.storage.history import versions
from pricetrail.storage.history.versions import ModelState


@dataclass(frozen=True, slots=True)
class ListedModel:
    """One model of a catalog; `type_target` as served, which may be missing."""

    id: str
    type_target: object
    prices: tuple[Price, ...]


@dataclass(frozen=True, slots=True)
class ModelsAnswer:
    """A catalog: its version, when that was first seen, and each model as stored, by id."""

    source: str
    version: int
    first_seen: datetime
    states: tuple[ModelState, ...]

    def models(self) -> Iterator[ListedModel]:
        """Every model, its prices exact."""
        for state in self.states:
            document = loads(state.document)
            yield ListedModel(document["id"], document.get("type_target"), prices_of(document))

    def as_text(self) -> str:
        """The list in the gateway's own shape, each model letter for letter as it was served."""
        return versions.listing(self.states)

    def as_json(self) -> dict[str, object]:
        """The same list as values (contract, section 5)."""
        data = [loads(state.document) for state in self.states]
        return {"object": "list", "data": data, "total": len(data)}


def ask(
    transaction: Transaction, source: str | None = None, at: datetime | None = None
) -> ModelsAnswer:
    """The catalog as of a time; None for as it was last seen.

    Args:
        source: needed only where there are several.

    Raises:
        SourceNeededError: there are several sources, and none is named.
        NotFoundError: no such source, or no snapshot then.
    """
    state = sources.choose(transaction, source)
    version = version_of(transaction, state, at)
    return ModelsAnswer(
        source=state.name,
        version=version,
        first_seen=versions.get_version(transaction, state.id, version).not_after,
        states=tuple(versions.catalog_at(transaction, state.id, version)),
    )
