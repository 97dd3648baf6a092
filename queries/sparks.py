"""The recent past of one price of a model, as few points as a picture of 80 pixels can show."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from pricetrail.catalog import units
from pricetrail.text.price_order import place_of

Point = tuple[datetime, Decimal | None]

MAIN_PATHS = (
    "/pricing/text/prompt",
    "/pricing/text/completion",
    "/pricing/generation/image/per_image",
    "/pricing/generation/video/per_second",
    "/pricing/generation/audio/per_second",
)
# Of each the lowest and the highest amount is kept, in their order.
_SLICES = 32


class Spark(NamedTuple):
    """The amounts of one price from `begin` to `end`, each from its time on; None: no amount."""

    path: str
    unit: str
    begin: datetime
    end: datetime
    points: tuple[Point, ...]


def main_price(paths: Sequence[str]) -> str | None:
    """The one price that stands for a model; None where it has none."""
    for path in MAIN_PATHS:
        if path in paths:
            return path
    return min(paths, key=place_of, default=None)


def spark(path: str, points: Sequence[Point], begin: datetime, end: datetime) -> Spark:
    """The points, oldest first, from `begin` on with what held then; at most some dozens."""
    earlier = sum(1 for at, _ in points if at <= begin)
    if earlier:
        points = [(begin, points[earlier - 1][1]), *points[earlier:]]
    if len(points) > 2 * _SLICES:
        points = _thinned(points, begin, end)
    return Spark(path, units.unit(path), begin, end, tuple(points))


def _thinned(points: Sequence[Point], begin: datetime, end: datetime) -> list[Point]:
    """Of each slice of time its extremes, and the last point of all."""
    width = (end - begin) / _SLICES or timedelta.resolution
    slices: dict[int, list[Point]] = {}
    for point in points[:-1]:
        slices.setdefault((point[0] - begin) // width, []).append(point)
    found: list[Point] = []
    for some in slices.values():
        amounts = [point for point in some if point[1] is not None]
        if not amounts:
            found.append(some[-1])
            continue
        extremes = {min(amounts, key=_amount), max(amounts, key=_amount)}
        found += sorted(extremes, key=some.index)
    return [*found, points[-1]]


def _amount(point: Point) -> Decimal:
    return point[1] or Decimal(0)
