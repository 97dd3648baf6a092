"""What a person names on the command line, as one stream of observations, oldest first."""

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pricetrail.catalog.errors import InvalidInputError
from pricetrail.files.compression import Progress
from pricetrail.jobs.imports import folders, git, lines
from pricetrail.jobs.imports.dates import is_dated
from pricetrail.jobs.imports.observations import Item, Observation

_EARLIEST = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Input:
    """Observations to come: `size` in the unit that `read` reports its progress in.

    What `read` gives holds files open, of git's a folder too, until it ends or is closed.
    """

    size: int
    unit: str
    read: Callable[[Progress], Generator[Item]]


def from_git(repository: Path, path: str) -> Input:
    """The history of a file in a git repository.

    Raises:
        InvalidInputError: see `git.history`.
    """
    commits = git.history(repository, path)
    return Input(len(commits), "commits", lambda progress: git.read(repository, commits, progress))


def from_paths(paths: Sequence[Path]) -> Input:
    """Files of JSON lines, dated JSON files, folders of them; the order they are named in is free.

    Raises:
        InvalidInputError: one is missing, undated, or two folders' times collide.
    """
    documents: list[Path] = []
    streams: list[Path] = []
    for path in paths:
        if not path.exists():
            raise InvalidInputError(f"there is no {path}")
        if path.is_dir():
            documents += [file for _, file in folders.dated(path)]
        elif folders.is_document(path) and is_dated(path.name):
            documents.append(path)
        else:
            streams.append(path)
    if documents and streams:
        raise InvalidInputError(
            "import JSONL files and dated JSON files separately, the older ones first"
        )
    files = folders.in_order(documents)
    size = sum(path.stat().st_size for path in (*documents, *streams))
    if documents:
        return Input(size, "bytes", lambda progress: folders.read(files, progress))
    return Input(size, "bytes", lambda progress: _lines(streams, progress))


def _lines(paths: Sequence[Path], progress: Progress) -> Generator[Item]:
    for path in _by_first(paths):
        yield from lines.read(path, progress)


def _by_first(paths: Sequence[Path]) -> list[Path]:
    """Files in the order of their first observations; pipes stay where they are named."""
    if len(paths) < 2 or not all(path.is_file() for path in paths):
        return list(paths)
    return sorted(paths, key=_begins)


def _begins(path: Path) -> datetime:
    first = next(lines.read(path), None)
    return first.observed_at if isinstance(first, Observation) else _EARLIEST
