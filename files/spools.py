"""JSON arrays of any length, on disk once they are long, and the object that holds them."""

import tempfile
from collections.abc import Iterator, Mapping
from typing import IO

from pricetrail.catalog.strict_json import dumps, printable

_IN_MEMORY = 256 * 1024
_PIECE = 1 << 16


class Spool:
    """A JSON array that is written member by member, and read as text when it is complete."""

    def __init__(self) -> None:
        self._empty = True
        self._file: IO[str] = tempfile.SpooledTemporaryFile(  # noqa: SIM115 - closed by `close`
            _IN_MEMORY, "w+", encoding="utf-8", newline=""
        )

    def add(self, member: object) -> None:
        """Append a member."""
        self._file.write("" if self._empty else ",")
        self._file.write(printable(dumps(member)))
        self._empty = False

    def pieces(self) -> Iterator[str]:
        """Give the array's text, piece by piece."""
        yield "["
        self._file.seek(0)
        while piece := self._file.read(_PIECE):
            yield piece
        yield "]"

    def close(self) -> None:
        """Give the disk back."""
        self._file.close()


def object_pieces(short: Mapping[str, object], arrays: Mapping[str, Spool]) -> Iterator[str]:
    """Give the text of one JSON object: short members first, which must be some, then arrays."""
    yield dumps(dict(short)).removesuffix("}")
    for name, spool in arrays.items():
        yield f",{dumps(name)}:"
        yield from spool.pieces()
    yield "}"
