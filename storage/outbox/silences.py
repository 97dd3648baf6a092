"""Silences: models that somebody muted until a time, with a reason."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, insert, select, update

from pricetrail.catalog.errors import NotFoundError
from pricetrail.catalog.times import rfc3339
from pricetrail.storage import tables as t

# Between the clock that makes a silence and the one that asks for it.
_FAR_AHEAD = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Silence:
    """Models that nobody wants to hear of until a time."""

    id: int
    glob: str
    until: datetime
    reason: str
    created_at: datetime
    removed_at: datetime | None


def add(connection: Connection, glob: str, until: datetime, reason: str, now: datetime) -> int:
    """Mute models by glob; the silence's id."""
    values = {"glob": glob, "until": until, "reason": reason, "created_at": now}
    made = connection.execute(insert(t.silence).values(**values))
    [number] = tuple(made.inserted_primary_key or ())
    return int(number)


def listed(connection: Connection, now: datetime | None = None) -> list[Silence]:
    """All silences, oldest first; with a time only those in force then.

    One that was made by a clock far ahead is not: it would last for as long as the clock was off.
    """
    query = select(t.silence).order_by(t.silence.c.id)
    if now is not None:
        query = query.where(
            t.silence.c.until > now,
            t.silence.c.removed_at.is_(None),
            t.silence.c.created_at <= now + _FAR_AHEAD,
        )
    return [Silence(**row._asdict()) for row in connection.execute(query)]


def find(connection: Connection, number: int) -> Silence | None:
    """A silence by its id, over or not; None where there is none."""
    row = connection.execute(select(t.silence).where(t.silence.c.id == number)).first()
    return None if row is None else Silence(**row._asdict())


def get(connection: Connection, number: int) -> Silence:
    """A silence by its id, over or not.

    Raises:
        NotFoundError: there is none.
    """
    found = find(connection, number)
    if found is None:
        raise _missing(number)
    return found


def remove(connection: Connection, number: int, now: datetime) -> None:
    """End a silence.

    Raises:
        NotFoundError: there is none, or it was removed already.
    """
    done = connection.execute(
        update(t.silence)
        .where(t.silence.c.id == number, t.silence.c.removed_at.is_(None))
        .values(removed_at=now)
    )
    if done.rowcount != 1:
        found = find(connection, number)
        ended = found.removed_at if found is not None else None
        if ended is not None:
            raise NotFoundError(f"silence {number} was removed already, at {rfc3339(ended)}")
        raise _missing(number)


def _missing(number: int) -> NotFoundError:
    return NotFoundError(f"no silence {number}: see `pricetrail silence list --all`")
