"""What several sources ask for a model, as rows: the cheapest said in words at each price."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import NamedTuple

from markupsafe import Markup

from pricetrail.catalog.amounts import percent, plain, same_price
from pricetrail.catalog.units import label
from pricetrail.queries.compare import CompareAnswer
from pricetrail.queries.offers import Offered, Ranking, rankings
from pricetrail.queries.sparks import MAIN_PATHS
from pricetrail.storage.polls.certainty import OBSERVED
from pricetrail.text import money
from pricetrail.text.sanitize import sanitize
from pricetrail.web.paths import escaped
from pricetrail.web.tables.rows import held
from pricetrail.web.wording import model_id

PAGE = 50
_COLUMNS = MAIN_PATHS[:2]
_MOST_OTHERS = 5
_LONGEST_NAME = 60
_TOLD = Markup(
    '{name}</a>{listed}{tag}</th>{cells}<td class="others only">{others}</td>'
    '<td class="since"><span class="quiet">{since}</span></td>'
)
_PRICED = Markup('<td class="n" data-label="{}">{}</td>')
_LISTED = Markup(' <span class="quiet">as <code class="id">{}</code></span>')
_NO_PRICES = Markup('<span class="quiet">no prices</span>')
_UNCERTAIN = Markup(
    ' <span class="tag" title="what is known of this time at this source">{}</span>'
)


class OfferRow(NamedTuple):
    """One source's offer: its prices with a column, the others, and since when it stands.

    `path` is the address of the model's page there, below the root path. `told` is the row from
    its source's name on: the link's address, which differs by who looks, stands before it.
    """

    source: str
    path: str
    cells: tuple[Markup, ...]
    others: Markup
    told: Markup


class ComparedRow:
    """A model and its offers, cheapest first; `spread` is how much dearer the dearest is."""

    def __init__(self, model: str, offered: Sequence[Offered]) -> None:
        self.model, self.offered = model, offered
        self.search = "\n".join(dict.fromkeys([model, *(one.name for one in offered)])).casefold()

    @cached_property
    def name(self) -> Markup:
        """The id, shortened in the middle where it must be."""
        return model_id(self.model)

    @cached_property
    def path(self) -> str:
        """The address of the first offer's page, below the root path."""
        return self.offers[0].path

    @cached_property
    def rankings(self) -> dict[str, Ranking]:
        """Each price by its path, the main one first."""
        return {ranking.path: ranking for ranking in rankings(self.offered)}

    @cached_property
    def contested(self) -> Ranking | None:
        """The main price that two sources ask for; None where there is none."""
        return next((each for each in self.rankings.values() if len(each.asked) > 1), None)

    @cached_property
    def cheapest(self) -> tuple[str, ...]:
        """Who asks least by the main price, where somebody asks more."""
        if self.contested is None or not self.contested.dearer:
            return ()
        return tuple(dict.fromkeys(one.source for one in self.contested.cheapest))

    @cached_property
    def spread(self) -> Decimal:
        """By how many percent the dearest is above the cheapest, by the main price."""
        if self.contested is None or not self.contested.dearer:
            return Decimal(0)
        ratio = percent(self.contested.asked[0].amount, self.contested.asked[-1].amount)
        return Decimal("Infinity") if ratio is None else ratio

    @cached_property
    def offers(self) -> list[OfferRow]:
        """The offers as they are shown."""
        return [self._offer(offer) for offer in self.offered]

    def _offer(self, offer: Offered) -> OfferRow:
        amounts = offer.amounts()
        others = [path for path in self.rankings if path in amounts and path not in _COLUMNS]
        items = [self._item(path, amounts[path]) for path in others[:_MOST_OTHERS]]
        if len(others) > _MOST_OTHERS:
            items.append(Markup("and {} more").format(len(others) - _MOST_OTHERS))
        cells = tuple(
            self._cell(path, amounts[path]) if path in amounts else Markup("") for path in _COLUMNS
        )
        rest = Markup(" ").join(items) if items or any(cells) else _NO_PRICES
        told = _told(offer, self.model, cells, rest)
        return OfferRow(offer.source, escaped(f"/model/{offer.name}"), cells, rest, told)

    def _cell(self, path: str, amount: Decimal) -> Markup:
        ranking = self.rankings[path]
        return Markup('{} <span title="{} {}">{}</span>').format(
            _standing(ranking, amount),
            plain(amount),
            ranking.unit,
            money.bare_price(amount, ranking.unit),
        )

    def _item(self, path: str, amount: Decimal) -> Markup:
        ranking = self.rankings[path]
        return Markup('<span class="price" title="{} {}">{} <b>{}</b> {}</span>').format(
            plain(amount),
            ranking.unit,
            sanitize(label(path)),
            money.price(amount, ranking.unit),
            _standing(ranking, amount),
        )


def _told(offer: Offered, model: str, cells: Iterable[Markup], others: Markup) -> Markup:
    labelled = zip(_COLUMNS, cells, strict=True)
    since = offer.since
    return _TOLD.format(
        name=sanitize(offer.source),
        listed="" if offer.name == model else _LISTED.format(sanitize(offer.name, _LONGEST_NAME)),
        tag="" if offer.certainty == OBSERVED else _UNCERTAIN.format(offer.certainty),
        cells=Markup("").join(_PRICED.format(label(path), cell) for path, cell in labelled),
        others=others,
        since="" if since is None else held((since.not_before, since.not_after)),
    )


def _standing(ranking: Ranking, amount: Decimal) -> Markup:
    """`cheapest`, `+25%`, `same`; empty where nobody else asks for it."""
    if len(ranking.asked) == 1:
        return Markup("")
    if not ranking.dearer:
        return Markup("<small>same</small>")
    if same_price(amount, ranking.asked[0].amount):
        return Markup('<small class="good">cheapest</small>')
    words = money.ratio(ranking.asked[0].amount, amount) or "free elsewhere"
    return Markup("<small>{}</small>").format(words)


class Winners(NamedTuple):
    """For how many models each source is the cheapest, and how many cost the same everywhere."""

    wins: Sequence[tuple[str, int]]
    same: int


def winners(rows: Sequence[ComparedRow], sources: Iterable[str]) -> Winners:
    """Who is the cheapest for how many of these models."""
    counts = Counter(name for row in rows for name in row.cheapest)
    same = sum(row.contested is not None and not row.cheapest for row in rows)
    return Winners([(name, counts[name]) for name in sources], same)


@dataclass(frozen=True, slots=True)
class Comparison:
    """All models that two sources list, by id, and who is the cheapest for how many of them."""

    sources: tuple[str, ...]
    rows: tuple[ComparedRow, ...]
    winners: Winners


def comparison(answer: CompareAnswer) -> Comparison:
    """An answer as rows."""
    rows = tuple(ComparedRow(model.model, model.offers) for model in answer.models)
    return compared(answer.sources, rows)


def compared(sources: tuple[str, ...], rows: tuple[ComparedRow, ...]) -> Comparison:
    """The rows of all models, by id, that two of the sources list."""
    return Comparison(sources, rows, winners(rows, sources))


def matching(rows: Iterable[ComparedRow], q: str, *, by_spread: bool) -> list[ComparedRow]:
    """The models whose id holds all words, in order; by their spread, the largest first."""
    words = q.casefold().split()
    found = [row for row in rows if all(word in row.search for word in words)]
    return sorted(found, key=lambda row: -row.spread) if by_spread else found
