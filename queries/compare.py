"""Who offers the same models cheaper, and since when?"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from pricetrail.catalog.aliases import NO_ALIASES, Aliases
from pricetrail.catalog.errors import InvalidInputError, NotFoundError
from pricetrail.catalog.times import rfc3339
from pricetrail.queries.offers import ComparedModel, Offer, cheapest_first
from pricetrail.queries.price import PriceAnswer, answer_of
from pricetrail.storage import source_names, sources
from pricetrail.storage.database import Transaction
from pricetrail.storage.history import price_catalogs, versions
from pricetrail.storage.history.price_catalogs import PriceCatalog, Since
from pricetrail.storage.history.prices import price_at
from pricetrail.storage.polls import coverage
from pricetrail.storage.polls.coverage import END_OF_TIME
from pricetrail.storage.sources import SourceState
from pricetrail.text.sums import counted

# So many sources are compared with each other; of more, those that somebody names.
MOST_SOURCES = 100
# Of so many sources it is told why they have no answer.
_MOST = 3


@dataclass(frozen=True, slots=True)
class CompareAnswer:
    """The compared models by id, and the names of the sources that were asked.

    `at` is the time that was asked for; else the newest of the times at which the sources were
    last seen, each of them compared as it was then.
    """

    at: datetime
    sources: tuple[str, ...]
    models: tuple[ComparedModel, ...]

    def as_json(self) -> dict[str, object]:
        """The document of `compare` (contract, section 5)."""
        return {"at": rfc3339(self.at), "models": [model.as_json() for model in self.models]}


def ask(
    transaction: Transaction,
    model: str | None = None,
    at: datetime | None = None,
    field: str | None = None,
    among: Sequence[str] = (),
    *,
    dated: bool = True,
    aliases: Aliases = NO_ALIASES,
) -> CompareAnswer:
    """The same models at several sources at a time; None for each source as it was last seen.

    Args:
        model: every source's offer of this one; None for all models that two sources list.
        field: a JSON Pointer to one price, or to a group: that alone is compared.
        among: only these sources; none for all, where they are no more than `MOST_SOURCES`.
        dated: whether offers of one model say since when; without it `since` is None.
        aliases: names that stand for one model: its offers are those under all of them.

    Raises:
        InvalidInputError: there are too many sources, and none is named.
        NotFoundError: no such source, none with a snapshot then, or none that listed the model
            or the field.
    """
    chosen = _chosen(transaction, among)
    if model is not None:
        names = aliases.names(model)
        offers = _offers_of(transaction, chosen, names, model, at, field, dated=dated)
        moment, fewest = at or max(offer.answer.at for offer in offers), 1
    else:
        catalogs = _catalogs(transaction, chosen, at)
        offers = list(_offers_of_all(transaction, catalogs, field, aliases))
        moment, fewest = at or max(catalog.at for _, catalog in catalogs), 2
    asked = tuple(state.name for state in chosen)
    return CompareAnswer(moment, asked, tuple(_compared(offers, fewest, aliases)))


def last_seen(transaction: Transaction) -> dict[str, int]:
    """The versions that are compared where no time is asked for, by the names of the sources."""
    found = {
        # Whatever time it is by the clock that it was seen by.
        state.name: coverage.version_at(transaction, state.id, END_OF_TIME)
        for state in sources.states(transaction)
    }
    return {name: version for name, version in found.items() if version is not None}


def _chosen(transaction: Transaction, among: Sequence[str]) -> list[SourceState]:
    if among:
        return [sources.choose(transaction, name) for name in sorted(set(among))]
    total = source_names.count(transaction)
    if total > MOST_SOURCES:
        raise InvalidInputError(
            f"there are {total:,} sources, too many to compare all of them: name some with source, "
            "which may be repeated"
        )
    # Where there is none, `choose` says what to do.
    return sources.states(transaction) or [sources.choose(transaction, None)]


def _offers_of(
    transaction: Transaction,
    chosen: Sequence[SourceState],
    listed: Sequence[str],
    model: str,
    at: datetime | None,
    field: str | None,
    *,
    dated: bool,
) -> list[Offer]:
    """What each source that ever showed a model asked for it then; at least one.

    Args:
        listed: the names of the model, `model` among them.

    Raises:
        NotFoundError: none did, or none then.
    """
    ids = [state.id for state in chosen]
    knowing = {name: versions.sources_with(transaction, name, ids) for name in listed}
    offers, refusals = [], []
    for state, name in ((state, name) for state in chosen for name in listed):
        if state.id not in knowing[name]:
            continue
        try:
            answer = answer_of(price_at(transaction, state, name, at, field), field)
        except NotFoundError as error:
            refusals.append(f"{state.name}: {error}")
            continue
        version, began = answer.before.version, dict[str, Since]()
        if dated:
            began = price_catalogs.since(transaction, state.id, version, field, name)
        offers.append(_offer(answer, began.get(name)))
    if refusals and not offers:
        rest = len(refusals) - _MOST
        more = [f"and likewise {counted(rest, 'other source')}"] if rest > 0 else []
        raise NotFoundError("; ".join([*refusals[:_MOST], *more]))
    if not offers:
        raise versions.never_seen(transaction, model, ids)
    return offers


def _catalogs(
    transaction: Transaction, chosen: Sequence[SourceState], at: datetime | None
) -> list[tuple[SourceState, PriceCatalog]]:
    """The catalog of each source that had one; at least one.

    Raises:
        NotFoundError: none had one.
    """
    found = [(state, price_catalogs.find_catalog(transaction, state, at)) for state in chosen]
    catalogs = [(state, catalog) for state, catalog in found if catalog is not None]
    if not catalogs:
        when = "yet: run `pricetrail poll`" if at is None else f"at {rfc3339(at)}"
        raise NotFoundError(f"no source has a snapshot {when}")
    return catalogs


def _offers_of_all(
    transaction: Transaction,
    catalogs: Sequence[tuple[SourceState, PriceCatalog]],
    field: str | None,
    aliases: Aliases,
) -> Iterator[Offer]:
    """The offers for every model that two of the catalogs list, under whatever name."""
    listing = Counter(
        model for _, catalog in catalogs for model in set(map(aliases.main, catalog.models))
    )
    for state, catalog in catalogs:
        version = catalog.around.before.version
        began = price_catalogs.since(transaction, state.id, version, field)
        for model in catalog.models:
            if listing[aliases.main(model)] > 1:
                answer = answer_of(catalog.price_at(model, field), field)
                if field is None or _has_prices(answer):
                    yield _offer(answer, began.get(model))


def _has_prices(answer: PriceAnswer) -> bool:
    return any(side is not None and side.prices for side in (answer.before, answer.after))


def _offer(answer: PriceAnswer, began: Since | None) -> Offer:
    return Offer(answer, began if answer.before.prices else None)


def _compared(offers: Iterable[Offer], fewest: int, aliases: Aliases) -> Iterator[ComparedModel]:
    """The models that so many sources offer, by id: a model is whoever has one of its names."""
    of_model: dict[str, list[Offer]] = {}
    for offer in offers:
        of_model.setdefault(aliases.main(offer.name), []).append(offer)
    for model, found in sorted(of_model.items()):
        if len({offer.source for offer in found}) >= fewest:
            yield ComparedModel(model, tuple(cheapest_first(found)))
