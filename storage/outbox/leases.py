"""Who may send which message: claimed for a while, settled once, or given back.

A message that somebody claimed carries a token; only with it is anything written down.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import takewhile

from sqlalchemy import (
    ColumnElement,
    Connection,
    bindparam,
    insert,
    literal,
    or_,
    select,
    update,
)

from pricetrail.storage import tables as t
from pricetrail.storage.outbox.deliveries import (
    DELIVERED,
    LEASED,
    PENDING,
    Delivery,
    delivery_of,
    is_open,
)
from pricetrail.storage.types import AnyRow, AnySelect

# No retry waits longer than 24 h and a fifth, no lease is longer than 90 s: what is due much later
# was written by a clock that was ahead, and is due now. (Much: whoever asks may have been stopped
# for a while since it looked at the clock.)
_LONGEST_WAIT = timedelta(hours=29)
_LONGEST_LEASE = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Attempt:
    """What became of one try of a message: the state that follows, and when it is due next."""

    delivery: Delivery
    state: str
    at: datetime
    next_at: datetime | None = None
    status: int | None = None
    error: str | None = None


def claim(
    connection: Connection,
    webhook: str,
    *,
    ordered: bool,
    token: str,
    now: datetime,
    lease_until: datetime,
    most: int = 1,
) -> list[Delivery]:
    """Take the next messages of a webhook that are due, `most` of them at most.

    In order: from the oldest open message on, and none behind one that waits for its retry or
    that somebody else has. A lease that ran out is taken over: the message may have arrived, and
    goes out again with the same id.
    """
    if ordered:
        # Whoever is taking the same ones is waited for: to skip them would be to overtake them.
        rows = connection.execute(_QUEUE, {"the_webhook": webhook, "most": most})
        due = list(takewhile(lambda row: _is_due(row, now), rows))
    else:
        due = _due_in_any_order(connection, webhook, now, most)
    if due:
        taken = t.delivery.c.number.in_([row.number for row in due])
        values = {"state": LEASED, "token": token, "next_at": lease_until}
        connection.execute(update(t.delivery).where(taken).values(values))
    return [delivery_of(row, token=token) for row in due]


def _due_in_any_order(
    connection: Connection, webhook: str, now: datetime, most: int
) -> list[AnyRow]:
    due: list[AnyRow] = []
    for reason in _REASONS:
        if len(due) < most:
            asked = {"the_webhook": webhook, "most": most - len(due), **_bounds(now)}
            due.extend(connection.execute(_TAKE[reason], asked))
    return due


def _is_due(row: AnyRow, now: datetime) -> bool:
    longest = _LONGEST_LEASE if row.state == LEASED else _LONGEST_WAIT
    return not now < row.next_at <= now + longest


def _bounds(now: datetime) -> dict[str, datetime]:
    """The parameters of `_REASONS`."""
    return {"now": now, "never": now + _LONGEST_WAIT, "no_lease": now + _LONGEST_LEASE}


def record_attempt(connection: Connection, attempts: Sequence[Attempt]) -> int:
    """Write down what became of attempts; of how many the lease was still held.

    Of the others nothing is written but that there was an attempt: somebody else took them over.
    """
    if not attempts:
        return 0
    done = connection.execute(
        _SETTLE,
        [
            {
                "the_number": one.delivery.number,
                "the_token": one.delivery.token,
                "new_state": one.state,
                "new_attempts": one.delivery.attempts + 1,
                "new_next_at": one.next_at or one.at,
                "new_delivered_at": one.at if one.state == DELIVERED else None,
                "new_status": one.status,
                "new_error": one.error,
            }
            for one in attempts
        ],
    )
    tried = [
        {"delivery_id": one.delivery.number, "at": one.at, "status": one.status, "error": one.error}
        for one in attempts
    ]
    connection.execute(insert(t.attempt), tried)
    return done.rowcount


def give_back(connection: Connection, deliveries: Sequence[Delivery]) -> None:
    """Let messages that were claimed and not sent be as they were before."""
    if deliveries:
        rows = [
            {"the_number": one.number, "the_token": one.token, "new_next_at": one.next_at}
            for one in deliveries
        ]
        connection.execute(_GIVE_BACK, rows)


def webhooks_with_due(
    connection: Connection, now: datetime, is_ordered: Callable[[str], bool]
) -> list[str]:
    """The webhooks that something may go out for now, by name, unless they are paused or wait.

    Args:
        is_ordered: whether a webhook's messages go out strictly in order.
    """
    asked = _bounds(now)

    def has_mail(row: AnyRow) -> bool:
        # Of most the oldest is due, and then something is, whatever the order.
        if _is_due(row, now) or is_ordered(row.name):
            return _is_due(row, now)
        return bool(connection.execute(_ANY_DUE, asked | {"the_webhook": row.name}).scalar())

    return [row.name for row in connection.execute(oldest_open).all() if has_mail(row)]


_OURS = (
    t.delivery.c.number == bindparam("the_number"),
    t.delivery.c.state == LEASED,
    t.delivery.c.token == bindparam("the_token"),
)
_SETTLE = (
    update(t.delivery)
    .where(*_OURS)
    .values(
        state=bindparam("new_state"),
        attempts=bindparam("new_attempts"),
        next_at=bindparam("new_next_at"),
        token=None,
        delivered_at=bindparam("new_delivered_at"),
        last_status=bindparam("new_status"),
        last_error=bindparam("new_error"),
    )
)
_GIVE_BACK = (
    update(t.delivery)
    .where(*_OURS)
    .values(state=PENDING, token=None, next_at=bindparam("new_next_at"))
)
_next_at, _number = t.delivery.c.next_at, t.delivery.c.number
_OF_WEBHOOK = select(t.delivery).where(t.delivery.c.webhook == bindparam("the_webhook"))
_QUEUE = _OF_WEBHOOK.where(is_open).order_by(_number).limit(bindparam("most")).with_for_update()


def _with(state: str, *rules: ColumnElement[bool]) -> AnySelect:
    """The messages of a webhook in a state, by a stretch of its index: however many others wait."""
    is_it = t.delivery.c.state == literal(state, literal_execute=True)
    return _OF_WEBHOOK.where(is_open, is_it, *rules)


# Why a message is due, in whatever order: it was left behind; its time has come; a clock was ahead.
_REASONS = (
    _with(LEASED, _next_at <= bindparam("now")),
    _with(PENDING, _next_at <= bindparam("now")),
    _with(LEASED, _next_at > bindparam("no_lease")),
    _with(PENDING, _next_at > bindparam("never")),
)
_TAKE = {
    reason: reason.order_by(_next_at, _number)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
    for reason in _REASONS
}
_ANY_DUE = select(or_(*(reason.exists() for reason in _REASONS)))
_one = t.delivery.alias("one")
_COLUMNS = (_one.c.webhook.label("name"), _one.c.state, _one.c.next_at, _one.c.created_at)


def _first(*rules: ColumnElement[bool]) -> AnySelect:
    """The number of the oldest open message of the first webhook, by name, for which a rule holds.

    In the order of an index of the open ones alone: however many others are dead.
    """
    return select(_number).where(is_open, *rules).order_by(t.delivery.c.webhook, _number).limit(1)


# From one webhook to the next by the index, however many messages each of them waits for.
_found = select(*_COLUMNS).where(_one.c.number == _first().scalar_subquery()).cte(recursive=True)
_following = _first(t.delivery.c.webhook > _found.c.name).correlate(_found).scalar_subquery()
_next = select(*_COLUMNS).select_from(_found).join(_one, _one.c.number == _following)
# The oldest open message of each webhook with one: `name`, `state`, `next_at`, `created_at`.
oldest_open = select(_found.union_all(_next))
