"""The last months of one price as a line of 80 by 20, for a row of a table."""

from decimal import Decimal

from markupsafe import Markup

from pricetrail.queries.sparks import Spark
from pricetrail.text.money import bare_price, price
from pricetrail.text.sums import counted
from pricetrail.web.charts.markup import element
from pricetrail.web.charts.time_axis import TimeAxis
from pricetrail.web.charts.traces import Line, Vertex, path_data
from pricetrail.web.charts.words import series_words

WIDTH, HEIGHT = 80, 20
_EDGE = 3.0


def sparkline(spark: Spark | None) -> Markup:
    """The steps of a price, from its lowest at the bottom to its highest at the top."""
    amounts = [amount for _, amount in spark.points if amount is not None] if spark else []
    if spark is None or not amounts:
        return Markup("")
    time = TimeAxis(spark.begin, spark.end)
    low, high = min(amounts), max(amounts)
    found: list[Line] = []
    line: Line = []
    for at, amount in spark.points:
        x = _EDGE + time.share(at) * (WIDTH - 2 * _EDGE)
        if line:
            line.append(Vertex(x, line[-1].y))
        if amount is not None:
            line.append(Vertex(x, _y(amount, low, high)))
        elif line:
            found.append(line)
            line = []
    if line:
        line.append(Vertex(WIDTH - _EDGE, line[-1].y))
        found.append(line)
    parts = element("path", d=path_data(found))
    if line:
        parts += element("circle", cx=line[-1].x, cy=line[-1].y, r=2)
    box = f"0 0 {WIDTH} {HEIGHT}"
    return element(
        "svg", parts, viewBox=box, class_="spark", role="img", aria_label=_words(spark, amounts)
    )


def _y(amount: Decimal, low: Decimal, high: Decimal) -> float:
    if low == high:
        return HEIGHT / 2
    share = (amount - low) / (high - low)
    return HEIGHT - _EDGE - float(share) * (HEIGHT - 2 * _EDGE)


def _words(spark: Spark, amounts: list[Decimal]) -> str:
    name = f"{series_words(spark.path)}, {counted((spark.end - spark.begin).days, 'day')}"
    if len(set(amounts)) == 1:
        return f"{name}: {price(amounts[-1], spark.unit)}, unchanged"
    return f"{name}: {bare_price(amounts[0], spark.unit)} to {price(amounts[-1], spark.unit)}"
