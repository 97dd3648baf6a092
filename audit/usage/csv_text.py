"""CSV as spreadsheets and exports write it: any separator, UTF-8 or UTF-16, cells of any length."""

import csv
import io
import re
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import BinaryIO, NamedTuple, cast

from pricetrail.audit.usage.errors import UsageFileError

_SEPARATORS = ",;\t"
_MAX_LINE = 4 * 1024 * 1024
# Excel's first line, which names the separator.
_SEP = re.compile(r'"?sep=(.)"?\s*', re.IGNORECASE)
_NO_TEXT = "{} is not UTF-8: save it as UTF-8"
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
# Whole prompts stand in some exports; a quote that is left open must still not fill the memory.
_MAX_CELL = 16 * 1024 * 1024
csv.field_size_limit(_MAX_CELL)
# Of a file that never ends: a sheet has a million rows, and most of them may be empty.
_MAX_ROW = 2 * _MAX_CELL
_MAX_BLANK = 2_000_000


def decode(stream: BinaryIO, errors: str = "strict") -> io.TextIOWrapper:
    """The text of a file: UTF-16 where a byte order mark says so, as from Excel; else UTF-8."""
    buffered, utf_16 = _with_encoding(stream)
    encoding = "utf-16" if utf_16 else "utf-8-sig"
    return io.TextIOWrapper(buffered, encoding=encoding, errors=errors, newline="")


def lines(path: Path, stream: BinaryIO, limit: int) -> Iterator[str | bytes]:
    """Every line, or so much of it; bytes where they are UTF-8 as far as anybody knows.

    Raises:
        UsageFileError: it begins as UTF-16, and is none, or blank lines without end; while the
            lines are read.
    """
    blank = 0
    for line in _lines(path, stream, limit):
        blank = blank + 1 if line.isspace() else 0
        _require_end(path, blank)
        yield line


def _lines(path: Path, stream: BinaryIO, limit: int) -> Iterator[str | bytes]:
    buffered, utf_16 = _with_encoding(stream)
    if not utf_16:
        yield from iter(lambda: buffered.readline(limit), b"")
        return
    text = io.TextIOWrapper(buffered, encoding="utf-16")
    try:
        yield from iter(lambda: text.readline(limit), "")
    except UnicodeError:
        raise UsageFileError(_NO_TEXT.format(path)) from None


def _with_encoding(stream: BinaryIO) -> "tuple[io.BufferedReader[io.RawIOBase], bool]":
    buffered = io.BufferedReader(cast("io.RawIOBase", stream), 1 << 16)
    return buffered, buffered.peek(2)[:2] in _UTF_16


def table(path: Path, stream: BinaryIO) -> tuple[list[str], Iterator[tuple[int, list[str]]]]:
    """The names in the first line, and every further row that is not blank, with its line.

    Raises:
        UsageFileError: it is no CSV, or no text; while the rows are read too.
    """
    rows = _rows(path, stream)
    return next(rows, (1, []))[1], rows


class Head(NamedTuple):
    """How a table begins: lines before its first one, that one, and what separates its cells."""

    before: int
    line: str
    separator: str


def head(stream: BinaryIO, path: Path) -> Head:
    """How a table begins.

    Raises:
        UsageFileError: it is no text.
    """
    try:
        before, line, separator = _head(path, decode(stream))
    except UnicodeError:
        raise UsageFileError(_NO_TEXT.format(path)) from None
    return Head(before, line, separator)


def _rows(path: Path, stream: BinaryIO) -> Iterator[tuple[int, list[str]]]:
    blank = 0
    for line, cells in records(path, stream):
        if any(map(str.strip, cells)):
            blank = 0
            yield line, cells
            continue
        blank += 1
        _require_end(path, blank)


def records(path: Path, stream: BinaryIO) -> Iterator[tuple[int, list[str]]]:
    """The first line and every further record, blank ones too, each with its last line's number.

    Raises:
        UsageFileError: it is no CSV, or no text; while they are read.
    """
    try:
        text = decode(stream)
        before, first, separator = _head(path, text)
        lines = chain([first], _bounded(path, text))
        reader = csv.reader(lines, delimiter=separator, strict=True)
        for cells in reader:
            yield before + reader.line_num, cells
    except UnicodeError:
        raise UsageFileError(_NO_TEXT.format(path)) from None
    except csv.Error as error:
        if "field limit" in str(error):
            problem = "a cell of more than 16 MiB: is a quote left open?"
            raise UsageFileError(f"{path} is not CSV: {problem}") from None
        raise UsageFileError(f"{path} is not CSV: {error}") from None


def _bounded(path: Path, text: io.TextIOWrapper) -> Iterator[str]:
    """The lines, none of which may fill the memory."""
    while line := text.readline(_MAX_ROW):
        if len(line) == _MAX_ROW:
            raise UsageFileError(
                f"{path} is not CSV: a line of more than 32 MiB: is a quote left open?"
            )
        yield line


def _require_end(path: Path, blank: int) -> None:
    if blank > _MAX_BLANK:
        raise UsageFileError(f"{path}: over {_MAX_BLANK:,} blank lines in a row: is it damaged?")


def _head(path: Path, text: io.TextIOWrapper) -> tuple[int, str, str]:
    """How many lines come before the header, its first line, and what separates its cells."""
    separator, before = None, 0
    while line := text.readline(_MAX_LINE):
        named = _SEP.fullmatch(line)
        if named is not None:
            separator = named[1]
        elif line.strip():
            return before, line, separator or max(_SEPARATORS, key=line.count)
        before += 1
        _require_end(path, before)
    return before, "", ","
