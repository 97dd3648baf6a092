"""Folders of dated JSON files: one observation a file, its time in its name."""

from collections.abc import Generator, Sequence
from datetime import datetime
from itertools import pairwise
from pathlib import Path

from pricetrail.catalog.errors import CatalogError, InvalidInputError
from pricetrail.catalog.strict_json import decode
from pricetrail.catalog.times import TimeError, rfc3339, utc
from pricetrail.files.compression import SUFFIXES, Progress, opened
from pricetrail.jobs.imports.dates import is_dated, time_in
from pricetrail.jobs.imports.envelopes import EnvelopeError, unwrap_document
from pricetrail.jobs.imports.lines import MAX_LINE
from pricetrail.jobs.imports.observations import Item, Observation, Unreadable

Dated = tuple[datetime, Path]


def is_document(path: Path) -> bool:
    """Whether a file's name says that it is one JSON document (`.json`, compressed or not)."""
    suffix = path.suffix.lower()
    return (Path(path.stem).suffix.lower() if suffix in SUFFIXES else suffix) == ".json"


def dated(folder: Path) -> list[Dated]:
    """The JSON files in a folder and the folders below it, oldest first; other files pass.

    Raises:
        InvalidInputError: none there, one without a date in its name, two of the same time.
    """
    try:
        paths = sorted(
            path
            for path in folder.rglob("*")
            if is_document(path) and path.is_file() and not _hidden(path.relative_to(folder))
        )
    except OSError as error:
        raise InvalidInputError(f"cannot read {folder}: {error.strerror}") from None
    if not paths:
        raise InvalidInputError(f"{folder} holds no .json files, which an import of a folder reads")
    return in_order(paths)


def in_order(paths: Sequence[Path]) -> list[Dated]:
    """Files in order of the times in their names.

    Raises:
        InvalidInputError: one whose name does not tell one time, two of the same time.
    """
    dated = []
    for path in paths:
        moment = time_in(path.name)
        if moment is None:
            problem = (
                "says something beside the date in its name that may be a time"
                if is_dated(path.name)
                else "has no date in its name, or more than one"
            )
            raise InvalidInputError(
                f"{path} {problem}: name it like 2026-11-23.json, 2026-11-23T10-00-00Z.json or "
                "2026-11-23T10-00-00-0500.json"
            )
        dated.append((moment, path))
    dated.sort()
    for (at, first), (other, second) in pairwise(dated):
        if at == other:
            raise InvalidInputError(f"{first} and {second} are of the same time, {rfc3339(at)}")
    return dated


def read(files: Sequence[Dated], progress: Progress | None = None) -> Generator[Item]:
    """The observations of dated files, in their order.

    A file holds a catalog as served, or an envelope with `payload`; the envelope's own
    `observed_at` goes before the time in the name.

    Raises:
        InvalidInputError: a file that cannot be read.
    """
    for moment, path in files:
        with opened(path, progress) as stream:
            body = stream.read(MAX_LINE + 1)
        if len(body) > MAX_LINE:
            raise InvalidInputError(
                f"{path} is over {MAX_LINE // (1024 * 1024)} MiB: no catalog is"
            )
        yield document(str(path), moment, body)


def document(origin: str, moment: datetime, body: bytes) -> Item:
    """One document as an observation."""
    try:
        text = decode(body)
        envelope = unwrap_document(text)
        if envelope.observed_at is not None:
            moment = utc(envelope.observed_at)
    except (CatalogError, EnvelopeError) as error:
        return Unreadable(origin, f'{error}; a catalog or {{"payload": {{…}}}} should be there')
    except TimeError as error:
        return Unreadable(origin, f"`observed_at`: {error}")
    # A catalog by itself stays byte for byte what it was.
    return Observation(
        moment, body if envelope.payload is text else envelope.payload.encode(), origin
    )


def _hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)
