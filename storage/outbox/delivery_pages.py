"""The outbox newest first, a page at a time, without going through what is not shown."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Select, bindparam, select

from pricetrail.storage import tables as t
from pricetrail.storage.outbox import delivery_counts
from pricetrail.storage.outbox.deliveries import Delivery, by_numbers

# So many messages are looked at for one page of those that no index finds.
LOOKED_AT = 20_000
_BEYOND = 2**62


@dataclass(frozen=True, slots=True)
class DeliveryPage:
    """Messages newest first; `older` is where the next page begins, None after the last.

    A page may be short, or empty, and have an older one: then `since` is how far back it looked.
    """

    deliveries: list[Delivery]
    older: int | None
    since: datetime | None = None


def page(
    connection: Connection,
    *,
    states: Sequence[str],
    webhook: str | None,
    before: int | None,
    limit: int,
) -> DeliveryPage:
    """The newest messages before a number, of some states (none: of all), of a webhook or all."""
    most = _BEYOND if before is None else before
    undelivered = bool(states) and set(states) <= set(delivery_counts.UNDELIVERED)
    if not undelivered:
        return _looked_through(connection, states, webhook, most, limit)
    found = _by_index(connection, states, webhook, most, limit + 1)
    shown = found[:limit]
    older = shown[-1] if len(found) > limit else None
    return DeliveryPage(by_numbers(connection, shown)[::-1], older)


def _by_index(
    connection: Connection, states: Sequence[str], webhook: str | None, before: int, limit: int
) -> list[int]:
    """The newest numbers of what was not taken: a few seeks for each webhook and state."""
    counts = delivery_counts.counts(connection)
    numbers: list[int] = []
    for name in counts if webhook is None else (webhook,):
        for state in states:
            if counts.get(name, {}).get(state):
                asked = {"webhook": name, "state": state, "before": before, "most": limit}
                numbers += connection.execute(_OF_WEBHOOK, asked).scalars()
    return sorted(numbers, reverse=True)[:limit]


def _looked_through(
    connection: Connection, states: Sequence[str], webhook: str | None, before: int, limit: int
) -> DeliveryPage:
    """What there is among the newest `LOOKED_AT`."""
    # Mostly a page is full long before.
    for most in (20 * limit, LOOKED_AT):
        looked = _NEWEST.limit(most).subquery()
        query: Select[int] = select(looked.c.number)
        if states:
            query = query.where(looked.c.state.in_(states))
        if webhook is not None:
            query = query.where(looked.c.webhook == webhook)
        query = query.order_by(looked.c.number.desc()).limit(limit + 1)
        found = list(connection.execute(query, {"before": before}).scalars())
        if len(found) > limit:
            break
    shown = by_numbers(connection, found[:limit])[::-1]
    if len(found) > limit:
        return DeliveryPage(shown, found[limit - 1])
    last = connection.execute(_LAST_LOOKED_AT, {"before": before}).first()
    return DeliveryPage(shown, None) if last is None else DeliveryPage(shown, last[0], last[1])


_d = t.delivery.c
_OF_WEBHOOK = (
    select(_d.number)
    .where(
        _d.webhook == bindparam("webhook"),
        _d.state == bindparam("state"),
        delivery_counts.is_undelivered,
        _d.number < bindparam("before"),
    )
    .order_by(_d.number.desc())
    .limit(bindparam("most"))
)
_NEWEST = (
    select(_d.number, _d.webhook, _d.state)
    .where(_d.number < bindparam("before"))
    .order_by(_d.number.desc())
)
_LAST_LOOKED_AT = (
    select(_d.number, _d.created_at)
    .where(_d.number < bindparam("before"))
    .order_by(_d.number.desc())
    .offset(LOOKED_AT - 1)
    .limit(1)
)
