"""What an import is given, looked at before anything is made of it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import chain

from pricetrail.catalog.catalogs import Catalog, Limits
from pricetrail.catalog.errors import CatalogError, PricetrailError
from pricetrail.catalog.readers import Reader, find_reader
from pricetrail.catalog.times import rfc3339, to_millisecond
from pricetrail.jobs.imports.observations import (
    BadItemError,
    BrokenInputError,
    ImportRefusedError,
    Item,
    Observation,
    Unreadable,
)
from pricetrail.storage.sources import SourceState

# A transaction: long enough to be cheap, short enough to let others write in between.
_BATCH_ITEMS = 64
_BATCH_BYTES = 16 * 1024 * 1024
# So many bad ones in a row are kept in memory, while a good one is looked for.
_LOOK_AHEAD = 10_000
# "As they are": only what cannot be a catalog at all is refused for its size.
_LIMITS = Limits(models=1_000_000)


@dataclass(frozen=True, slots=True)
class Begun:
    """All items again, and whether one among them can be taken in."""

    items: Iterator[Item]
    worthwhile: bool


def begin(
    items: Iterable[Item], now: datetime, *, skip_bad: bool, reader: Reader | None = None
) -> Begun:
    """Look ahead to the first observation that can be taken in, though not for ever.

    Args:
        reader: what reads those that do not say how they were read; without one, PipeLLM's.

    Raises:
        BadItemError: what comes before it, unless that may be skipped.
        PricetrailError: whatever `items` raises.
    """
    rest, before = iter(items), list[Item]()
    for item in rest:
        if len(before) >= _LOOK_AHEAD:
            return Begun(chain(before, [item], rest), worthwhile=True)
        try:
            if isinstance(item, Observation):
                require_past(item, now)
                catalog(item, reader_of(item, reader or Reader()))
                return Begun(chain(before, [item], rest), worthwhile=True)
            if isinstance(item, Unreadable):
                raise BrokenInputError(item)
            before.append(item)
        except BadItemError as problem:
            if not skip_bad:
                raise
            # Only the reason is kept: there may be much of it.
            before.append(problem.item)
    return Begun(iter(before), worthwhile=False)


def reader_of(item: Observation, usual: Reader) -> Reader:
    """What reads an observation: one that an export wrote says so itself."""
    known = find_reader(item.known.read_by) if item.known is not None else None
    return known or usual


def catalog(item: Observation, reader: Reader, before: Catalog | None = None) -> Catalog:
    """The catalog that was observed.

    Args:
        before: an earlier one of the same source, to save work.

    Raises:
        BadItemError: it is none.
    """
    try:
        return reader.read(item.body, before, _LIMITS)
    except CatalogError as error:
        raise BadItemError(Unreadable(item.origin, f"not a catalog: {error}")) from None


def require_past(item: Observation, now: datetime) -> None:
    """Refuse what nobody can have seen yet.

    Raises:
        BadItemError: it is dated after now.
    """
    if to_millisecond(item.until) > now:
        reason = (
            f"observed at {rfc3339(item.until)}, which is after now ({rfc3339(now)}): "
            "correct the time there, or this machine's clock"
        )
        raise BadItemError(Unreadable(item.origin, reason))


def batches(items: Iterable[Item]) -> Iterator[list[Item]]:
    """Items in groups; where reading them fails, what came before is handed over first."""
    batch: list[Item] = []
    size = 0
    try:
        for item in items:
            batch.append(item)
            size += len(item.body) if isinstance(item, Observation) else 0
            if len(batch) >= _BATCH_ITEMS or size >= _BATCH_BYTES:
                yield batch
                batch, size = [], 0
    except PricetrailError:
        if batch:
            yield batch
        raise
    if batch:
        yield batch


def is_past(state: SourceState, at: datetime) -> bool:
    """Whether history reaches that time; failures before the first catalog are no history."""
    if state.head_version == 0:
        return False
    reached = [moment for moment in (state.good_at, state.last_poll_at) if moment is not None]
    return any(at <= moment for moment in reached)


def would_rewrite(state: SourceState, item: Observation, at: datetime) -> str:
    """Why an observation that history does not say already is refused."""
    reached = max(moment for moment in (state.good_at, state.last_poll_at) if moment is not None)
    return (
        f"{item.origin}: observed at {rfc3339(at)}, which is not after the last poll of source "
        f"{state.name!r} ({rfc3339(reached)}), and its history says otherwise; history is never "
        "rewritten: import into a source of its own with --source NAME"
    )


def of_another_dialect(state: SourceState, item: Observation) -> ImportRefusedError:
    """The refusal of an observation that nothing of the history can be compared with."""
    return ImportRefusedError(
        f"{item.origin}: source {state.name!r} was read by another dialect, which this one cannot "
        "be compared with: import into a source of its own with --source NAME"
    )
