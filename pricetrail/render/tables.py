"""Aligned tables, fitted to a terminal's width: columns are left out before a cell is folded.

What is copied from a table (ids, hashes, numbers, times) is never broken over lines: a name that
is too long for its column has a line to itself. Text is folded, between words.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import zip_longest
from typing import NamedTuple

import click

from pricetrail.render.folding import cells_of, fold, longest_word, pad
from pricetrail.render.output import line
from pricetrail.render.screen import Screen, screen_of
from pricetrail.text.sanitize import sanitize

_NUMBER = re.compile(r"[-+−]?\$?[0-9][0-9,.]*%?|–", re.ASCII)
# One cell is one line; far above any id (512 bytes) and any row of prices.
_LONGEST_CELL = 1000
_GAP = 2
_FEW_WORDS = 20
# Columns are left out before a text has less than such a share of the width, or a name has.
_OF_TEXT, _OF_NAMES = 0.6, 0.45
# As narrow as text becomes before names do, and as narrow as those become.
_NARROW, _SHORT_NAME = 24, 16


class Column(NamedTuple):
    """A column of a table.

    Args:
        drop: when it is left out where the width is short: 1 before 2 before 3; 0 never.
        recent: of its times it matters how long ago they are: `3 min ago` on a terminal.
        names: its cells are names from outside: never folded, though they may hold blanks.
    """

    title: str
    drop: int = 0
    recent: bool = False
    names: bool = False


class Heading(NamedTuple):
    """What stands over the rows after it, as wide as it is; they are best indented."""

    text: str


class _Fitted(NamedTuple):
    """A column with its cells as text, and the widths that it would have and can do with."""

    column: Column
    cells: list[str]
    natural: int
    least: int

    @property
    def title(self) -> str:
        return self.column.title

    @property
    def numeric(self) -> bool:
        # Below a row that goes on in other columns there is nothing.
        return any(self.cells) and all(_NUMBER.fullmatch(cell) for cell in self.cells if cell)

    @property
    def folds(self) -> bool:
        """Whether it is text: a few words, such as a time, stay together."""
        return not self.column.names and any(
            len(cell) > _FEW_WORDS and " " in cell.strip() for cell in self.cells
        )


def table(
    columns: Sequence[str | Column],
    rows: Sequence[Sequence[object] | Heading],
    *,
    title: str | None = None,
    screen: Screen | None = None,
) -> None:
    """Print an aligned table on stdout; columns of numbers are right-aligned.

    A cell that is a `datetime` is written as the screen writes times. In a pipe every row is one
    line, and nothing is left out.

    Args:
        screen: what it is laid out for; by default stdout.
    """
    screen = screen_of() if screen is None else screen
    if title is not None:
        line(title)
    for text in layout(columns, rows, screen):
        # All of it is inert already, and the styles are ours.
        click.echo(text, color=screen.styled)


def layout(
    columns: Sequence[str | Column], rows: Sequence[Sequence[object] | Heading], screen: Screen
) -> Iterator[str]:
    """The lines of a table for a screen; the last names the columns that were left out."""
    known = [_column(column) for column in columns]
    told = [row for row in rows if not isinstance(row, Heading)]
    fitted = [
        _fitted(column, [_cell(row[place], column, screen) for row in told], screen.width)
        for place, column in enumerate(known)
    ]
    kept = _kept(fitted, screen.width)
    widths = _widths(kept, screen.width)
    for text in _row(kept, [each.title for each in kept], widths):
        yield click.style(text, bold=True) if screen.styled else text
    cells = zip(*(each.cells for each in kept), strict=True)
    for row in rows:
        if isinstance(row, Heading):
            yield from fold(_inert(row.text), screen.width)
        else:
            yield from _row(kept, next(cells), widths)
    left_out = [each.title for each in fitted if each not in kept]
    if left_out:
        remark = f"more in a wider terminal or with --json: {', '.join(left_out)}"
        for text in fold(remark, screen.width):
            yield click.style(text, dim=True) if screen.styled else text


def _column(given: str | Column) -> Column:
    """A column whose title is harmless: a source's name may be part of it."""
    column = given if isinstance(given, Column) else Column(given)
    return column._replace(title=_inert(column.title))


def _cell(value: object, column: Column, screen: Screen) -> str:
    if value is None:
        return "–"
    if isinstance(value, datetime):
        return screen.recently(value) if column.recent else screen.when(value)
    return _inert(str(value))


