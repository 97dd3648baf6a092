"""How much changed on each of the last days, as small bars."""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time
from functools import lru_cache

from markupsafe import Markup

from pricetrail.queries.activity import DayCounts
from pricetrail.text.sums import counted, listed
from pricetrail.text.time_ranges import day as day_words
from pricetrail.web.charts.markup import element, joined

HEIGHT = 24
_WIDTH, _APART = 4, 5
_LEAST = 2


def bars(days: Sequence[DayCounts]) -> Markup:
    """A bar a day, as high as its events; a day without any is a dot of the ground line."""
    return _bars(tuple(days))


# Between two polls they are the same at each request.
@lru_cache(maxsize=200)
def _bars(days: tuple[DayCounts, ...]) -> Markup:
    most = max((counts.total for counts in days), default=0)
    drawn = joined(*(_bar(place, counts, most) for place, counts in enumerate(days)))
    box = f"0 0 {max(1, len(days) * _APART - 1)} {HEIGHT}"
    words = _words(days, most)
    return element("svg", drawn, viewBox=box, class_="bars", role="img", aria_label=words)


def _bar(place: int, counts: DayCounts, most: int) -> Markup:
    height = max(_LEAST, round(counts.total * HEIGHT / most)) if counts.total else 1
    return element(
        "rect",
        element("title", f"{day_words(_noon(counts.day))}: {_told(counts)}"),
        x=place * _APART,
        y=HEIGHT - height,
        width=_WIDTH,
        height=height,
        class_=None if counts.total else "none",
    )


def _told(counts: DayCounts) -> str:
    return listed(_by_kind([counts]), zeros=False) or "nothing changed"


def _words(days: Sequence[DayCounts], most: int) -> str:
    if not most:
        return f"{counted(len(days), 'day')} without an event"
    busiest = max(days, key=lambda counts: counts.total)
    total = sum(counts.total for counts in days)
    parts = listed(_by_kind(days), zeros=False)
    return (
        f"{counted(total, 'event')} in {counted(len(days), 'day')} ({parts}), "
        f"most on {day_words(_noon(busiest.day))}: {busiest.total}"
    )


def _by_kind(days: Iterable[DayCounts]) -> dict[str, int]:
    kinds = ("repriced", "added", "removed", "updated")
    some = list(days)
    return {kind: sum(getattr(counts, kind) for counts in some) for kind in kinds}


def _noon(day: date) -> datetime:
    return datetime.combine(day, time(12), UTC)
