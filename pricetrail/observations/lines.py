"""JSON lines: one observation a line, `{"observed_at": T, "payload": {…}}`."""

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from catalog.errors import CatalogError
from catalog.strict_json import decode
from catalog.times import TimeError, utc
from jobs.observations import Item, Observation, Unreadable
from pricetrail.observations.envelopes import EnvelopeError, unwrap
from pricetrail.observations.errors import InputError
from pricetrail.observations.files import Progress, opened

# Far above any catalog; a file without line ends must not fill the memory.
MAX_LINE = 128 * 1024 * 1024
# Of blank lines in a row a file may be made that never ends.
MAX_BLANK = 1024 * 1024


def read(path: Path, progress: Progress | None = None) -> Iterator[Item]:
    """The observations of a file (plain, .gz, .xz, .zst), a line at a time; blank lines pass.

    Raises:
        InputError: the file cannot be read, is cut off, or holds nothing at all.
    """
    found = False
    with opened(path, progress) as stream:
        for number, line in _lines(path, stream):
            found = True
            yield _item(f"{path}:{number}", line)
    if not found:
        raise InputError(f"{path} is empty: it should hold one observation a line")


def _lines(path: Path, stream: BinaryIO) -> Iterator[tuple[int, bytes]]:
    number = blank = 0
    while line := stream.readline(MAX_LINE + 1):
        number += 1
        if len(line) > MAX_LINE:
            size = MAX_LINE // (1024 * 1024)
            raise InputError(f"{path}:{number}: a line over {size} MiB: is this a JSONL file?")
        blank = 0 if line.strip() else blank + len(line)
        if blank > MAX_BLANK:
            size = MAX_BLANK // (1024 * 1024)
            raise InputError(f"{path}:{number}: over {size} MiB of blank lines: is this JSONL?")
        if not blank:
            yield number, line


def _item(origin: str, line: bytes) -> Item:
    try:
        envelope = unwrap(decode(line).strip())
        if envelope.observed_at is None:
            return Unreadable(origin, "`observed_at` is missing" + _HINT)
        return Observation(utc(envelope.observed_at), envelope.payload.encode(), origin)
    except (EnvelopeError, CatalogError) as error:
        return Unreadable(origin, f"{error}{_HINT}")
    except TimeError as error:
        return Unreadable(origin, f"`observed_at`: {error}")


_HINT = '; a line should be {"observed_at": "2026-11-23T10:00:00Z", "payload": {…}}'
