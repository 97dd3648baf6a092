"""Files that are whole or not there at all: written under a name of their own until they are."""

import contextlib
import errno
import hashlib
import os
import re
import secrets
import stat
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, NewType, cast

from pricetrail.catalog.errors import InvalidInputError, PricetrailError

# A path that was compared with everything that must stay: `pricetrail.targets` makes it.
Target = NewType("Target", Path)

# What people write for standard output.
STDOUT = Path("-")

# What may be read by whom, before the umask takes something away.
SHARED, PRIVATE = 0o666, 0o600

# Ours, and whose: where its maker runs, its process, and what nobody can guess. The copy of a
# database may have a journal beside it.
_NAME = re.compile(r"\.pricetrail-([0-9a-f]{8})-([0-9]+)-[0-9a-f]{32}\.part(-journal|-wal|-shm)?")
_FORGOTTEN_SECONDS = 24 * 60 * 60
# Names of what a process has open already, be it a file.
_OPEN = re.compile(r"/dev/(stdout|stderr|fd/[0-9]+)|/proc/(self|[0-9]+)/fd/[0-9]+")
_in_hand: set[str] = set()


class UnwritableError(PricetrailError):
    """A file cannot be written where it was to go; nothing is left of it there."""


class TargetExistsError(InvalidInputError):
    """A file that must be new is there already; it stays as it is."""


def writing(
    target: Target, mode: int = SHARED, *, force: bool
) -> contextlib.AbstractContextManager[BinaryIO]:
    """A stream into a target that a person named: only with `force` in place of what is there.

    `STDOUT` is standard output.

    Raises:
        TargetExistsError: something is there, and no `force`.
        UnwritableError: one line that says why.
    """
    if target == STDOUT:
        return _standard_output()
    if force or is_open_ended(target):
        return replacing(target, mode)
    return creating(target, mode)


@contextlib.contextmanager
def _standard_output() -> Iterator[BinaryIO]:
    sys.stdout.flush()
    yield sys.stdout.buffer
    # Here, and not at the very end, where nobody hears of a full disk or a closed pipe.
    sys.stdout.buffer.flush()


def require_free(target: Target, *, force: bool) -> None:
    """Refuse a target before anything is worked out for it; `writing` refuses it again.

    Raises:
        TargetExistsError: something is there, and no `force`.
    """
    if not force and os.path.lexists(target) and not is_open_ended(target):
        raise _taken(target)


def _taken(target: Path) -> TargetExistsError:
    return TargetExistsError(f"{target} already exists: name another file, or say --force")


@contextlib.contextmanager
def replacing(target: Target, mode: int = SHARED) -> Iterator[BinaryIO]:
    """A stream that takes the place of `target`, with its mode, once all of it is written.

    What is no file, such as a pipe, is written as it comes. Where `target` is a link, the link
    itself is replaced: what it leads to stays.

    Raises:
        UnwritableError: one line that says why.
    """
    with _explained(target):
        if is_open_ended(target):
            with os.fdopen(os.open(target, os.O_WRONLY | os.O_APPEND), "wb") as stream:
                yield stream
            return
        with _beside(target, PRIVATE if target.exists() else mode) as stream:
            yield stream
            _keep_mode(stream, target)
            _finish(stream)
            Path(stream.name).replace(target)


@contextlib.contextmanager
def creating(target: Target, mode: int) -> Iterator[BinaryIO]:
    """A stream that becomes `target` once all of it is written, if there is nothing there then.

    Its `name` is where it is until then.

    Raises:
        TargetExistsError: something is there, if only a link to nowhere.
        UnwritableError: one line that says why.
    """
    with _explained(target):
        if os.path.lexists(target):
            raise FileExistsError
        with _beside(target, mode) as stream:
            yield stream
            _finish(stream)
            _put_in_place(Path(stream.name), target)


@contextlib.contextmanager
def _explained(target: Path) -> Iterator[None]:
    try:
        yield
    except FileExistsError:
        raise _taken(target) from None
    except BrokenPipeError:
        # Whoever read it has seen enough.
        raise
    except OSError as error:
        raise UnwritableError(f"cannot write {target}: {_reason(error)}") from None