def _inert(text: str) -> str:
    # Two leading blanks are an indent of our own.
    indent = text[: len(text) - len(text.lstrip(" "))]
    return indent + sanitize(text, _LONGEST_CELL) if text.strip() else ""


def _fitted(column: Column, cells: list[str], width: int | None) -> _Fitted:
    """A column, and how narrow it may become before others have to go."""
    natural = max(map(cells_of, (column.title, *cells)))
    fitted = _Fitted(column, cells, natural, natural)
    if width is None or not (column.names or fitted.folds):
        return fitted
    share = _OF_NAMES if column.names else _OF_TEXT
    return fitted._replace(least=min(natural, max(_narrowest(fitted), int(width * share))))


def _narrowest(each: _Fitted) -> int:
    """The width below which a column does not go."""
    title = cells_of(each.title)
    if each.folds:
        return max(longest_word(each.title), *map(longest_word, each.cells))
    return max(title, min(each.natural, _SHORT_NAME)) if each.column.names else each.natural


def _kept(fitted: list[_Fitted], width: int | None) -> list[_Fitted]:
    """The columns for which there is room; those that may go do so in their order."""
    if width is None:
        return fitted
    left_out: list[_Fitted] = []
    for each in sorted((each for each in fitted if each.column.drop), key=_order):
        if _fits(fitted, left_out, width):
            break
        left_out.append(each)
    for each in reversed(left_out.copy()):
        # Behind a wide one that had to go there may be room again for what is narrow.
        others = [one for one in left_out if one is not each]
        left_out = others if _fits(fitted, others, width) else left_out
    return _without(fitted, left_out)


def _without(fitted: list[_Fitted], left_out: list[_Fitted]) -> list[_Fitted]:
    gone = {id(each) for each in left_out}
    return [each for each in fitted if id(each) not in gone]


def _fits(fitted: list[_Fitted], left_out: list[_Fitted], width: int) -> bool:
    return _sum(each.least for each in _without(fitted, left_out)) <= width


def _order(each: _Fitted) -> int:
    return each.column.drop


def _sum(widths: Iterable[int]) -> int:
    every = list(widths)
    return sum(every) + _GAP * (len(every) - 1)


def _widths(kept: list[_Fitted], width: int | None) -> list[int]:
    """How wide each becomes: what is left over goes to those that lack some, from the left.

    The whole may be wider than the screen, where what is never broken does not fit.
    """
    widths = [each.least for each in kept]
    if width is None:
        return widths
    spare = width - _sum(widths)
    for place, each in enumerate(kept):
        more = min(each.natural - each.least, max(spare, 0))
        widths[place] += more
        spare -= more
    # Nothing may be left out any more: text becomes narrow, then names, then text as it can.
    for place, floor in _floors(kept):
        less = min(max(widths[place] - floor, 0), max(-spare, 0))
        widths[place] -= less
        spare += less
    return widths


def _floors(kept: list[_Fitted]) -> Iterator[tuple[int, int]]:
    """Which columns give way, one after the other, and down to which width."""
    texts = [(place, _narrowest(each)) for place, each in enumerate(kept) if each.folds]
    yield from ((place, max(_NARROW, narrowest)) for place, narrowest in texts)
    for place, each in enumerate(kept):
        if each.column.names:
            yield place, _narrowest(each)
    yield from texts


def _row(columns: list[_Fitted], cells: Sequence[str], widths: list[int]) -> Iterator[str]:
    """The lines of one row; behind a cell that is too long for its column it goes on below."""
    begun = 0
    for place, (cell, width) in enumerate(zip(cells, widths, strict=True)):
        if cells_of(cell) > width and not columns[place].folds:
            yield from _lines(columns, cells, widths, begun, place + 1)
            begun = place + 1
    if begun < len(cells) and (not begun or any(cells[begun:])):
        yield from _lines(columns, cells, widths, begun, len(cells))


def _lines(
    columns: list[_Fitted], cells: Sequence[str], widths: list[int], begin: int, end: int
) -> Iterator[str]:
    """The cells from one column up to another, each folded to its width, in their places."""
    indent = " " * sum(width + _GAP for width in widths[:begin])
    folded = [
        fold(cells[place], widths[place]) if columns[place].folds else [cells[place]]
        for place in range(begin, end)
    ]
    for parts in zip_longest(*folded, fillvalue=""):
        shown = (
            pad(part, widths[place], right=columns[place].numeric)
            for place, part in enumerate(parts, begin)
        )
        yield (indent + (" " * _GAP).join(shown)).rstrip()
