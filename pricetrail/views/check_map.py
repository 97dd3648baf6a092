"""A map of prices beside the gateway's, on the terminal."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime

from pricetrail.catalog.pointers import dotted
from pricetrail.catalog.units import label
from pricetrail.queries.check_map import CheckMapAnswer, ModelDifference, PriceDifference, Turn
from pricetrail.render import Column, line, note, table, when
from pricetrail.text import money
from pricetrail.text.sanitize import sanitize

# Of so many reasons each is said; the rest is counted.
_REASONS = 8
_NAMES = 5


def show_check(answer: CheckMapAnswer) -> None:
    """Show each price that differs, the largest difference first, and how many do."""
    rows = [row for model in answer.differences for row in _rows(model, answer.source)]
    if rows:
        columns = (
            Column("model", names=True),
            "price",
            "map",
            "gateway",
            "change",
            "gateway's since",
            Column("map's until", drop=1),
        )
        table(columns, rows)
        line()
    line(f"{sanitize(answer.in_words(), 600)}; as of {when(answer.at)}")


def show_check_notes(answer: CheckMapAnswer) -> None:
    """Say beside the answer what could not be compared, and why."""
    counts = Counter((dotted(item.path), item.why) for item in answer.not_compared)
    for (path, why), count in counts.most_common(_REASONS):
        note(f"not compared: {count:,} × {sanitize(path)}: {why}")
    rest = list(counts.values())
    if len(rest) > _REASONS:
        left = sum(sorted(rest, reverse=True)[_REASONS:])
        note(f"not compared: {left:,} others; --json lists all")


def _rows(model: ModelDifference, source: str) -> Iterator[tuple[object, ...]]:
    """A row for each price; the model stands in the first, with its other name in the map."""
    usual = model.named in (model.model, f"{source}/{model.model}")
    name = model.model if usual else f"{model.model} ({model.named})"
    for price in model.prices:
        yield _row(name, price)
        name = ""


def _row(name: str, price: PriceDifference) -> tuple[object, ...]:
    unit = price.unit
    return (
        name,
        label(price.path),
        "–" if price.in_map is None else money.bare_price(price.in_map, unit),
        money.price(price.at_gateway, unit),
        _change(price),
        _seen(price.since),
        None if price.right_until is None else _seen(price.right_until),
    )


def _change(price: PriceDifference) -> str:
    if price.in_map is None:
        return "not in the map"
    return money.ratio(price.in_map, price.at_gateway) or _from_or_to_nothing(price)


def _from_or_to_nothing(price: PriceDifference) -> str:
    return "free in the map" if not price.in_map else "now free"


def _seen(turn: Turn) -> datetime | str:
    """When a change was first seen; of what was there at first, that it may be older."""
    if turn.window.not_before is None:
        return f"{when(turn.window.not_after)} or before"
    return turn.window.not_after
