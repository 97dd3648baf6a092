"""What became of each event for each webhook."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select, text, update

from pricetrail.storage import tables as t
from pricetrail.storage.upsert import insert_or_skip

DELIVERY, FILTERED, SILENCED, DIGEST, BLIP = "delivery", "filtered", "silenced", "digest", "blip"
# The rule that keeps back what was gathered for a webhook that is gone.
REMOVED = "removed"


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


def gathered_counts(connection: Connection) -> dict[str, int]:
    """How many events wait for the next digest of each webhook that has some."""
    return {row.webhook: row.events for row in connection.execute(_GATHERED)}


def sent_in_digest(connection: Connection, webhook: str, deliveries: dict[str, str]) -> None:
    """The events (ids to delivery ids) went into a digest."""
    for event_id, delivery in deliveries.items():
        connection.execute(
            update(t.routing)
            .where(t.routing.c.webhook == webhook, t.routing.c.event_id == event_id)
            .values(detail=delivery)
        )


def drop_gathered(connection: Connection, webhook: str) -> int:
    """Keep back what waits for a webhook's next digest, as it is removed; how many events."""
    waiting = (
        (t.routing.c.webhook == webhook)
        & (t.routing.c.verdict == DIGEST)
        & t.routing.c.detail.is_(None)
    )
    kept_back = update(t.routing).where(waiting).values(verdict=FILTERED, detail=REMOVED)
    return connection.execute(kept_back).rowcount


# Written out, and the same as the index's own words: only so do databases see that it serves.
_GATHERED = (
    select(t.routing.c.webhook, func.count().label("events"))
    .where(text("verdict = 'digest' AND detail IS NULL"))
    .group_by(t.routing.c.webhook)
)