def _reason(error: OSError) -> str:
    match error.errno:
        case errno.ENOENT:
            return "its folder does not exist"
        case errno.ENOTDIR:
            return "what should be its folder is a file"
        case errno.ENAMETOOLONG:
            return "its name is too long"
        case errno.EACCES | errno.EPERM | errno.EROFS:
            return "this user may not write to its folder"
        case errno.ENOSPC | errno.EDQUOT:
            return "the disk is full"
    return error.strerror or str(error)


def is_open_ended(target: Path) -> bool:
    """Whether this is a pipe, a device or open already: nothing that a file could replace."""
    if target == STDOUT:
        return True
    try:
        kind = target.stat().st_mode
    except OSError:
        return False
    is_file = stat.S_ISREG(kind) or stat.S_ISDIR(kind)
    return not is_file or _OPEN.fullmatch(str(target)) is not None


@contextlib.contextmanager
def _beside(target: Path, mode: int) -> Iterator[BinaryIO]:
    """A new file in the target's folder; gone at the end, unless it has another name by then."""
    with contextlib.suppress(FileNotFoundError):
        # A name that no file can have is told before anything is written.
        target.lstat()
    _sweep(target.parent)
    name = f".pricetrail-{_machine()}-{os.getpid()}-{secrets.token_hex(16)}.part"
    part = target.parent / name
    _in_hand.add(name)
    try:
        flags = os.O_NOFOLLOW | os.O_CLOEXEC
        with open(
            part, "xb", opener=lambda path, asked: os.open(path, asked | flags, mode)
        ) as stream:
            yield cast("BinaryIO", stream)
    finally:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
        _in_hand.discard(name)


def _keep_mode(stream: BinaryIO, target: Path) -> None:
    with contextlib.suppress(FileNotFoundError):
        before = target.stat()
        with contextlib.suppress(PermissionError):
            os.fchown(stream.fileno(), before.st_uid, before.st_gid)
        os.fchmod(stream.fileno(), stat.S_IMODE(before.st_mode) & 0o777)


def _finish(stream: BinaryIO) -> None:
    stream.flush()
    os.fsync(stream.fileno())


def _put_in_place(part: Path, target: Path) -> None:
    """Give the file its name in one step, which fails where that name is taken."""
    try:
        target.hardlink_to(part)
    except FileExistsError:
        raise
    except OSError:
        # Memory sticks and shares have no hard links: take the name first.
        os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, PRIVATE))
        part.replace(target)


def _sweep(folder: Path) -> None:
    """Remove what killed processes of this user left behind in a folder."""
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            match = _NAME.fullmatch(entry.name)
            if match is None or not entry.is_file(follow_symlinks=False):
                continue
            status = entry.stat(follow_symlinks=False)
            if status.st_uid == os.geteuid() and _is_abandoned(match, status.st_mtime):
                with contextlib.suppress(OSError):
                    Path(entry.path).unlink()


def _is_abandoned(match: "re.Match[str]", touched: float) -> bool:
    """Whether nobody writes to it any more: its process ended, or, elsewhere, a day went by.

    No lock is asked: some file systems have none, and on others it would stop SQLite from
    writing a copy.
    """
    machine, process, journal = match.groups()
    if machine != _machine():
        return time.time() - touched > _FORGOTTEN_SECONDS
    if int(process) == os.getpid():
        # The number was another's before: in a container it often is the same again.
        return match.string.removesuffix(journal or "") not in _in_hand
    return not _is_running(int(process))


def _is_running(process: int) -> bool:
    """Whether it goes on; one that ended and that nobody asked about yet does not."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    with contextlib.suppress(OSError):
        stat_line = Path(f"/proc/{process}/stat").read_bytes()
        return stat_line.rpartition(b")")[2].split()[:1] not in ([b"Z"], [b"X"])
    return True


def _machine() -> str:
    """The machine, or the container, that process numbers are of."""
    numbers = ""
    with contextlib.suppress(OSError):
        numbers = str(Path("/proc/self/ns/pid").readlink())
    return hashlib.sha256(f"{os.uname().nodename} {numbers}".encode()).hexdigest()[:8]
