"""Whether the database is there, ours, whole, and has room."""

from collections.abc import Iterator, Sequence

from pricetrail.catalog.errors import NotFoundError, PricetrailError
from pricetrail.jobs import standby_watch
from pricetrail.jobs.checkup.findings import FAIL, OK, WARN, Finding
from pricetrail.storage import schema
from pricetrail.storage.database import Database
from pricetrail.storage.health import DatabaseHealth, health
from pricetrail.storage.standbys import Waiting
from pricetrail.storage.verification import invariants
from pricetrail.storage.verification.invariants import Broken

_MIB = 1024 * 1024
# A version of a large catalog, its events and a journal need some; below this nothing is sure.
_LEAST, _LITTLE = 64 * _MIB, 512 * _MIB
# It is taken back whenever nobody reads an old state.
_LARGE_LOG = 256 * _MIB


def look(database: Database) -> Iterator[Finding]:
    """Look at the schema, the disk, the write-ahead log and, of a file, every page."""
    try:
        schema.require(database)
        found = health(database)
    except NotFoundError as error:
        yield Finding("database", WARN, str(error))
        return
    except PricetrailError as error:
        yield Finding("database", FAIL, str(error))
        return
    text = f"{database.safe_url}: {found.server}, schema {schema.HEAD}"
    yield Finding("database", OK, text)
    if found.writable is False:
        text = "polls cannot be recorded: let this user write to the file and to its folder"
        yield Finding("write access", FAIL, text)
    if found.size is not None:
        yield _integrity(found)
        yield _disk(found)
        yield _log(found)


def consistency(broken: Sequence[Broken]) -> Finding:
    """Say whether what is recorded fits together, of what was looked at."""
    if not broken:
        return Finding("consistency", OK, "the newest rows of all tables fit together")
    more = f" (and {len(broken) - 1} more)" if len(broken) > 1 else ""
    return Finding("consistency", FAIL, f"{broken[0]}{more}: {invariants.REMEDY}")


def standby(waiting: Waiting | None) -> Iterator[Finding]:
    """Say that commits wait for a standby; nothing where none does."""
    if waiting is not None:
        yield Finding("standby", FAIL, f"nothing is recorded: {standby_watch.said(waiting)}")


def _integrity(found: DatabaseHealth) -> Finding:
    if found.damaged is not None:
        return Finding("integrity", FAIL, found.damaged)
    return Finding("integrity", OK, f"no damage in {_size(found.size)}")


def _disk(found: DatabaseHealth) -> Finding:
    free, size = found.free or 0, found.size or 0
    text = f"{_size(free)} free"
    if free < _LEAST:
        return Finding("disk", FAIL, f"{text}: make room, or polls cannot be recorded")
    if free < max(_LITTLE, size):
        needs = "`pricetrail db backup` and `db compact` need as much as the database has"
        return Finding("disk", WARN, f"{text}: make room; {needs}")
    return Finding("disk", OK, text)


def _log(found: DatabaseHealth) -> Finding:
    if (found.log or 0) > _LARGE_LOG:
        return Finding(
            "write-ahead log",
            WARN,
            f"{_size(found.log)}: something has read the database for long; end it, or restart it",
        )
    return Finding("write-ahead log", OK, _size(found.log))


def _size(size: int | None) -> str:
    number = size or 0
    for unit in ("bytes", "KiB", "MiB", "GiB"):
        if number < 1024 or unit == "GiB":
            break
        number //= 1024
    return f"{number:,} {unit}"
