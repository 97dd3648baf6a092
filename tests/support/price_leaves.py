"""Whether a dialect loses a price: made-up entries, changed at random, and what became of each.

An amount is known by its digits alone, whatever power of ten it is scaled by.
"""

from collections.abc import Callable, Iterator
from decimal import Decimal
from random import Random
from typing import Any

from hypothesis import strategies as st

from pricetrail.catalog.amounts import normalised, parse_amount
from pricetrail.catalog.dialects.readings import Entry, Reading, Remark
from pricetrail.catalog.documents import leaves
from pricetrail.catalog.pointers import join

Digits = tuple[int, ...]
Json = Any

# Names that no list has yet, and what may stand under them.
_NEW = ("new_cost", "price_of_tomorrow", "cost_per_moon", "x/y_cost", "a~cost")
_ODD: tuple[Json, ...] = (
    *(None, True, False, "", "-1", "free", "see the page", [], {}, -1),
    *([None], [[]], {"cost": None}, [{"cost": "x"}]),
)


def digits(amount: Decimal) -> Digits:
    """What stays of an amount when it is scaled."""
    return normalised(amount).as_tuple().digits


def amounts_in(value: Json, pointer: str = "") -> Iterator[tuple[str, Decimal]]:
    """Every amount in a JSON value, a number or a text, by its pointer."""
    if isinstance(value, dict):
        for key, member in value.items():
            yield from amounts_in(member, join(pointer, key))
    elif isinstance(value, list):
        for index, member in enumerate(value):
            yield from amounts_in(member, f"{pointer}/{index}")
    elif (amount := parse_amount(value)) is not None:
        yield pointer, amount


@st.composite
def changed(
    draw: st.DrawFn, entry: Json, prices: Callable[[str], bool]
) -> tuple[Json, dict[str, Json]]:
    """An entry with other amounts at its prices, or none at all; and new fields with prices.

    Args:
        prices: whether an amount at a pointer is a price: none of two has the same digits then.
    """
    # One number is drawn and not hundreds: that is by far the faster.
    random = Random(draw(st.integers(0, 2**32)))
    numbers = (number for number in range(random.randrange(10_001, 70_000), 10**6) if number % 10)

    def amount(was: Json) -> Json:
        fresh = Decimal(next(numbers)).scaleb(random.randint(-14, -4))
        return format(fresh, "f") if isinstance(was, str) else fresh

    def walk(value: Json, pointer: str) -> Json:
        if isinstance(value, dict):
            return {key: walk(member, join(pointer, key)) for key, member in value.items()}
        if isinstance(value, list):
            return [walk(member, f"{pointer}/{n}") for n, member in enumerate(value)]
        if parse_amount(value) is None or not prices(pointer):
            return value
        return amount(value) if random.random() < 0.9 else random.choice(_ODD)

    def shaped() -> Json:
        shapes = (
            amount(1),
            {"low": amount(1), "high": {"cost": amount("1")}},
            [{"cost": amount(1), "size": "big"}, {"cost": amount(1), "size": "big"}, amount("1")],
        )
        return random.choice(shapes)

    return walk(entry, ""), {name: shaped() for name in random.sample(_NEW, random.randint(0, 2))}


def lost(reading: Reading, entry: Entry, native: Json, prices: Callable[[str], bool]) -> list[str]:
    """The pointers of prices that are neither in the document nor named by a remark."""
    kept = {
        digits(leaf)
        for pointer, leaf in leaves(entry.document).items()
        if pointer.startswith("/pricing/") and isinstance(leaf, Decimal)
    }
    named = [remark.path for remark in reading.remarks if remark.model == entry.document["id"]]
    return [
        pointer
        for pointer, amount in amounts_in(native)
        if prices(pointer)
        and digits(amount) not in kept
        and not any(_covers(path, pointer) for path in named)
    ]


def _covers(path: str, pointer: str) -> bool:
    return pointer == path or pointer.startswith(path + "/")


def kinds(remarks: list[Remark]) -> list[tuple[str, str]]:
    """What was said of which field."""
    return [(remark.kind, remark.path) for remark in remarks]
