"""A JSON document of any size, an element of its list at a time.

What is in memory is one element (a bucket, a day, a row), of at most 16 MiB as text, and the part
of the file that was read ahead for it.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from pricetrail.audit.usage.errors import UsageFileError
from pricetrail.catalog.errors import CatalogError
from pricetrail.catalog.strict_json import check_text, decoder

_CHUNK = 1 << 16
_MAX_ELEMENT = 16 * 1024 * 1024
_BLANKS = " \t\r\n"
# The members of an outer object whose elements are the rows, or hold them.
LISTS = frozenset(
    (
        *("data", "results", "rows", "items", "records", "logs", "usage", "spend_logs"),
        *("daily", "weekly", "monthly", "session", "sessions", "blocks"),
        *("observations", "generations", "activity"),
    )
)


def is_list(name: str, value: object) -> bool:
    """Whether a member of an outer object is the list that holds the rows."""
    return name in LISTS and isinstance(value, list)


class JsonStream:
    """Reads values one after the other: elements of the outer lists, or else whole values."""

    def __init__(self, path: Path, text: TextIO) -> None:
        self._path, self._text = path, text
        self._buffer, self._at, self._ended = "", 0, False

    def elements(self) -> Iterator[object]:
        """Every element, in order.

        Raises:
            UsageFileError: it is no JSON, or one element is too large; while it is read.
        """
        while self._peek():
            yield from self._value()
            if self._peek() == ",":
                self._at += 1

    def _value(self) -> Iterator[object]:
        start = self._peek()
        if start == "[":
            yield from self._list()
        elif start == "{":
            yield from self._object()
        else:
            yield self._decode()

    def _list(self) -> Iterator[object]:
        """The elements of a list."""
        self._at += 1
        while self._peek() != "]":
            yield self._decode()
            if self._peek() == ",":
                self._at += 1
            elif self._peek() != "]":
                raise self._broken("a comma or ] is missing")
        self._at += 1

    def _object(self) -> Iterator[object]:
        """The elements of an object's list, or the object itself where it has none."""
        members: dict[str, object] = {}
        has_list = False
        self._at += 1
        while self._peek() != "}":
            name = self._decode()
            if not isinstance(name, str) or self._peek() != ":":
                raise self._broken("a name and a colon are missing")
            self._at += 1
            if name in LISTS and self._peek() == "[":
                has_list = True
                yield from self._list()
            else:
                members[name] = self._decode()
            if self._peek() == ",":
                self._at += 1
            elif self._peek() != "}":
                raise self._broken("a comma or } is missing")
        self._at += 1
        if not has_list:
            yield members

    def _peek(self) -> str:
        """The next character that is no blank; empty at the end."""
        while True:
            while self._at < len(self._buffer) and self._buffer[self._at] in _BLANKS:
                self._at += 1
            if self._at < len(self._buffer) or not self._more(_CHUNK):
                return self._buffer[self._at : self._at + 1]

    def _decode(self) -> object:
        """The next value as a whole."""
        self._peek()
        while True:
            try:
                value, end = decoder.raw_decode(self._buffer, self._at)
                check_text(self._buffer[self._at : end], value)
            except json.JSONDecodeError as error:
                if not self._more(max(_CHUNK, len(self._buffer) - self._at)):
                    raise self._broken(error.msg) from None
                continue
            except RecursionError:
                raise self._broken("it is nested too deeply") from None
            except CatalogError as error:
                raise self._broken(str(error)) from None
            # A number at the end of what was read may go on.
            if end < len(self._buffer) or not self._more(_CHUNK):
                self._at = end
                return value

    def _more(self, number: int) -> bool:
        """Read on, and forget what was read; False at the end of the file."""
        if self._ended:
            return False
        if len(self._buffer) - self._at > _MAX_ELEMENT:
            raise self._broken("an element of more than 16 MiB")
        try:
            text = self._text.read(number)
        except UnicodeError:
            raise UsageFileError(f"{self._path} is not UTF-8: save it as UTF-8") from None
        self._ended = not text
        self._buffer, self._at = self._buffer[self._at :] + text, 0
        return not self._ended

    def _broken(self, problem: str) -> UsageFileError:
        return UsageFileError(f"{self._path} is not valid JSON: {problem}")
