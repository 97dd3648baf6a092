"""One usage row at the prices in force at its time, and how certain they are."""

from collections.abc import Sequence
from datetime import datetime

from pricetrail.audit.model_prices import ModelPrices, States, unpriced
from pricetrail.audit.results import Interval, PriceChange, PricedRow, RowResult, UnpricedRow
from pricetrail.audit.usage.rows import BadRow, Row, UsageRow
from pricetrail.catalog.aliases import NO_ALIASES, Aliases
from pricetrail.catalog.errors import NotFoundError
from pricetrail.catalog.merkle import hash_text
from pricetrail.catalog.times import rfc3339
from pricetrail.storage.database import Database
from pricetrail.storage.history import known_names, prices, versions
from pricetrail.storage.polls import coverage
from pricetrail.storage.polls.certainty import Span
from pricetrail.storage.sources import SourceState, choose

_MANY_NAMES = 10_000


class Pricer:
    """Prices the rows of one source's usage; each model's history is read once.

    An audit of millions of rows must not keep polls from writing: every read is a short
    transaction of its own. History only grows, and the calendar of the beginning bounds it.
    """

    def __init__(
        self, database: Database, source: SourceState, aliases: Aliases = NO_ALIASES
    ) -> None:
        self._database = database
        self._source = source
        self.aliases = aliases
        with database.read() as connection:
            self._calendar = coverage.calendar(connection, source.id)
        self._models: dict[str, ModelPrices] = {}
        self._unknown: dict[str, str] = {}
        self._heads: dict[int, str] = {}

    @classmethod
    def of(cls, database: Database, name: str | None, aliases: Aliases = NO_ALIASES) -> "Pricer":
        """Make the pricer of a source; None for the only one.

        Args:
            aliases: names that stand for one model: what the source lists under another one of
                them is priced by that.

        Raises:
            NotFoundError, InvalidInputError: as `storage.sources.choose`.
        """
        with database.read() as connection:
            source = choose(connection, name)
        return cls(database, source, aliases)

    @property
    def source(self) -> str:
        """The name of the source."""
        return self._source.name

    def require(self, model: str) -> None:
        """Refuse a model that this source has never shown.

        Raises:
            NotFoundError: it has not; near names are suggested.
        """
        if not any(self._models.get(name) or self._open(name) for name in self.names(model)):
            raise NotFoundError(self._unknown[model])

    def price(self, row: Row, as_of: datetime | None = None) -> RowResult:
        """The row's cost, or why it has none.

        Args:
            as_of: by the prices of this time, not by those of the row's own; what its time of day
                and all else decides is as it was.
        """
        if isinstance(row, BadRow):
            return UnpricedRow(row.line, row.model, row.at, row.why)
        found = self._listed(row.model, row, as_of)
        if found is None:
            named = {
                name: self._listed(name, row, as_of) for name in self.aliases.others(row.model)
            }
            others = [it for it in named.values() if it is not None]
            if len(others) > 1:
                names = ", ".join(name for name, it in named.items() if it is not None)
                return unpriced(row, f"{self.source} lists it under several other names: {names}")
            if not others:
                return unpriced(row, self._absence(row, as_of))
            found = others[0]
        model, states = found
        if as_of is None or not model.has_days:
            return model.price(row, states)
        result = model.price(row.on_day(as_of), states)
        return result._replace(row=row) if isinstance(result, PricedRow) else result

    def names(self, model: str) -> tuple[str, ...]:
        """All names by which a model may be listed, its own first."""
        return (model, *self.aliases.others(model))

    def _listed(
        self, name: str, row: UsageRow, as_of: datetime | None
    ) -> tuple[ModelPrices, States] | None:
        """A model and what held of it at the row's time; None where it was not listed then."""
        model = self._models.get(name) or self._open(name)
        if model is None:
            return None
        states = model.states(row, as_of)
        if states[0].before is not None or any(state.before is not None for state in states):
            return model, states
        return None

    def _absence(self, row: UsageRow, as_of: datetime | None) -> str:
        """Why a row has no price whose model was not listed at its time."""
        model = self._models.get(row.model) or self._open(row.model)
        if model is None:
            return self._unknown[row.model]
        known = [state for state in model.states(row, as_of) if state.around is not None]
        return model.absence(known[0], row) if known else self._too_early()

    def intervals(self, model: str) -> list[Interval]:
        """All price intervals of a model, under the first of its names that was ever seen, oldest
        first; none for one that never was."""
        for name in self.names(model):
            history = self._models.get(name) or self._open(name)
            if history is not None:
                return history.intervals
        return []

    @property
    def spans(self) -> Sequence[Span]:
        """What polls vouch for, from the first accepted catalog on."""
        return self._calendar.spans

    def known(self) -> frozenset[str]:
        """The names of models that may have a history here; there may be more than have one."""
        with self._database.read() as connection:
            return known_names.models(connection)

    def histories(self, model: str) -> list[ModelPrices]:
        """What is known of a model under each of its names, that of the usage first."""
        found = (self._models.get(name) or self._open(name) for name in self.names(model))
        return [history for history in found if history is not None]

    def certain(self, model: str, at: datetime) -> Interval | None:
        """The price interval that a model's rows of an instant certainly fall into, if any does."""
        own = self._models.get(model) or self._open(model)
        if own is None or not own.is_listed(at):
            others = (each for each in self.histories(model) if each.is_listed(at))
            own = next(others, None)
            if next(others, None) is not None:
                return None
        return None if own is None else own.certain(at)

    def head(self, version: int) -> str:
        """The chain's head at a version, which names all that was known then."""
        if version not in self._heads:
            with self._database.read() as connection:
                row = versions.get_version(connection, self._source.id, version)
            self._heads[version] = hash_text(row.chain_hash)
        return self._heads[version]

    def change(self, version: int) -> PriceChange:
        """The window in which a version came: last good poll before it, first that saw it."""
        with self._database.read() as connection:
            row = versions.get_version(connection, self._source.id, version)
        return PriceChange(version, row.not_before, row.not_after)

    def _open(self, name: str) -> ModelPrices | None:
        if name in self._unknown:
            return None
        try:
            with self._database.read() as connection:
                timeline = prices.timeline(connection, self._source.id, name, self._calendar)
        except NotFoundError as error:
            if len(self._unknown) >= _MANY_NAMES:
                self._unknown.clear()
            self._unknown[name] = str(error)
            return None
        self._models[name] = ModelPrices(timeline)
        return self._models[name]

    def _too_early(self) -> str:
        with self._database.read() as connection:
            first = versions.first_seen_before(connection, self._source.id)
        seen = rfc3339(first) if first is not None else "never"
        return f"before the first snapshot of {self._source.name} ({seen})"
