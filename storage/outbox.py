"""The outbox: every message that is owed, until its receiver took it or it is dead."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, func, insert, or_, select, update

from catalog.strict_json import dumps
from storage import tables as t
from storage.errors import NothingThereError
from storage.stored_json import stored_list

PENDING, LEASED, DELIVERED, DEAD, CANCELLED = "pending", "leased", "delivered", "dead", "cancelled"
OPEN = (PENDING, LEASED)
# No retry waits longer than 24 h and a fifth, no lease is longer than 90 s: what is due much later
# was written by a clock that was ahead, and is due now. (Much: whoever asks may have been stopped
# for a while since it looked at the clock.)
_LONGEST_WAIT = timedelta(hours=29)
_LONGEST_LEASE = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Owed:
    """A message to be owed to a webhook; the same id is never owed twice.

    `blips` are changes that were undone, each as the ids of its events: one line each.
    """

    id: str
    webhook: str
    event_ids: tuple[str, ...]
    blips: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message as it stands in the outbox."""

    number: int
    id: str
    webhook: str
    event_ids: list[str]
    blips: list[list[str]]
    state: str
    attempts: int
    created_at: datetime
    next_at: datetime
    token: str | None
    delivered_at: datetime | None
    last_status: int | None
    last_error: str | None


def owe(connection: Connection, messages: Iterable[Owed], now: datetime) -> int:
    """Put messages into the outbox, each due at once; how many were not owed already."""
    wanted = {message.id: message for message in messages}
    if not wanted:
        return 0
    known = _known(connection, list(wanted))
    rows = [
        {
            "id": message.id,
            "webhook": message.webhook,
            "event_ids": dumps(list(message.event_ids)),
            "blips": dumps([list(blip) for blip in message.blips]) if message.blips else None,
            "state": PENDING,
            "created_at": now,
            "next_at": now,
        }
        for message in wanted.values()
        if message.id not in known
    ]
    if rows:
        connection.execute(insert(t.delivery), rows)
    return len(rows)


def _known(connection: Connection, ids: list[str]) -> set[str]:
    found: set[str] = set()
    for start in range(0, len(ids), 5000):
        query = select(t.delivery.c.id).where(t.delivery.c.id.in_(ids[start : start + 5000]))
        found |= set(connection.execute(query).scalars())
    return found


def claim(
    connection: Connection,
    webhook: str,
    *,
    ordered: bool,
    token: str,
    now: datetime,
    lease_until: datetime,
) -> Delivery | None:
    """Take the next message of a webhook that is due; None where there is none.

    In order: only the oldest open message, so nothing overtakes one that waits for its retry.
    A lease that ran out is taken over: the message may have arrived, and goes out again with
    the same id.
    """
    queue = select(t.delivery).where(t.delivery.c.webhook == webhook, t.delivery.c.state.in_(OPEN))
    if ordered:
        queue = queue.order_by(t.delivery.c.number).limit(1)
    else:
        due = queue.where(_is_due(now))
        queue = due.order_by(t.delivery.c.next_at, t.delivery.c.number).limit(1)
        queue = queue.with_for_update(skip_locked=True)
    row = connection.execute(queue).first()
    longest = _LONGEST_LEASE if row is not None and row.state == LEASED else _LONGEST_WAIT
    if row is None or now < row.next_at <= now + longest:
        return None
    taken = connection.execute(
        update(t.delivery)
        .where(
            t.delivery.c.number == row.number,
            t.delivery.c.state == row.state,
            t.delivery.c.next_at == row.next_at,
        )
        .values(state=LEASED, token=token, next_at=lease_until)
    )
    return _delivery(row, token=token) if taken.rowcount == 1 else None


def _is_due(now: datetime) -> ColumnElement[bool]:
    return or_(
        t.delivery.c.next_at <= now,
        t.delivery.c.next_at > now + _LONGEST_WAIT,
        (t.delivery.c.state == LEASED) & (t.delivery.c.next_at > now + _LONGEST_LEASE),
    )


def settle(
    connection: Connection,
    delivery: Delivery,
    *,
    state: str,
    now: datetime,
    next_at: datetime | None = None,
    status: int | None = None,
    error: str | None = None,
) -> bool:
    """Write down what became of an attempt; False where the lease was lost meanwhile."""
    done = connection.execute(
        update(t.delivery)
        .where(
            t.delivery.c.number == delivery.number,
            t.delivery.c.state == LEASED,
            t.delivery.c.token == delivery.token,
        )
        .values(
            state=state,
            attempts=delivery.attempts + 1,
            next_at=next_at or now,
            token=None,
            delivered_at=now if state == DELIVERED else None,
            last_status=status,
            last_error=error,
        )
    )
    attempt = {"delivery_id": delivery.number, "at": now, "status": status, "error": error}
    connection.execute(insert(t.attempt), attempt)
    return done.rowcount == 1


