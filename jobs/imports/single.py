"""One list out of a file, as it was served: the file itself, or the last of many observations."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, NamedTuple

from pricetrail.catalog.errors import CatalogError, InvalidInputError, NotFoundError
from pricetrail.catalog.strict_json import decode
from pricetrail.files.compression import opened
from pricetrail.jobs.imports.envelopes import EnvelopeError, unwrap, unwrap_document
from pricetrail.jobs.imports.lines import MAX_LINE

STDIN = Path("-")
_MIB = 1024 * 1024


class Listed(NamedTuple):
    """A list's body, and where it stands: `FILE`, or `FILE:LINE`."""

    body: bytes
    origin: str


def read(path: Path) -> Listed:
    """The list of a file (plain, .gz, .xz, .zst; `-` is stdin).

    It holds one JSON document, with an envelope (`{"observed_at": T, "payload": …}`) or without;
    or a line for each observation: then the last one counts.

    Raises:
        InvalidInputError: it cannot be read, is too large, or is no JSON of this kind.
        NotFoundError: there is nothing in it.
    """
    with _stream(path) as stream:
        first = _line(path, stream)
        if _is_envelope(first):
            return _last(path, stream, first)
        rest = stream.read(MAX_LINE + 1)
    body = first + rest
    if len(body) > MAX_LINE:
        raise InvalidInputError(f"{path} is over {MAX_LINE // _MIB} MiB: no list is")
    if not body.strip():
        raise NotFoundError(f"{path} is empty: it should hold a gateway's list of models")
    try:
        text = decode(body)
        envelope = unwrap_document(text)
    except (CatalogError, EnvelopeError) as error:
        raise InvalidInputError(f"{path}: {error}") from None
    return Listed(body if envelope.payload is text else envelope.payload.encode(), str(path))


def _last(path: Path, stream: BinaryIO, first: bytes) -> Listed:
    number = last = 1
    line = first
    while following := _line(path, stream):
        number += 1
        if following.strip():
            line, last = following, number
    try:
        return Listed(unwrap(decode(line).strip()).payload.encode(), f"{path}:{last}")
    except (CatalogError, EnvelopeError) as error:
        raise InvalidInputError(f"{path}:{last}: {error}") from None


def _line(path: Path, stream: BinaryIO) -> bytes:
    line = stream.readline(MAX_LINE + 1)
    if len(line) > MAX_LINE:
        raise InvalidInputError(f"{path} has a line over {MAX_LINE // _MIB} MiB: no list is")
    return line


def _is_envelope(line: bytes) -> bool:
    """Whether a line is an observation by itself."""
    try:
        return bool(unwrap(decode(line).strip()).payload)
    except (CatalogError, EnvelopeError):
        return False


@contextmanager
def _stream(path: Path) -> Iterator[BinaryIO]:
    if path == STDIN:
        yield sys.stdin.buffer
        return
    with opened(path) as stream:
        yield stream
