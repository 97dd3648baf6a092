"""The outbox: every message that is owed, until its receiver took it or it is dead."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select, update

from pricetrail.catalog.errors import NotFoundError
from pricetrail.catalog.strict_json import dumps
from pricetrail.storage import tables as t
from pricetrail.storage.codecs.stored_json import decode_text_lists, decode_texts
from pricetrail.storage.id_prefixes import SHOWN, AmbiguousIdError, digits_of
from pricetrail.storage.types import AnySelect
from pricetrail.storage.upsert import insert_or_skip

PENDING, LEASED, DELIVERED, DEAD, CANCELLED = "pending", "leased", "delivered", "dead", "cancelled"
_OPEN = (PENDING, LEASED)
# Written out and no parameters: only so do databases see that the index of open messages serves.
is_open = t.delivery.c.state.in_(bindparam("open", _OPEN, expanding=True, literal_execute=True))


@dataclass(frozen=True, slots=True)
class NewDelivery:
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

    @property
    def due_at(self) -> datetime | None:
        """When it is due; None where it does not go out any more."""
        return self.next_at if self.state in _OPEN else None


def enqueue(connection: Connection, messages: Iterable[NewDelivery], now: datetime) -> int:
    """Put messages into the outbox, each due at once; how many were not owed already."""
    wanted = {message.id: message for message in messages}
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
    ]
    return insert_or_skip(connection, t.delivery, rows)


def deliveries(
    connection: Connection,
    *,
    states: Sequence[str] = (),
    webhook: str | None = None,
    limit: int | None = None,
) -> list[Delivery]:
    """What is in the outbox, oldest first; with a limit, the newest ones."""
    query = _newest(select(t.delivery), states, webhook, limit)
    return [delivery_of(row) for row in connection.execute(query)][::-1]


def numbers(
    connection: Connection, *, states: Sequence[str], webhook: str | None, limit: int | None
) -> list[int]:
    """The row numbers of what `deliveries` gives."""
    query = _newest(select(t.delivery.c.number), states, webhook, limit)
    return list(connection.execute(query).scalars())[::-1]


def _newest(
    query: AnySelect, states: Sequence[str], webhook: str | None, limit: int | None
) -> AnySelect:
    if states:
        query = query.where(t.delivery.c.state.in_(states))
    if webhook is not None:
        query = query.where(t.delivery.c.webhook == webhook)
    return query.order_by(t.delivery.c.number.desc()).limit(limit)


def by_numbers(connection: Connection, some: Sequence[int]) -> list[Delivery]:
    """Messages by their row numbers, oldest first."""
    query = select(t.delivery).where(t.delivery.c.number.in_(some)).order_by(t.delivery.c.number)
    return [delivery_of(row) for row in connection.execute(query)]


def by_id(connection: Connection, delivery_id: str) -> Delivery | None:
    """One message by its id."""
    row = connection.execute(select(t.delivery).where(t.delivery.c.id == delivery_id)).first()
    return None if row is None else delivery_of(row)


def get(connection: Connection, delivery_id: str) -> Delivery:
    """One message by its id, or by a beginning that no other message's id has.

    Raises:
        NotFoundError: there is none.
        AmbiguousIdError: there are several.
    """
    found = by_id(connection, delivery_id)
    if found is not None:
        return found
    ids = _beginning_with(connection, delivery_id)
    if len(ids) > 1:
        raise AmbiguousIdError("deliveries", delivery_id, ids)
    whole = by_id(connection, ids[0]) if ids else None
    if whole is None:
        raise NotFoundError(f"no delivery {delivery_id!r}: see `pricetrail deliveries list`")
    return whole


def _beginning_with(connection: Connection, given: str) -> list[str]:
    """The first ids that begin as given: a stretch of their index."""
    digits = digits_of(given, "dlv_", 32)
    if digits is None:
        return []
    # All that follows is hex digits, which come before a `g` in every collation.
    ids = t.delivery.c.id
    found = select(ids).where(ids >= f"dlv_{digits}", ids < f"dlv_{digits}g").order_by(ids)
    return list(connection.execute(found.limit(SHOWN + 1)).scalars())


def attempts(connection: Connection, delivery: Delivery) -> list[Row[Any]]:
    """Each try of a message (`at`, `status`, `error`), oldest first."""
    query = select(t.attempt).where(t.attempt.c.delivery_id == delivery.number)
    return list(connection.execute(query.order_by(t.attempt.c.id)))


def requeue(connection: Connection, numbers: Sequence[int], now: datetime) -> int:
    """Make messages due again with their old ids; how many."""
    done = connection.execute(
        update(t.delivery)
        .where(t.delivery.c.number.in_(numbers), t.delivery.c.state != LEASED)
        .values(state=PENDING, attempts=0, next_at=now, delivered_at=None)
    )
    # Whoever asks for them asks for them now.
    theirs = select(t.delivery.c.webhook).where(t.delivery.c.number.in_(numbers))
    waiting = t.webhook.c.name.in_(theirs) & t.webhook.c.waits_until.is_not(None)
    connection.execute(update(t.webhook).where(waiting).values(waits_until=None))
    return done.rowcount


def cancel(connection: Connection, webhook: str, now: datetime) -> int:
    """Send a webhook nothing more of what it is owed; how many messages that were."""
    owed = update(t.delivery).where(t.delivery.c.webhook == webhook, is_open)
    cancelled = {"state": CANCELLED, "token": None, "next_at": now}
    return connection.execute(owed.values(cancelled)).rowcount


def delivery_of(row: Row[Any], *, token: str | None = None) -> Delivery:
    """A message from its row; `token` instead of the row's own."""
    fields = {name: getattr(row, name) for name in Delivery.__dataclass_fields__}
    fields["event_ids"] = decode_texts(row.event_ids)
    fields["blips"] = decode_text_lists(row.blips) if row.blips else []
    fields["token"] = token or row.token
    return Delivery(**fields)