def postpone(connection: Connection, webhook: str, until: datetime) -> None:
    """Nothing of a webhook's queue goes out before `until`: its receiver asked for a pause."""
    connection.execute(
        update(t.delivery)
        .where(
            t.delivery.c.webhook == webhook,
            t.delivery.c.state == PENDING,
            t.delivery.c.next_at < until,
        )
        .values(next_at=until)
    )


def deliveries(
    connection: Connection,
    *,
    states: Sequence[str] = (),
    webhook: str | None = None,
    limit: int | None = None,
) -> list[Delivery]:
    """What is in the outbox, oldest first; with a limit, the newest ones."""
    query = _newest(select(t.delivery), states, webhook, limit)
    return [_delivery(row) for row in connection.execute(query)][::-1]


def numbers(
    connection: Connection, *, states: Sequence[str], webhook: str | None, limit: int | None
) -> list[int]:
    """The row numbers of what `deliveries` gives."""
    query = _newest(select(t.delivery.c.number), states, webhook, limit)
    return list(connection.execute(query).scalars())[::-1]


def _newest(
    query: Select[Any], states: Sequence[str], webhook: str | None, limit: int | None
) -> Select[Any]:
    if states:
        query = query.where(t.delivery.c.state.in_(states))
    if webhook is not None:
        query = query.where(t.delivery.c.webhook == webhook)
    return query.order_by(t.delivery.c.number.desc()).limit(limit)


def by_numbers(connection: Connection, some: Sequence[int]) -> list[Delivery]:
    """Messages by their row numbers, oldest first."""
    query = select(t.delivery).where(t.delivery.c.number.in_(some)).order_by(t.delivery.c.number)
    return [_delivery(row) for row in connection.execute(query)]


def by_id(connection: Connection, delivery_id: str) -> Delivery | None:
    """One message by its id."""
    row = connection.execute(select(t.delivery).where(t.delivery.c.id == delivery_id)).first()
    return None if row is None else _delivery(row)


def require(connection: Connection, delivery_id: str) -> Delivery:
    """One message by its id.

    Raises:
        NothingThereError: there is none.
    """
    found = by_id(connection, delivery_id)
    if found is None:
        raise NothingThereError(f"no delivery {delivery_id!r}: see `pricetrail deliveries list`")
    return found


def attempts(connection: Connection, delivery: Delivery) -> list[Row[Any]]:
    """Each try of a message (`at`, `status`, `error`), oldest first."""
    query = select(t.attempt).where(t.attempt.c.delivery_id == delivery.number)
    return list(connection.execute(query.order_by(t.attempt.c.id)))


def revive(connection: Connection, numbers: Sequence[int], now: datetime) -> int:
    """Make messages due again with their old ids; how many."""
    done = connection.execute(
        update(t.delivery)
        .where(t.delivery.c.number.in_(numbers), t.delivery.c.state != LEASED)
        .values(state=PENDING, attempts=0, next_at=now, token=None, delivered_at=None)
    )
    return done.rowcount


def tally(connection: Connection) -> dict[str, dict[str, int]]:
    """How many messages of each webhook are in each state."""
    query = select(t.delivery.c.webhook, t.delivery.c.state, func.count()).group_by(
        t.delivery.c.webhook, t.delivery.c.state
    )
    found: dict[str, dict[str, int]] = {}
    for webhook, state, number in connection.execute(query):
        found.setdefault(webhook, {})[state] = number
    return found


def next_due(connection: Connection) -> datetime | None:
    """When the next open message is due; None with an empty outbox."""
    earliest = func.min(t.delivery.c.next_at, type_=t.delivery.c.next_at.type)
    return connection.execute(select(earliest).where(t.delivery.c.state.in_(OPEN))).scalar()


def webhooks_with_mail(connection: Connection, now: datetime) -> list[str]:
    """The webhooks that something is due for."""
    query = (
        select(t.delivery.c.webhook).where(t.delivery.c.state.in_(OPEN), _is_due(now)).distinct()
    )
    return sorted(connection.execute(query).scalars())


def _delivery(row: Row[Any], *, token: str | None = None) -> Delivery:
    fields = {name: getattr(row, name) for name in Delivery.__dataclass_fields__}
    fields["event_ids"] = stored_list(row.event_ids)
    fields["blips"] = stored_list(row.blips) if row.blips else []
    fields["token"] = token or row.token
    return Delivery(**fields)
