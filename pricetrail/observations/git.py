"""The history of a JSON file in a git repository: one observation a commit that changed it."""

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO

from jobs.observations import Item, Pause, Unreadable
from pricetrail.observations.errors import InputError
from pricetrail.observations.folders import document
from pricetrail.observations.lines import MAX_LINE

_SAME_SECOND = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit that changed the file; `blob` is None where it deleted it."""

    hash: str
    at: datetime
    blob: str | None
    path: str


def history(repository: Path, path: str) -> list[Commit]:
    """The commits that changed a file, oldest first, along the first parents of HEAD.

    Commits of one second are told apart by milliseconds, in their order.

    Raises:
        InputError: no git, no repository, no commit that has the file, or it is a folder.
    """
    if not repository.is_dir():
        raise InputError(f"{repository} is not a folder: --git takes a repository and a path in it")
    log = ["log", "--first-parent", "-m", "--reverse", "--raw", "--no-abbrev", "--no-renames"]
    log += ["-z", "--format=%x01%H %ct", "HEAD", "--", f":(literal){path}"]
    commits = _spread(_parsed(_output(repository, log)))
    if not any(commit.blob for commit in commits):
        raise InputError(f"no commit of {repository} has a file {path}: give its path from there")
    if len({commit.path for commit in commits}) > 1:
        raise InputError(f"{path} in {repository} is a folder: name one JSON file")
    return commits


def read(
    repository: Path, commits: Sequence[Commit], progress: Callable[[int], object] | None = None
) -> Iterator[Item]:
    """The observations that commits made, each by its commit time.

    Args:
        progress: told of each commit that was read.

    Raises:
        InputError: git fails, or an object is missing.
    """
    last: Commit | None = None
    with _Objects(repository) as objects:
        for commit in commits:
            if last is not None and commit.at <= last.at:
                yield _backdated(repository, commit, last)
            else:
                if last is None or commit.blob != last.blob:
                    yield _item(repository, commit, objects)
                last = commit
            if progress is not None:
                progress(1)


def _item(repository: Path, commit: Commit, objects: "_Objects") -> Item:
    origin = _origin(repository, commit)
    if commit.blob is None:
        return Pause(origin)
    return document(origin, commit.at, objects.content(commit.blob, origin))


def _backdated(repository: Path, commit: Commit, last: Commit) -> Unreadable:
    reason = f"its commit is dated before the one that it follows, {last.hash[:12]}"
    return Unreadable(_origin(repository, commit), reason)


def _origin(repository: Path, commit: Commit) -> str:
    return f"{repository}@{commit.hash[:12]}:{commit.path}"


def _parsed(output: bytes) -> Iterator[Commit]:
    """Commits from `git log --raw -z`: a header, then mode, blobs and path of what it changed."""
    header: tuple[str, datetime] | None = None
    fields = iter(output.decode("utf-8", "replace").split("\0"))
    for text in fields:
        field = text.strip("\n")
        if field.startswith("\x01"):
            name, seconds = field[1:].split()
            header = name, datetime.fromtimestamp(int(seconds), UTC)
        elif field.startswith(":") and header is not None:
            blob = field.split()[3]
            yield Commit(*header, None if blob.strip("0") == "" else blob, next(fields))


def _spread(commits: Iterator[Commit]) -> list[Commit]:
    spread: list[Commit] = []
    for commit in commits:
        same = spread and commit.at == spread[-1].at.replace(microsecond=0)
        at = spread[-1].at + _SAME_SECOND if same else commit.at
        spread.append(Commit(commit.hash, at, commit.blob, commit.path))
    return spread


def _git(repository: Path, arguments: Sequence[str]) -> list[str]:
    program = shutil.which("git")
    if program is None:
        raise InputError("there is no `git` on this machine: install it, or export the history")
    return [program, "-C", str(repository), "--no-pager", *arguments]


def _environment() -> dict[str, str]:
    # Reading must neither write to the repository nor fetch what is missing from elsewhere.
    quiet = {"GIT_OPTIONAL_LOCKS": "0", "GIT_NO_LAZY_FETCH": "1", "GIT_TERMINAL_PROMPT": "0"}
    return os.environ | quiet | {"LC_ALL": "C"}


def _output(repository: Path, arguments: Sequence[str]) -> bytes:
    done = subprocess.run(  # noqa: S603 - git itself, with arguments that no shell reads
        _git(repository, arguments), capture_output=True, check=False, env=_environment()
    )
    if done.returncode != 0:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise InputError(f"git cannot read {repository}: {said[0] if said else 'no reason given'}")
    return done.stdout


class _Objects:
    """Contents by their hashes, from one `git cat-file --batch`."""

    def __init__(self, repository: Path) -> None:
        self._repository = repository

    def __enter__(self) -> "_Objects":
        self._process = subprocess.Popen(  # noqa: S603 - as above
            _git(self._repository, ["cat-file", "--batch"]),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=_environment(),
        )
        return self

    def __exit__(self, *_: object) -> None:
        _pipe(self._process.stdin).close()
        _pipe(self._process.stdout).close()
        self._process.wait()

    def content(self, blob: str, origin: str) -> bytes:
        """The bytes of a blob.

        Raises:
            InputError: it is not there, too large, or git broke off.
        """
        requests, answers = _pipe(self._process.stdin), _pipe(self._process.stdout)
        try:
            requests.write(blob.encode() + b"\n")
            requests.flush()
        except OSError:
            raise InputError(f"{origin}: git broke off") from None
        head = answers.readline().decode("ascii", "replace").split()
        if len(head) != 3 or head[1] != "blob":
            raise InputError(f"{origin}: git has no such object; is the clone a whole one?")
        if (size := int(head[2])) > MAX_LINE:
            raise InputError(f"{origin} is over {MAX_LINE // (1024 * 1024)} MiB: no catalog is")
        body = answers.read(size + 1)[:size]
        if len(body) != size:
            raise InputError(f"{origin}: git broke off")
        return body


def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    if pipe is None:
        raise InputError("git could not be started")
    return pipe
