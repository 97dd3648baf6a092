"""Which models did a source list, now or as of a time, and at what prices?"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from pricetrail.catalog.errors import NotFoundError
from pricetrail.catalog.prices import Price, prices_of
from pricetrail.catalog.strict_json import loads
from pricetrail.catalog.sunset_dates import sunset_of
from pricetrail.catalog.times import rfc3339
from pricetrail.queries.revisions import is_settled, version_of
from pricetrail.storage import sources
from pricetrail.storage.database import Transaction
from pricetrail.storage.history import versions
from pricetrail.storage.history.catalog_texts import catalog_texts
from pricetrail.storage.history.versions import ModelState
from pricetrail.storage.polls import coverage
from pricetrail.storage.sources import SourceState


@dataclass(frozen=True, slots=True)
class ListedModel:
    """One model of a catalog; `type_target` as served, which may be missing.

    `sunset` is when it is to be retired, None where it says no date.
    """

    id: str
    type_target: object
    prices: tuple[Price, ...]
    sunset: datetime | None = None


@dataclass(frozen=True, slots=True)
class ModelsAnswer:
    """A catalog: its version, when that was first seen, and each model as stored, by id.

    `at` is the time that was asked about, or else when it was last seen.
    """

    source: str
    version: int
    first_seen: datetime
    at: datetime
    states: tuple[ModelState, ...]

    def models(self) -> Iterator[ListedModel]:
        """Every model, its prices exact."""
        for state in self.states:
            document = loads(state.document)
            yield ListedModel(
                document["id"],
                document.get("type_target"),
                prices_of(document),
                sunset_of(document),
            )

    def as_text(self) -> str:
        """The list in the gateway's own shape, each model letter for letter as it was served."""
        return versions.listing([state.document for state in self.states])

    def as_json(self) -> dict[str, object]:
        """The same list as values (contract, section 5)."""
        data = [loads(state.document) for state in self.states]
        return {"object": "list", "data": data, "total": len(data)}


@dataclass(frozen=True, slots=True)
class CatalogVersion:
    """Which catalog a question is about; `settled` as `queries.revisions.is_settled` has it."""

    state: SourceState
    version: int
    settled: bool

    @property
    def source(self) -> str:
        """The source's name."""
        return self.state.name

    @property
    def source_id(self) -> int:
        """The source's row id."""
        return self.state.id


def locate(
    transaction: Transaction, source: str | None = None, at: datetime | None = None
) -> CatalogVersion:
    """The version of a catalog as of a time; None for as it was last seen.

    Args:
        source: needed only where there are several.

    Raises:
        SourceNeededError: there are several sources, and none is named.
        NotFoundError: no such source, or no snapshot then.
    """
    state = sources.choose(transaction, source)
    version = version_of(transaction, state, at)
    return CatalogVersion(state, version, is_settled(transaction, state, at))


def ask(
    transaction: Transaction, source: str | None = None, at: datetime | None = None
) -> ModelsAnswer:
    """The catalog as of a time; None for as it was last seen.

    Raises:
        SourceNeededError, NotFoundError: as `locate`.
    """
    found = locate(transaction, source, at)
    first_seen = versions.get_version(transaction, found.source_id, found.version).not_after
    return ModelsAnswer(
        source=found.source,
        version=found.version,
        first_seen=first_seen,
        at=at or coverage.last_seen(transaction, found.source_id) or first_seen,
        states=tuple(versions.catalog_at(transaction, found.source_id, found.version)),
    )


def texts_of(transaction: Transaction, found: CatalogVersion) -> dict[str, bytes]:
    """The models of a version by id, each as it was served and as a command prints it."""
    return catalog_texts(transaction, found.state, found.version)


def printed(transaction: Transaction, found: CatalogVersion) -> bytes:
    """The line that a command prints of a version, in the gateway's own shape."""
    texts = texts_of(transaction, found)
    return b'{"object":"list","data":[%b],"total":%d}\n' % (b",".join(texts.values()), len(texts))


def document_of(
    transaction: Transaction, found: CatalogVersion, model: str, at: datetime | None = None
) -> str:
    """The document of one model, letter for letter as it was served.

    Raises:
        NotFoundError: the source never showed it, or it was not visible then (`at`).
    """
    row = versions.model_id(transaction, found.source_id, model)
    state = versions.find_state(transaction, row, found.version)
    if state is None:
        when = "now" if at is None else f"at {rfc3339(at)}"
        raise NotFoundError(
            f"{model} is known, but {found.source} does not list it {when}: "
            "its history says from when until when it did"
        )
    return state.document
