"""A price over time as a line: sloped where a change lies between two polls, thinned by columns."""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple

from pricetrail.queries.steps import Step


class Vertex(NamedTuple):
    """A point of a line, in units of the picture."""

    x: float
    y: float


Line = list[Vertex]


class Place(NamedTuple):
    """Where times and amounts lie in a picture."""

    x: Callable[[datetime], float]
    y: Callable[[Decimal], float]
    end: datetime


def lines(steps: Sequence[Step], place: Place) -> list[Line]:
    """The lines of a price: one for each stretch of time in which it had an amount.

    From the last poll that saw the amount before to the first that saw the next one the line
    slopes. An amount begins with the first poll that saw it, and ends with the last.
    """
    found: list[Line] = []
    line: Line = []
    for step in steps:
        begin = place.x(step.not_before) if step.not_before is not None else None
        at = place.x(step.not_after)
        if line:
            # A clock that was set back may have dated a poll before the one before it.
            last = max(line[-1].x, at if begin is None else min(begin, at))
            line.append(Vertex(last, line[-1].y))
            at = max(at, last)
        if step.amount is None:
            found += [line] if line else []
            line = []
        else:
            line.append(Vertex(at, place.y(step.amount)))
    if line:
        line.append(Vertex(max(line[-1].x, place.x(place.end)), line[-1].y))
        found.append(line)
    return found


def fewer(steps: Sequence[Step], begin: datetime, end: datetime) -> Sequence[Step]:
    """The steps, or where they are too many for a picture some of them that show as much.

    Of each short stretch of time the first, the lowest, the highest and the last amount, and
    where there was none.
    """
    if len(steps) <= _MOST_STEPS:
        return steps
    found: list[Step] = []
    first = 0
    for number in range(1, _STRETCHES + 1):
        edge = begin + (end - begin) * number / _STRETCHES
        last = bisect_left(steps, edge, lo=first, key=_seen) if number < _STRETCHES else len(steps)
        for without, some in groupby(steps[first:last], _is_no_amount):
            found += _extremes(list(some), without=without)
        first = last
    return found


def _is_no_amount(step: Step) -> bool:
    return step.amount is None


def _extremes(steps: Sequence[Step], *, without: bool) -> list[Step]:
    """The first, the lowest, the highest and the last, each once."""
    kept = {0, len(steps) - 1}
    if not without:
        amounts = [step.amount or _FREE for step in steps]
        kept |= {amounts.index(min(amounts)), amounts.index(max(amounts))}
    return [steps[place] for place in sorted(kept)]


def thinned(line: Line) -> Line:
    """The line with at most four points in each column of one unit's width.

    The first, the lowest, the highest and the last: what is drawn covers the same pixels.
    """
    found: Line = []
    for column in _columns(line):
        if len(column) <= 4:
            found += column
            continue
        low = min(range(len(column)), key=lambda place: column[place].y)
        high = max(range(len(column)), key=lambda place: column[place].y)
        found += [column[place] for place in sorted({0, low, high, len(column) - 1})]
    return found


def _columns(line: Line) -> Iterator[Line]:
    column: Line = []
    for vertex in line:
        if column and int(vertex.x) != int(column[0].x):
            yield column
            column = []
        column.append(vertex)
    if column:
        yield column


def path_data(some: Iterable[Line]) -> str:
    """Lines as the `d` of a path, thinned: level and upright parts in short.

    To a tenth of a unit; to a whole one where there are so many points that nobody sees less.
    """
    parts: list[str] = []
    drawn = [thinned(line) for line in some]
    digits = 0 if is_dense(drawn) else 1
    for line in drawn:
        x = y = ""
        for place, vertex in enumerate(line):
            to_x, to_y = number(vertex.x, digits), number(vertex.y, digits)
            if not place:
                parts.append(f"M{to_x} {to_y}")
            elif to_x == x and to_y == y:
                continue
            elif to_y == y:
                parts.append(f"H{to_x}")
            elif to_x == x:
                parts.append(f"V{to_y}")
            else:
                parts.append(f"L{to_x} {to_y}")
            x, y = to_x, to_y
    return "".join(parts)


def is_dense(some: Iterable[Line]) -> bool:
    """Whether lines turn so often that dashes could not be told from steps."""
    return sum(map(len, some)) > _DENSE


def number(value: float, digits: int = 1) -> str:
    """A coordinate to a tenth: `12.5`, `12`."""
    return f"{value:.{digits}f}".removesuffix(".0")


_DENSE = 400
# More steps than one can tell apart, and so many stretches of a picture's width: four pixels each.
_MOST_STEPS, _STRETCHES = 400, 200
_FREE = Decimal(0)
_seen = attrgetter("not_after")
