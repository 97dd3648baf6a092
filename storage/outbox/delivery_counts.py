"""How many messages each webhook is owed, and was: counted without going through the outbox."""

from datetime import datetime

from sqlalchemy import Connection, bindparam, func, select

from pricetrail.storage import tables as t
from pricetrail.storage.outbox import leases
from pricetrail.storage.outbox.deliveries import (
    CANCELLED,
    DEAD,
    DELIVERED,
    LEASED,
    PENDING,
    is_open,
)

UNDELIVERED = (PENDING, LEASED, DEAD, CANCELLED)
# Written out, and the same as the index's own words: only so do databases see that it serves.
is_undelivered = t.delivery.c.state.in_(
    bindparam("undelivered", UNDELIVERED, expanding=True, literal_execute=True)
)


def counts(connection: Connection) -> dict[str, dict[str, int]]:
    """The messages of each webhook, by state.

    `delivered` are those that its receiver ever took, whatever was pruned since; the others those
    that are in the outbox.
    """
    found: dict[str, dict[str, int]] = {}
    for webhook, number in connection.execute(_TAKEN):
        found[webhook] = {DELIVERED: number}
    for webhook, state, number in connection.execute(_WAITING):
        found.setdefault(webhook, {})[state] = number
    return found


def oldest(connection: Connection) -> dict[str, datetime]:
    """Since when the oldest message that is to go out waits, of each webhook with one."""
    return {row.name: row.created_at for row in connection.execute(leases.oldest_open)}


def next_tries(connection: Connection) -> dict[str, datetime]:
    """When a message goes out next, of each webhook with one, as far as the oldest of them tell."""
    names = [row.name for row in connection.execute(leases.oldest_open)]
    found = ((name, connection.execute(_NEXT_TRY, {"name": name}).scalar()) for name in names)
    return {name: at for name, at in found if at is not None}


_TAKEN = select(t.webhook.c.name, t.webhook.c.delivered)
_WAITING = (
    select(t.delivery.c.webhook, t.delivery.c.state, func.count())
    .where(is_undelivered)
    .group_by(t.delivery.c.webhook, t.delivery.c.state)
)
# However many wait: all of a webhook wait for the same receiver.
_SOME_OPEN = (
    select(t.delivery.c.next_at)
    .where(t.delivery.c.webhook == bindparam("name"), is_open)
    .order_by(t.delivery.c.number)
    .limit(100)
    .subquery()
)
_NEXT_TRY = select(func.min(_SOME_OPEN.c.next_at))
