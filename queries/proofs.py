"""What proves a price? The parts of an evidence bundle, read from a history."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from pricetrail.catalog.merkle import GENESIS
from pricetrail.catalog.times import rfc3339
from pricetrail.catalog.versions import Version, chain_metadata
from pricetrail.queries import bundles
from pricetrail.queries.bundles import Link, Listing
from pricetrail.queries.price import PriceAnswer, Side, answer_of
from pricetrail.storage.database import Transaction
from pricetrail.storage.errors import UnprovenError
from pricetrail.storage.history import versions as history
from pricetrail.storage.history.bodies import body_of
from pricetrail.storage.history.prices import price_at
from pricetrail.storage.polls import coverage
from pricetrail.storage.sources import SourceState
from pricetrail.storage.types import AnyRow
from pricetrail.storage.verification import raw_rows


def bundle(
    connection: Transaction,
    source: SourceState,
    model: str,
    at: datetime | None,
    *,
    with_bodies: bool = False,
) -> dict[str, object]:
    """The bundle that proves what `price_at` answers; unchecked.

    Args:
        with_bodies: carry the lists as they were served, by which their reading can be checked.

    Raises:
        NotFoundError: as `price_at`; or a body was pruned.
        UnprovenError: by the chain, which a clock that was ahead has dated, it was otherwise.
    """
    answer = answer_of(price_at(connection, source, model, at))
    first = answer.before.version
    versions = dict.fromkeys(side.version for side in (answer.before, answer.after) if side)
    previous = GENESIS
    if first > 1:
        previous = history.get_version(connection, source.id, first - 1).chain_hash
    rows = raw_rows.chain_from(connection, source.id, first)
    _require_dated(answer, rows)
    return bundles.build(
        claim=replace(_by_the_chain(answer, rows), source=source.hashed_name),
        listings=[
            _listing(connection, source.id, model, version, with_body=with_bodies)
            for version in versions
        ],
        previous=previous,
        links=[_link(source.hashed_name, row) for row in rows],
        coverage=_coverage(connection, source.id, answer),
    )


def _require_dated(answer: PriceAnswer, rows: Sequence[AnyRow]) -> None:
    """The chain keeps the times of a clock that was ahead, where coverage has given them up."""
    after = answer.after
    # A version between the two that are seen is one that only the wrong clock has seen.
    skipped = after is not None and after.version > answer.before.version + 1
    dated = rows[1] if skipped else rows[0]
    if skipped and _was_read_anew(rows):
        raise UnprovenError(
            f"the list that was accepted as version {answer.before.version} was read again as "
            f"version {answer.before.version + 1}, which no poll saw before it changed: a price "
            "between the two polls cannot be proven, one of either can"
        )
    if after is None and _began(rows, answer.at) and _was_read_anew(rows):
        raise UnprovenError(
            f"the list that was accepted as version {answer.before.version} was read again as "
            f"version {answer.before.version + 1}, which no poll has seen since: a price after "
            f"{rfc3339(answer.until)} cannot be proven, one up to then can"
        )
    if skipped or answer.at < dated.not_after:
        raise UnprovenError(
            f"the chain dates version {dated.version} to {rfc3339(dated.not_after)}, when a clock "
            f"was ahead: it cannot prove a price at {rfc3339(answer.at)}, `pricetrail price` tells "
            'what polls saw; see "When the clock is wrong"'
        )


def _began(rows: Sequence[AnyRow], at: datetime) -> bool:
    """Whether the second version was there at a time."""
    return len(rows) > 1 and bool(rows[1].not_after <= at)


def _was_read_anew(rows: Sequence[AnyRow]) -> bool:
    """Whether the second version is the body of the first, read again."""
    return bool(rows[1].body_hash == rows[0].body_hash)


def _by_the_chain(answer: PriceAnswer, rows: Sequence[AnyRow]) -> PriceAnswer:
    """The answer, no sighting in it later or earlier than the chain has it.

    The chain has a version last seen when the request of its last poll went out, coverage may have
    it when the answer was there. And the chain has it first seen later where a clock was ahead.
    """

    def seen(side: Side) -> Side:
        return replace(side, at=_seen(rows, side.version, side.at))

    last = answer.after if answer.observed and answer.after is not None else answer.before
    return replace(
        answer,
        since=_seen(rows, answer.before.version, answer.since),
        until=_seen(rows, last.version, answer.until),
        before=seen(answer.before),
        after=None if answer.after is None else seen(answer.after),
    )


def _seen(rows: Sequence[AnyRow], version: int, moment: datetime) -> datetime:
    by_version = {row.version: row for row in rows}
    first, following = by_version[version].not_after, by_version.get(version + 1)
    at: datetime = max(moment, first)
    if following is not None:
        at = min(at, max(first, following.not_before or first))
    return at


def _listing(
    connection: Transaction, source_id: int, model: str, version: int, *, with_body: bool
) -> Listing:
    states = history.catalog_at(connection, source_id, version)
    document = next((state.document for state in states if state.model == model), None)
    body = body_of(connection, source_id, version).decode() if with_body else None
    return Listing(version, [(state.model, state.hash) for state in states], document, body)


def _link(source: str, row: AnyRow) -> Link:
    times = (row.not_before, row.not_after)
    version = Version(source, row.version, row.chain_hash, b"", *times, dialect=row.dialect)
    metadata = chain_metadata(version, row.models)
    return Link(row.version, metadata, row.catalog_root, row.body_hash, row.chain_hash)


def _coverage(
    connection: Transaction, source_id: int, answer: PriceAnswer
) -> list[dict[str, object]]:
    """The polls around the instant, from the last good ones before it to the first after."""
    until = max(answer.after.at if answer.after is not None else answer.at, answer.at)
    since = min(answer.before.at, answer.at)
    return [
        {
            "from": rfc3339(stretch.first_at),
            "until": rfc3339(stretch.last_at),
            "outcome": stretch.outcome,
            "version": stretch.version,
            "polls": stretch.polls,
            "why": stretch.why,
        }
        for stretch in coverage.stretches(connection, source_id, since, until)
    ]
