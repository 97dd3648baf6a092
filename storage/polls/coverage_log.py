"""What an import asks of history, and what it vouches for: observations made by somebody else."""

from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, insert, select, update

from pricetrail.catalog.catalogs import Catalog, Limits, read
from pricetrail.catalog.diffs import same_catalog
from pricetrail.catalog.ignored import Ignored
from pricetrail.storage import tables as t
from pricetrail.storage.history import versions
from pricetrail.storage.polls.polls import GOOD, IMPORTED

# What was accepted once is no question of limits any more.
_LIMITS = Limits(models=1_000_000)


class InForce(NamedTuple):
    """A version, as far as an observation of it can be recognised."""

    version: int
    catalog_root: bytes
    body_hash: bytes


def in_force(connection: Connection, source_id: int, at: datetime) -> InForce | None:
    """The version last seen by a time; None before the first."""
    row = connection.execute(_IN_FORCE, {"source": source_id, "at": at}).first()
    return None if row is None else InForce(*row)


def shows(
    connection: Connection, source_id: int, found: InForce, contents: Catalog, ignored: Ignored
) -> bool:
    """Whether a catalog differs in nothing that is compared from a version."""
    if found.catalog_root == contents.root():
        return True
    listed = versions.listing(versions.catalog_at(connection, source_id, found.version))
    return same_catalog(read(listed.encode(), contents, _LIMITS), contents, ignored)


def vouch(connection: Connection, source_id: int, until: datetime, every: timedelta) -> None:
    """Polls of somebody else's, one in each period, agreed with the last good one `until`.

    Nothing is written where coverage reaches that far already, or does not end with a good or
    an imported observation to go on from.
    """
    last = connection.execute(_LAST_COVERAGE, {"source": source_id}).first()
    if last is None or last.outcome not in (GOOD, IMPORTED) or until <= last.last_at:
        return
    polls = max(1, (until - last.last_at) // every)
    gap = every // timedelta(milliseconds=1)
    if last.outcome == GOOD:
        gap = max(gap, last.longest_gap_ms)
        row = {"row": last.id, "until": until, "more": polls, "gap": gap}
        connection.execute(_EXTEND, row)
        return
    # An imported point stays what it is; the stretch that is now known begins at it.
    connection.execute(
        _NEW_COVERAGE,
        {
            "source_id": source_id,
            "outcome": GOOD,
            "version": last.version,
            "first_at": last.last_at,
            "last_at": until,
            "polls": polls,
            "longest_gap_ms": gap,
        },
    )


_IN_FORCE = (
    select(t.snapshot.c.version, t.snapshot.c.catalog_root, t.snapshot.c.body_hash)
    .where(t.snapshot.c.source_id == bindparam("source"), t.snapshot.c.not_after <= bindparam("at"))
    .order_by(t.snapshot.c.not_after.desc(), t.snapshot.c.version.desc())
    .limit(1)
)
_LAST_COVERAGE = (
    select(
        t.coverage.c.id,
        t.coverage.c.outcome,
        t.coverage.c.version,
        t.coverage.c.last_at,
        t.coverage.c.longest_gap_ms,
    )
    .where(t.coverage.c.source_id == bindparam("source"))
    .order_by(t.coverage.c.id.desc())
    .limit(1)
)
_EXTEND = (
    update(t.coverage)
    .where(t.coverage.c.id == bindparam("row"))
    .values(
        last_at=bindparam("until"),
        polls=t.coverage.c.polls + bindparam("more"),
        longest_gap_ms=bindparam("gap"),
    )
)
_NEW_COVERAGE = insert(t.coverage)
