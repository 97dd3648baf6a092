"""Which rows of a catalog are wanted, and in which order: a filter, a sort, a page."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated

from fastapi import Depends

from pricetrail.catalog.pointers import dotted, from_person
from pricetrail.catalog.units import condition_of
from pricetrail.queries.sparks import MAIN_PATHS
from pricetrail.text.price_order import Place, condition_place
from pricetrail.web.tables.rows import Row

PAGE = 100
_TOKENS = MAIN_PATHS[:2]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a reader asked for; empty is everything.

    `q`: words that id or display name hold, all of them. `sort`: `id`, or a price such as
    `text.prompt`; a `-` before it turns the order round.
    """

    q: str = ""
    type: str = ""
    kind: str = ""
    sort: str = ""
    page: int = 1

    @property
    def falling(self) -> bool:
        """Whether the order is turned round."""
        return self.sort.startswith("-")

    @property
    def price(self) -> str | None:
        """The path of the price to sort by; None for the id."""
        name = self.sort.removeprefix("-").strip()
        return None if name in ("", "id") else from_person(name)


def _wanted(
    q: str = "",
    type: str = "",  # noqa: A002 - the name in the address
    kind: str = "",
    sort: str = "",
    page: int = 1,
) -> Wanted:
    return Wanted(q.strip(), type, kind, sort, page)


ThisSelection = Annotated[Wanted, Depends(_wanted)]


@dataclass(frozen=True, slots=True)
class Selection:
    """The rows of one page, of how many that match; `columns` are the prices with a column."""

    rows: Sequence[Row]
    matching: int
    page: int
    pages: int
    columns: tuple[str, ...]


def select(rows: Sequence[Row], wanted: Wanted) -> Selection:
    """The page that is wanted; the last one, where there are fewer."""
    found = matching(rows, wanted)
    pages = max(1, -(-len(found) // PAGE))
    page = min(max(1, wanted.page), pages)
    shown = found[(page - 1) * PAGE : page * PAGE]
    return Selection(shown, len(found), page, pages, _columns(found, wanted))


def matching(rows: Sequence[Row], wanted: Wanted) -> Sequence[Row]:
    """The rows that match, in order; those without the price that is sorted by come last."""
    words = wanted.q.casefold().split()
    found = [
        row
        for row in rows
        if (not wanted.type or row.type == wanted.type)
        and (not wanted.kind or row.kind == wanted.kind)
        and all(word in row.search for word in words)
    ]
    path = wanted.price
    if path is None:
        return found[::-1] if wanted.falling else found
    amounts = [(amount, row) for row in found if (amount := row.amounts.get(path)) is not None]
    # Equal prices stay in order of the ids, whichever way round.
    amounts.sort(key=_amount, reverse=wanted.falling)
    return [row for _, row in amounts] + [row for row in found if path not in row.amounts]


def _amount(pair: tuple[Decimal, Row]) -> Decimal:
    return pair[0]


def _columns(rows: Sequence[Row], wanted: Wanted) -> tuple[str, ...]:
    """Prompt and completion, or the two prices that most have; and the one that is sorted by."""
    columns: tuple[str, ...] = _TOKENS
    if rows and not any(path in row.amounts for row in rows for path in _TOKENS):
        columns = tuple(by_use(Counter(path for row in rows for path in row.amounts))[:2])
    return columns if wanted.price in (None, *columns) else (*columns, wanted.price or "")


def by_use(counts: Counter[str]) -> list[str]:
    """Paths of prices: the main ones, then those that most models have; each condition last."""

    def place(path: str) -> tuple[int, Place, int, str]:
        main = MAIN_PATHS.index(path) if path in MAIN_PATHS else len(MAIN_PATHS)
        return main, condition_place(condition_of(path)), -counts[path], dotted(path)

    return sorted((path for path in counts if counts[path]), key=place)
