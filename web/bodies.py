"""The bytes of an answer, complete before the first is sent.

So no transaction waits for a slow reader. Long ones lie on disk meanwhile.
"""

import hashlib
import tempfile
from collections.abc import Iterable, Iterator
from typing import IO

from pricetrail.catalog.strict_json import printable
from pricetrail.queries.answers import Answer, LongAnswer, json_pieces

_IN_MEMORY = 1 << 20
_PIECE = 1 << 16


class Body:
    """Bytes that were written once and are read once; `tag` is a hash of them."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        # As they came: a copy of what is long costs as much as its hash.
        self._pieces: list[bytes] = []
        self._file: IO[bytes] | None = None
        digest = hashlib.blake2b(digest_size=16)
        self.length = 0
        try:
            for piece in pieces:
                digest.update(piece)
                self.length += len(piece)
                self._keep(piece)
        except BaseException:  # nobody gets it, so nobody else would close its file
            self.close()
            raise
        self.tag = digest.hexdigest()

    def _keep(self, piece: bytes) -> None:
        if self._file is None and self.length > _IN_MEMORY:
            self._file = tempfile.TemporaryFile()  # noqa: SIM115 - `pieces` closes it
            self._file.writelines(self._pieces)
            self._pieces.clear()
        if self._file is None:
            self._pieces.append(piece)
        else:
            self._file.write(piece)

    def pieces(self) -> Iterator[bytes]:
        """Everything, a piece at a time; the disk is given back at the end."""
        if self._file is None:
            yield from self._pieces
            return
        with self._file:
            self._file.seek(0)
            while piece := self._file.read(_PIECE):
                yield piece

    def close(self) -> None:
        """Give the disk back unread."""
        if self._file is not None:
            self._file.close()


def of_json(answer: Answer | LongAnswer) -> Body:
    """What the command of the same question prints with `--json`."""
    document = answer.in_pieces() if isinstance(answer, LongAnswer) else answer.as_json()
    return Body(_gathered(json_pieces(document)))


def of_text(text: str) -> Body:
    """A text as it is."""
    return Body([text.encode()])


def _gathered(pieces: Iterable[str]) -> Iterator[bytes]:
    """Pieces that are worth a write; what a terminal would obey is escaped, as the command does."""
    some: list[str] = []
    size = 0
    for piece in pieces:
        some.append(piece)
        size += len(piece)
        if size >= _PIECE:
            yield printable("".join(some)).encode()
            some, size = [], 0
    yield printable("".join(some)).encode() + b"\n"
