"""JSON lines: one observation a line, `{"observed_at": T, "payload": {…}}`."""

from collections.abc import Generator, Iterator
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from pricetrail.catalog.dialects.registry import AS_SERVED, ReadBy
from pricetrail.catalog.errors import CatalogError, InvalidInputError
from pricetrail.catalog.ignored import parse as ignored_fields
from pricetrail.catalog.readers import Reader
from pricetrail.catalog.strict_json import decode, loads
from pricetrail.catalog.times import TimeError, to_millisecond, utc
from pricetrail.files.compression import Progress, opened
from pricetrail.jobs.imports.envelopes import EnvelopeError, unwrap
from pricetrail.jobs.imports.observations import Item, Known, Observation, Unreadable
from pricetrail.storage.polls.coverage_moves import from_json

# Far above any catalog; a file without line ends must not fill the memory.
MAX_LINE = 128 * 1024 * 1024
# Of blank lines in a row a file may be made that never ends.
MAX_BLANK = 1024 * 1024


def read(path: Path, progress: Progress | None = None) -> Generator[Item]:
    """The observations of a file (plain, .gz, .xz, .zst), a line at a time; blank lines pass.

    Raises:
        InvalidInputError: the file cannot be read, is cut off, or holds nothing at all.
    """
    any_line = False
    with opened(path, progress) as stream:
        for number, line in _lines(path, stream):
            any_line = True
            yield _item(f"{path}:{number}", line)
    if not any_line:
        raise InvalidInputError(f"{path} is empty: it should hold one observation a line")


def _lines(path: Path, stream: BinaryIO) -> Iterator[tuple[int, bytes]]:
    number = blank = 0
    while line := stream.readline(MAX_LINE + 1):
        number += 1
        if len(line) > MAX_LINE:
            size = MAX_LINE // (1024 * 1024)
            raise InvalidInputError(
                f"{path}:{number}: a line over {size} MiB: is this a JSONL file?"
            )
        blank = 0 if line.strip() else blank + len(line)
        if blank > MAX_BLANK:
            size = MAX_BLANK // (1024 * 1024)
            raise InvalidInputError(
                f"{path}:{number}: over {size} MiB of blank lines: is this JSONL?"
            )
        if not blank:
            yield number, line


def _item(origin: str, line: bytes) -> Item:
    try:
        envelope = unwrap(decode(line).strip())
        if envelope.observed_at is None:
            return Unreadable(origin, "`observed_at` is missing" + _HINT)
        at = to_millisecond(utc(envelope.observed_at))
        known = _known(envelope.coverage, at) if envelope.coverage is not None else None
        return Observation(at, envelope.payload.encode(), origin, known)
    except (EnvelopeError, CatalogError) as error:
        return Unreadable(origin, f"{error}{_HINT}")
    except TimeError as error:
        return Unreadable(origin, f"`observed_at`: {error}")


def _known(text: str, observed_at: datetime) -> Known:
    """What an export says about a version.

    Raises:
        EnvelopeError: it is not what an export writes.
    """
    try:
        return _read_known(loads(text), observed_at)
    except (KeyError, TypeError, AttributeError):
        raise EnvelopeError("`coverage` is not as `pricetrail export` writes it") from None
    except (CatalogError, InvalidInputError, ValueError) as error:
        raise EnvelopeError(f"`coverage`: {error}") from None


def _read_known(member: object, observed_at: datetime) -> Known:
    if not isinstance(member, dict):
        raise TypeError("not an object")
    version, begun = member["version"], member["not_before"]
    not_before = None if begun is None else utc(begun)
    stretches = [from_json(entry) for entry in member["stretches"]]
    own = [stretch for stretch in stretches if stretch.version == version]
    if type(version) is not int or not own or any(each.version > version for each in stretches):
        raise ValueError("its stretches are not those of the version")
    # Of a version that only a clock that was ahead has seen, there are other stretches alone.
    first = min((stretch.first_at for stretch in own if stretch.seen), default=observed_at)
    if first < observed_at or (not_before or observed_at) > observed_at:
        raise ValueError("the version was seen before it was observed")
    ignored = ignored_fields(member.get("ignored", []))
    return Known(version, not_before, stretches, ignored, _read_by(member))


def _read_by(member: dict[str, object]) -> ReadBy:
    """By which dialect the version was read; a later version of it reads it here."""
    label, keep = member.get("dialect"), member.get("keep", [])
    if not isinstance(keep, list) or not all(isinstance(each, str) for each in keep):
        raise TypeError("keep")
    if label is None:
        return AS_SERVED
    reader = Reader(str(label).partition("/")[0], tuple(keep))
    return reader.read_by


_HINT = '; a line should be {"observed_at": "2026-11-23T10:00:00Z", "payload": {…}}'
