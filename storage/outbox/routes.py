"""What became of each event for each webhook, and the silences that somebody asked for."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, insert, select, update

from pricetrail.catalog.errors import NotFoundError
from pricetrail.storage import tables as t
from pricetrail.storage.upsert import insert_or_skip

# Between the clock that makes a silence and the one that asks for it.
_FAR_AHEAD = timedelta(days=1)
DELIVERY, FILTERED, SILENCED, DIGEST, BLIP = "delivery", "filtered", "silenced", "digest", "blip"


@dataclass(frozen=True, slots=True)
class Route:
    """An event's fate at one webhook; `detail`: the rule, the silence, the delivery's id."""

    event_id: str
    webhook: str
    verdict: str
    detail: str | None


def record(connection: Connection, routes: Iterable[Route], now: datetime) -> None:
    """Write fates down; the first one of an event at a webhook stands."""
    rows = [
        {
            "event_id": route.event_id,
            "webhook": route.webhook,
            "verdict": route.verdict,
            "detail": route.detail,
            "at": now,
        }
        for route in routes
    ]
    insert_or_skip(connection, t.routing, rows)


def of_event(connection: Connection, event_id: str) -> list[Route]:
    """Every webhook's verdict on an event, by webhook."""
    query = select(t.routing).where(t.routing.c.event_id == event_id).order_by(t.routing.c.webhook)
    return [
        Route(row.event_id, row.webhook, row.verdict, row.detail)
        for row in connection.execute(query)
    ]


def gathered(connection: Connection, webhook: str) -> list[str]:
    """The ids of the events that wait for a webhook's next digest."""
    query = select(t.routing.c.event_id).where(
        t.routing.c.webhook == webhook,
        t.routing.c.verdict == DIGEST,
        t.routing.c.detail.is_(None),
    )
    return list(connection.execute(query).scalars())


def sent_in_digest(connection: Connection, webhook: str, deliveries: dict[str, str]) -> None:
    """The events (ids to delivery ids) went into a digest."""
    for event_id, delivery in deliveries.items():
        connection.execute(
            update(t.routing)
            .where(t.routing.c.webhook == webhook, t.routing.c.event_id == event_id)
            .values(detail=delivery)
        )


@dataclass(frozen=True, slots=True)
class Silence:
    """Models that nobody wants to hear of until a time."""

    id: int
    glob: str
    until: datetime
    reason: str
    created_at: datetime
    removed_at: datetime | None


def add_silence(
    connection: Connection, glob: str, until: datetime, reason: str, now: datetime
) -> int:
    """Mute models by glob; the silence's id."""
    values = {"glob": glob, "until": until, "reason": reason, "created_at": now}
    made = connection.execute(insert(t.silence).values(**values))
    key = made.inserted_primary_key
    return int(key[0]) if key is not None else 0


def silences(connection: Connection, now: datetime | None = None) -> list[Silence]:
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
    return [Silence(**row._mapping) for row in connection.execute(query)]  # noqa: SLF001 - public


def remove_silence(connection: Connection, number: int, now: datetime) -> None:
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
        raise NotFoundError(f"no silence {number}: see `pricetrail silence list`")
