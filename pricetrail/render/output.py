"""Lines for people, and exact JSON for programs.

Text from outside goes through `pricetrail.text.sanitize.sanitize` before a terminal shows it.
"""

import sys
from collections.abc import Iterable

import click

from pricetrail.catalog.strict_json import printable
from pricetrail.queries.answers import json_pieces
from pricetrail.render.folding import fold
from pricetrail.render.screen import is_quiet, screen_of
from pricetrail.text.sanitize import sanitize

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


def short_id(whole: str) -> str:
    """An id as a table shows it: on a terminal its beginning, which commands take as well."""
    return whole[:_SHORT_ID] if sys.stdout.isatty() else whole


def body(content: bytes) -> None:
    """Print a catalog's body byte for byte; on a terminal, with what that would obey escaped."""
    if sys.stdout.isatty():
        click.echo(printable(content.decode("utf-8", "replace")))
    else:
        click.echo(content, nl=False)


def line(text: str = "") -> None:
    """Print a line of the answer on stdout; whatever it repeats cannot write to the terminal.

    On a terminal a long one is folded, between words.
    """
    _echo(text, screen_of().width)


def _echo(text: str, width: int | None, *, err: bool = False) -> None:
    for whole in inert(text).split("\n"):
        for part in fold(whole, width):
            click.echo(part, err=err)


def raw(text: str) -> None:
    """Print on stdout, letter for letter, what a program reads or is inert already and styled."""
    click.echo(text, color=screen_of().styled)


def note(text: str) -> None:
    """Print a line beside the answer, on stderr, unless the command is to be quiet."""
    if not is_quiet():
        _echo(text, screen_of(sys.stderr).width, err=True)


def inert(text: str) -> str:
    """Make lines that cannot write to the terminal; their indents stay."""
    return "\n".join(map(_inert_line, text.split("\n")))


def _inert_line(text: str) -> str:
    words = text.lstrip(" ")
    return text[: len(text) - len(words)] + (sanitize(words, _LONGEST_LINE) if words else "")
