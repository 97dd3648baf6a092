"""The history of a JSON file in a git repository: one observation a commit that changed it."""

import os
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO

from pricetrail.catalog.errors import InvalidInputError
from pricetrail.jobs.imports.folders import document
from pricetrail.jobs.imports.lines import MAX_LINE
from pricetrail.jobs.imports.observations import Item, Pause, Unreadable
from pricetrail.jobs.imports.repositories import Repository, opened

_SAME_SECOND = timedelta(milliseconds=1)
_SUBMODULE = "160000"


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit that changed the file; `blob` is None where it deleted it.

    `at` is its committer's date, None where that is none.
    """

    hash: str
    at: datetime | None
    blob: str | None
    path: str


def history(named: Path, path: str) -> list[Commit]:
    """The commits that changed a file, oldest first, along the first parents of HEAD.

    Commits of one second are told apart by milliseconds, in their order. `path` leads from the
    folder that is named.

    Raises:
        InvalidInputError: no git, no repository, not its whole history, no commit with the file, or
            it is a folder.
    """
    with opened(named) as repository:
        file = repository.prefix + _clean(path)
        if repository.shallow:
            raise InvalidInputError(
                f"{named} is a shallow clone, without the beginning of its history: fetch the rest "
                f"with `{repository.command('fetch --unshallow')}`"
            )
        commits = _spread(_changed(repository, file))
        if not any(commit.blob for commit in commits):
            raise InvalidInputError(
                f"no commit of {named} has a file {path}: give its path from there"
            )
        if any(commit.path != file for commit in commits):
            raise InvalidInputError(f"{path} in {named} is a folder: name one JSON file")
        _check(repository, commits)
    return commits


def _clean(path: str) -> str:
    parts = path.split("/")
    names = [part for part in parts if part not in ("", ".")]
    if not names or path.startswith("/") or ".." in parts:
        raise InvalidInputError(
            f"{path!r} is not the path of a file in a repository: write it from the folder that "
            "--git names, such as prices/models.json"
        )
    return "/".join(names)


def _changed(repository: Repository, file: str) -> Iterator[Commit]:
    """The commits that changed a file, oldest first."""
    head = repository.find("rev-parse", "--quiet", "--verify", "HEAD")
    if head is None:
        raise InvalidInputError(f"git cannot read {repository.named}: its HEAD is no commit yet")
    walk = ("rev-list", "--first-parent", "--topo-order", "--parents", "--timestamp", head)
    lines = repository.output(*walk, "--", file).decode("ascii").splitlines()
    # Each commit with its first parent: what a merge brought counts as its own.
    rows = [line.split()[:3] for line in reversed(lines)]
    dates = {commit: _date(seconds) for seconds, commit, *_ in rows}
    given = "".join(f"{' '.join(row[1:])}\n" for row in rows).encode("ascii")
    compare = ("diff-tree", "--stdin", "--root", "-r", "-z", "--raw", "--no-abbrev", "--no-renames")
    return _parsed(repository.output(*compare, "--", file, given=given), dates)


def _date(seconds: str) -> datetime | None:
    # Git says 0 of what is no date.
    try:
        return datetime.fromtimestamp(int(seconds), UTC) if int(seconds) > 0 else None
    except (ValueError, OverflowError, OSError):
        return None


def _parsed(output: bytes, dates: dict[str, datetime | None]) -> Iterator[Commit]:
    """Commits from `git diff-tree -z`: a hash, then modes, blobs and path of what it changed."""
    commit = ""
    fields = iter(os.fsdecode(output).split("\0"))
    for field in fields:
        if field.startswith(":"):
            _, mode, _, blob, _ = field.split()
            path = next(fields)
            if mode == _SUBMODULE:
                raise InvalidInputError(f"{path} is a submodule: name the repository that it is")
            yield Commit(commit, dates[commit], None if not blob.strip("0") else blob, path)
        elif field:
            commit = field


def _spread(commits: Iterator[Commit]) -> list[Commit]:
    spread: list[Commit] = []
    for commit in commits:
        last = spread[-1].at if spread else None
        same = last is not None and commit.at == last.replace(microsecond=0)
        at = last + _SAME_SECOND if last is not None and same else commit.at
        spread.append(Commit(commit.hash, at, commit.blob, commit.path))
    return spread


def _check(repository: Repository, commits: Sequence[Commit]) -> None:
    """Ask whether all contents are there, before anything is made of the first.

    Raises:
        InvalidInputError: one is missing, or larger than any catalog.
    """
    blobs = {commit.blob: commit for commit in commits if commit.blob is not None}
    given = "".join(f"{blob}\n" for blob in blobs).encode("ascii")
    answers = repository.output("cat-file", "--batch-check", given=given).decode("ascii")
    for commit, answer in zip(blobs.values(), answers.splitlines(), strict=True):
        _, kind, *size = answer.split()
        if kind != "blob":
            origin = _origin(repository.named, commit)
            raise InvalidInputError(f"{origin}: git has no such object; {repository.remedy}")
        if int(size[0]) > MAX_LINE:
            limit = MAX_LINE // (1024 * 1024)
            raise InvalidInputError(f"{_origin(repository.named, commit)} is over {limit} MiB")


def read(
    named: Path, commits: Sequence[Commit], progress: Callable[[int], object] | None = None
) -> Generator[Item]:
    """The observations that commits made, each by its commit time.

    Args:
        progress: told of each commit that was read.

    Raises:
        InvalidInputError: git fails, or an object is missing.
    """
    last: Commit | None = None
    with opened(named) as repository, _Objects(repository) as objects:
        for commit in commits:
            reason = _misdated(commit, last)
            if reason is not None:
                yield Unreadable(_origin(named, commit), reason)
            else:
                if last is None or commit.blob != last.blob:
                    yield _item(named, commit, objects)
                last = commit
            if progress is not None:
                progress(1)


def _item(named: Path, commit: Commit, objects: "_Objects") -> Item:
    origin = _origin(named, commit)
    if commit.blob is None or commit.at is None:
        return Pause(origin)
    return document(origin, commit.at, objects.content(commit.blob, origin))


def _misdated(commit: Commit, last: Commit | None) -> str | None:
    if commit.at is None:
        return "the date of its commit cannot be read"
    if last is not None and last.at is not None and commit.at <= last.at:
        return f"its commit is dated before the one that it follows, {last.hash[:12]}"
    return None


def _origin(named: Path, commit: Commit) -> str:
    return f"{named}@{commit.hash[:12]}:{commit.path}"


class _Objects:
    """Contents by their hashes, from one `git cat-file --batch`."""

    def __init__(self, repository: Repository) -> None:
        self._process = repository.start("cat-file", "--batch")

    def __enter__(self) -> "_Objects":
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(BrokenPipeError):
            _pipe(self._process.stdin).close()
        _pipe(self._process.stdout).close()
        self._process.wait()

    def content(self, blob: str, origin: str) -> bytes:
        """The bytes of a blob.

        Raises:
            InvalidInputError: it is not there, or git broke off.
        """
        requests, answers = _pipe(self._process.stdin), _pipe(self._process.stdout)
        try:
            requests.write(blob.encode() + b"\n")
            requests.flush()
        except OSError:
            raise InvalidInputError(f"{origin}: git broke off") from None
        head = answers.readline().decode("ascii", "replace").split()
        if len(head) != 3 or head[1] != "blob":
            raise InvalidInputError(f"{origin}: git has no such object; is the clone a whole one?")
        size = int(head[2])
        body = answers.read(size + 1)[:size]
        if len(body) != size:
            raise InvalidInputError(f"{origin}: git broke off")
        return body


def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    if pipe is None:
        raise InvalidInputError("git could not be started")
    return pipe
