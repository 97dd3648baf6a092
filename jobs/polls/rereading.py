"""The accepted body read again, where it would be read otherwise by now.

So it is with another dialect, a later version of it, or other fields to keep. The list itself says
what it said before: what the new reading makes of the same body is a version of its own, without
events, and what comes next is compared with that.
"""

import logging
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from pricetrail.catalog import merkle
from pricetrail.catalog.catalogs import Limits
from pricetrail.catalog.comparisons import compare_catalogs
from pricetrail.catalog.dialects.registry import ReadBy
from pricetrail.catalog.errors import CatalogError
from pricetrail.catalog.ignored import Ignored
from pricetrail.catalog.readers import Reader
from pricetrail.catalog.versions import NewVersion, VersionDraft, version_from
from pricetrail.storage.database import Transaction
from pricetrail.storage.history import readings, snapshots, versions
from pricetrail.storage.history.latest import LatestCatalog
from pricetrail.storage.sources import SourceState
from pricetrail.text.log_fields import fields

log = logging.getLogger("pricetrail.polls")
# What was accepted once is no question of limits any more.
_LIMITS = Limits(models=1_000_000)


class Reread(NamedTuple):
    """A source after its accepted body was read again: `new` where that made a version."""

    state: SourceState
    head: LatestCatalog
    new: NewVersion | None


def read_anew(
    connection: Transaction,
    state: SourceState,
    head: LatestCatalog,
    reader: Reader,
    ignored: Ignored,
    at: datetime,
) -> Reread | None:
    """Read a source's accepted body as it is read by now; None where the reader cannot.

    Another catalog is recorded as a baseline, the same one as it is: then only how it was read is
    remembered.

    Args:
        at: when that is, not before the accepted version came.

    Raises:
        StaleHolderError: a poll was recorded since the source was read.
    """
    try:
        catalog = reader.read(head.body, head.catalog, _LIMITS)
    except CatalogError:
        return None
    draft = VersionDraft(
        source=state.name,
        number=state.head_version + 1,
        previous_hash=state.head_hash,
        not_before=state.good_started_at,
        not_after=at,
        baseline=True,
        chain_name=state.chain_name,
        read_by=reader.read_by,
    )
    comparison = compare_catalogs(head.catalog, catalog, ignored)
    body_hash = merkle.body_hash(head.body)
    new = version_from(draft, comparison, body_hash, head.known_schema)
    after = _after(connection, state, body_hash, reader.read_by)
    if new.root == head.catalog.root():
        readings.move_on(connection, state, after)
        return Reread(after, head, None)
    after = replace(after, head_version=new.version.number, head_hash=new.version.hash)
    readings.move_on(connection, state, after)
    return Reread(after, snapshots.write_version(connection, state, new, head.body, head).head, new)


def _after(
    connection: Transaction, state: SourceState, body_hash: bytes, how: ReadBy
) -> SourceState:
    """The source, standing at the body that was read again."""
    seen = state.good_started_at
    if state.body_hash != body_hash:
        # Later ones, which were the same catalog then, may not be by now: only this one was seen.
        seen = versions.get_version(connection, state.id, state.head_version).not_after
    return replace(
        state,
        body_hash=body_hash,
        etag=None,
        polls=state.polls + 1,
        good_started_at=seen,
        dialect=how.dialect,
        keep=readings.stored(how)["keep"],
    )


def log_reread(before: SourceState, reread: Reread) -> None:
    """Log that a body was read again, and what it became."""
    how, number = readings.read_by(reread.state), before.head_version
    became = "the catalog is the same"
    if reread.new is not None:
        became = f"version {reread.state.head_version} is a new baseline, without events"
    log.info(
        "source %s: the body of version %d was read again by %s: %s",
        before.name,
        number,
        how,
        became,
        extra=fields(source=before.name, version=reread.state.head_version, dialect=str(how)),
    )
