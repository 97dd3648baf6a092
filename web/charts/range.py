"""The lowest, usual and highest amount of a price as a tiny picture, and where it is now."""

from decimal import Decimal

from markupsafe import Markup

from pricetrail.queries.steps import PriceTrail
from pricetrail.text.money import bare_price, price
from pricetrail.web.charts.markup import element, joined
from pricetrail.web.charts.traces import number

WIDTH, HEIGHT = 96, 16
_EDGE = 6.0
_MIDDLE = HEIGHT / 2


def range_picture(trail: PriceTrail) -> Markup:
    """A line from low to high with a mark for each of the three, and a dot for the present."""
    if trail.range is None:
        return Markup("")
    low, usual, high = trail.range
    now = trail.in_force.amount if trail.in_force is not None else None
    ends = [_mark(_x(end, low, high), 3, "end") for end in ((low, high) if low < high else ())]
    line = f"M{number(_EDGE)} {number(_MIDDLE)}H{number(WIDTH - _EDGE)}" if low < high else None
    parts = [
        *([element("path", d=line, class_="span")] if line else []),
        *ends,
        _mark(_x(usual, low, high), 5.5, "usual"),
    ]
    if now is not None:
        parts.append(element("circle", cx=_x(now, low, high), cy=_MIDDLE, r=3, class_="now"))
    return element(
        "svg",
        joined(*parts),
        viewBox=f"0 0 {WIDTH} {HEIGHT}",
        class_="range",
        role="img",
        aria_label=_words(trail, now),
    )


def _x(amount: Decimal, low: Decimal, high: Decimal) -> float:
    if low == high:
        return WIDTH / 2
    return _EDGE + float((amount - low) / (high - low)) * (WIDTH - 2 * _EDGE)


def _mark(x: float, half: float, name: str) -> Markup:
    d = f"M{number(x)} {number(_MIDDLE - half)}V{number(_MIDDLE + half)}"
    return element("path", d=d, class_=name)


def _words(trail: PriceTrail, now: Decimal | None) -> str:
    low, usual, high = (bare_price(amount, trail.unit) for amount in trail.range or ())
    present = "" if now is None else f", now {price(now, trail.unit)}"
    return f"low {low}, usual {usual}, high {high}{present}"
