"""Wall times and instants: what a time zone's changes of offset do to them."""

from datetime import UTC, datetime, timedelta, tzinfo

_DAY = timedelta(days=1)
_SECOND = timedelta(seconds=1)


def offset_at(moment: datetime, zone: tzinfo) -> timedelta:
    """The zone's offset from UTC at an instant."""
    return moment.astimezone(zone).utcoffset() or timedelta(0)


def wall(moment: datetime, zone: tzinfo) -> datetime:
    """What a clock on the wall shows at an instant: naive, to the second."""
    return moment.astimezone(zone).replace(tzinfo=None, microsecond=0)


def instant(shown: datetime, zone: tzinfo) -> datetime:
    """The instant in UTC at which a wall clock first shows a naive time.

    A time that it never shows, as the clock jumps over it, is the first instant after the jump.
    """
    early, late = (shown.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (1, 0))
    if wall(late, zone) == shown.replace(microsecond=0, fold=0):
        return late
    # In a gap fold 0 reckons with the offset before it and lands after it, fold 1 the reverse.
    return first_change(early, late, zone) or late


def first_change(start: datetime, end: datetime, zone: tzinfo) -> datetime | None:
    """The first instant in (start, end] with another offset than `start`'s; None if there is none.

    Two changes that undo each other within a day would be missed; no zone has any.
    """
    before = offset_at(start, zone)
    while start < end:
        step = min(start + _DAY, end)
        if offset_at(step, zone) != before:
            return _bisect(start, step, before, zone)
        start = step
    return None


def _bisect(same: datetime, changed: datetime, before: timedelta, zone: tzinfo) -> datetime:
    """Offsets change at whole seconds: halve to one."""
    same = same.replace(microsecond=0)
    while changed - same > _SECOND:
        middle = (same + (changed - same) / 2).replace(microsecond=0)
        if offset_at(middle, zone) == before:
            same = middle
        else:
            changed = middle
    return changed.replace(microsecond=0)
