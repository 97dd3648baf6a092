"""What people see: aligned tables and progress bars; and what programs read: exact JSON.

Text from outside goes through `pricetrail.text.sanitize.sanitize` before a terminal shows it.
"""

import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

import click

from pricetrail.catalog.strict_json import printable
from pricetrail.queries.answers import json_pieces
from pricetrail.text.sanitize import sanitize

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

_NUMBER = re.compile(r"[-+−]?\$?[0-9][0-9,.]*%?|–", re.ASCII)
# One cell is one line; far above any id (512 bytes) and any row of prices.
_LONGEST_CELL = 1000
_WIDEST = 10_000
_LONGEST_LINE = 100_000
# `evt_` and eight hex digits: of 100,000 ids one in 40,000 begins like another.
_SHORT_ID = 12
# So many characters are written at once.
_PIECE = 1 << 16


def print_json(document: object) -> None:
    """Print one JSON document on stdout; decimals keep every digit.

    Its members that are lists, or iterators, are written as they come: memory need not hold them.
    """
    print_pieces(json_pieces(document))


def print_pieces(pieces: Iterable[str]) -> None:
    """Print a line of JSON of any length on stdout, gathered into pieces that are worth a write.

    What a terminal would obey is escaped. What fails before the first piece is full leaves
    nothing on stdout.
    """
    gathered, size = [], 0
    for piece in pieces:
        gathered.append(piece)
        size += len(piece)
        if size >= _PIECE:
            click.echo(printable("".join(gathered)), nl=False)
            gathered, size = [], 0
    click.echo(printable("".join(gathered)))


def raw_json(text: str) -> None:
    """Print a JSON text on stdout, of equal value: what a terminal would obey is escaped."""
    click.echo(printable(text))


def body(content: bytes) -> None:
    """Print a catalog's body byte for byte; on a terminal, with what that would obey escaped."""
    if sys.stdout.isatty():
        click.echo(printable(content.decode("utf-8", "replace")))
    else:
        click.echo(content, nl=False)


def line(text: str = "") -> None:
    """Print a line of the answer on stdout; whatever it repeats cannot write to the terminal."""
    click.echo(inert(text))


def raw(text: str) -> None:
    """Print on stdout, letter for letter, what a program reads or is inert already and styled."""
    click.echo(text)


def note(text: str) -> None:
    """Print a line beside the answer, on stderr."""
    click.echo(inert(text), err=True)


def inert(text: str) -> str:
    """Make lines that cannot write to the terminal; their indents stay."""
    return "\n".join(map(_inert_line, text.split("\n")))


def _inert_line(text: str) -> str:
    words = text.lstrip(" ")
    return text[: len(text) - len(words)] + (sanitize(words, _LONGEST_LINE) if words else "")


def table(
    columns: Sequence[str], rows: Sequence[Sequence[object]], *, title: str | None = None
) -> None:
    """Print an aligned table on stdout; columns of numbers are right-aligned.

    On a terminal long cells are folded to its width; in a pipe every row is one line.
    """
    if title is not None:
        line(title)
    cells = [[_cell(value) for value in row] for row in rows]
    for text in _layout([_cell(name) for name in columns], cells):
        # All of it is inert already, and the header's bold is ours.
        click.echo(text)


def short_id(whole: str) -> str:
    """An id as a table shows it: on a terminal its beginning, which commands take as well."""
    return whole[:_SHORT_ID] if sys.stdout.isatty() else whole


def _cell(value: object) -> str:
    if value is None:
        return "–"
    text = str(value)
    # Two leading blanks are an indent of our own.
    indent = text[: len(text) - len(text.lstrip(" "))]
    return indent + sanitize(text, _LONGEST_CELL) if text.strip() else ""


def _layout(columns: Sequence[str], rows: list[list[str]]) -> Iterator[str]:
    from rich.console import Console  # noqa: PLC0415 - only where there is a table
    from rich.table import Table  # noqa: PLC0415 - only where there is a table
    from rich.text import Text  # noqa: PLC0415 - only where there is a table

    grid = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for index, name in enumerate(columns):
        cells = [row[index] for row in rows]
        numeric = bool(cells) and all(_NUMBER.fullmatch(cell) for cell in cells)
        grid.add_column(Text(name), justify="right" if numeric else "left", overflow="fold")
    for row in rows:
        grid.add_row(*map(Text, row))
    on_terminal = sys.stdout.isatty()
    console = Console(
        width=None if on_terminal else _WIDEST, highlight=False, force_terminal=on_terminal
    )
    with console.capture() as captured:
        console.print(grid)
    for text in captured.get().splitlines():
        yield text.rstrip()


class Bar(Protocol):
    """A progress bar."""

    def advance(self, amount: int) -> None:
        """Say that so much more is done."""


class _Silent:
    def advance(self, amount: int) -> None:
        """There is nobody to see it."""


@contextmanager
def progress(label: str, total: int | None) -> Iterator[Bar]:
    """Show a bar on stderr while that is a terminal; silent elsewhere.

    `total` is in the unit that `advance` counts; None where it is not known.
    """
    if not sys.stderr.isatty():
        yield _Silent()
        return
    from rich.console import Console  # noqa: PLC0415 - only where there is a bar
    from rich.progress import (  # noqa: PLC0415 - only where there is a bar
        BarColumn,
        Progress,
        TaskProgressColumn,
        TextColumn,
        TimeRemainingColumn,
    )

    parts = (TextColumn("{task.description}", markup=False), BarColumn(), TaskProgressColumn())
    with Progress(*parts, TimeRemainingColumn(), console=Console(stderr=True)) as display:
        yield _Advancing(display, display.add_task(inert(label), total=total))


class _Advancing:
    def __init__(self, display: "Progress", task: "TaskID") -> None:
        self._display, self._task = display, task

    def advance(self, amount: int) -> None:
        self._display.advance(self._task, amount)
