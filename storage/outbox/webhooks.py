"""Run-time state of webhooks: failing since when, paused and why, the next digest."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from sqlalchemy import Connection, case, func, literal, select, update

from pricetrail.storage import tables as t
from pricetrail.storage.upsert import insert_or_skip, upsert

# Between two replicas that read one clock and write one after the other.
_AT_ONCE = timedelta(minutes=1)
# Between two attempts of one message: 24 h and a fifth.
_LONGEST_PAUSE = timedelta(hours=29)


@dataclass(frozen=True, slots=True)
class WebhookState:
    """One webhook's state; the same as untouched where it has no row yet."""

    name: str
    digest_at: datetime | None = None
    failing_since: datetime | None = None
    disabled_at: datetime | None = None
    why: str | None = None
    succeeded_at: datetime | None = None
    failed_at: datetime | None = None
    last_error: str | None = None
    waits_until: datetime | None = None

    def waits(self, now: datetime) -> bool:
        """Whether its receiver asked for a pause that lasts; one without end is a clock's error."""
        until = self.waits_until
        return until is not None and now < until <= now + _LONGEST_PAUSE


def state(connection: Connection, name: str) -> WebhookState:
    """The state of one webhook."""
    row = connection.execute(_STATES.where(t.webhook.c.name == name)).first()
    return WebhookState(**row._asdict()) if row is not None else WebhookState(name)


def states(connection: Connection) -> dict[str, WebhookState]:
    """Every state there is, by name."""
    rows = connection.execute(_STATES)
    return {row.name: WebhookState(**row._asdict()) for row in rows}


def plan_digest(connection: Connection, name: str, at: datetime) -> None:
    """Set when the next digest goes out, unless one is planned already.

    The row is written either way: whoever sends the digest at this moment waits, or we do, and
    what is gathered meanwhile is never left without one.
    """
    known = t.webhook.c.digest_at
    planned = func.coalesce(known, literal(at, known.type))
    upsert(connection, t.webhook, {"name": name, "digest_at": at}, {"digest_at": planned})


def hasten_digest(connection: Connection, name: str, at: datetime) -> None:
    """Let the digest that is planned go out at `at`, if it is planned for later."""
    later = (t.webhook.c.name == name) & (t.webhook.c.digest_at > at)
    connection.execute(update(t.webhook).where(later).values(digest_at=at))


def digest_sent(connection: Connection, name: str) -> None:
    """No digest is planned any more."""
    connection.execute(update(t.webhook).where(t.webhook.c.name == name).values(digest_at=None))


def digests_due(connection: Connection, now: datetime) -> list[str]:
    """The webhooks whose digest is due."""
    query = select(t.webhook.c.name).where(t.webhook.c.digest_at <= now)
    query = query.with_for_update(skip_locked=True)
    return sorted(connection.execute(query).scalars())


def failed(connection: Connection, name: str, now: datetime) -> datetime:
    """One more attempt failed; since when they all have."""
    known = t.webhook.c.failing_since
    at, soon = (literal(moment, known.type) for moment in (now, now + _AT_ONCE))
    # What is long after now was written by a clock that was ahead.
    first = case((known <= soon, known), else_=at)
    upsert(connection, t.webhook, {"name": name, "failing_since": now}, {"failing_since": first})
    return state(connection, name).failing_since or now


def failing_for(connection: Connection, name: str, since: datetime, now: datetime) -> timedelta:
    """For how long the attempts of a webhook, all of which failed `since`, have gone on.

    Between two of them no more is counted than the longest pause there is: a clock that jumps
    does not make days of one failure.
    """
    query = select(t.attempt.c.at).join(t.delivery)
    query = query.where(t.delivery.c.webhook == name, t.attempt.c.at.between(since, now))
    times = [since, *connection.execute(query.order_by(t.attempt.c.at)).scalars(), now]
    pauses = (later - earlier for earlier, later in pairwise(times))
    return sum((min(pause, _LONGEST_PAUSE) for pause in pauses), timedelta(0))


def succeeded(connection: Connection, name: str) -> None:
    """An attempt got through."""
    failing = (t.webhook.c.name == name) & t.webhook.c.failing_since.is_not(None)
    connection.execute(update(t.webhook).where(failing).values(failing_since=None))


def count_delivered(connection: Connection, name: str, more: int, now: datetime) -> None:
    """Count messages that the receiver of a webhook took just now."""
    column = t.webhook.c.succeeded_at
    taken = {"delivered": t.webhook.c.delivered + more, "succeeded_at": literal(now, column.type)}
    upsert(connection, t.webhook, {"name": name, "delivered": more, "succeeded_at": now}, taken)


def remember_error(connection: Connection, name: str, error: str | None, now: datetime) -> None:
    """Remember what the last try that failed came to, whether it is tried again or not."""
    said = error or "no reason was given"
    upsert(connection, t.webhook, {"name": name, "failed_at": now, "last_error": said})


def disable(connection: Connection, name: str, why: str, now: datetime) -> bool:
    """Pause a webhook: what it is owed is kept. False where it was paused already."""
    insert_or_skip(connection, t.webhook, [{"name": name}])
    working = (t.webhook.c.name == name) & t.webhook.c.disabled_at.is_(None)
    done = connection.execute(update(t.webhook).where(working).values(disabled_at=now, why=why))
    return done.rowcount == 1


def postpone(connection: Connection, name: str, until: datetime, now: datetime) -> None:
    """Nothing goes out before `until`, however much waits: the receiver asked for a pause."""
    known = t.webhook.c.waits_until
    later, never = (literal(moment, known.type) for moment in (until, now + _LONGEST_PAUSE))
    kept = case((known.between(later, never), known), else_=later)
    upsert(connection, t.webhook, {"name": name, "waits_until": until}, {"waits_until": kept})


def enable(connection: Connection, name: str) -> bool:
    """Let a webhook go on; False where it was not paused."""
    paused = (t.webhook.c.name == name) & t.webhook.c.disabled_at.is_not(None)
    values = {"disabled_at": None, "why": None, "failing_since": None, "waits_until": None}
    return connection.execute(update(t.webhook).where(paused).values(values)).rowcount == 1


_STATES = select(*(t.webhook.c[name] for name in WebhookState.__dataclass_fields__))
