"""Run-time state of webhooks: failing since when, paused and why, the next digest."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from sqlalchemy import Connection, insert, select, update

from storage import tables as t

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


def state(connection: Connection, name: str) -> WebhookState:
    """The state of one webhook."""
    row = connection.execute(select(t.webhook).where(t.webhook.c.name == name)).first()
    return WebhookState(**row._mapping) if row is not None else WebhookState(name)  # noqa: SLF001


def states(connection: Connection) -> dict[str, WebhookState]:
    """Every state there is, by name."""
    rows = connection.execute(select(t.webhook))
    return {row.name: WebhookState(**row._mapping) for row in rows}  # noqa: SLF001 - public


def plan_digest(connection: Connection, name: str, at: datetime | None) -> None:
    """Set when the next digest goes out; None once it has."""
    _set(connection, name, digest_at=at)


def digests_due(connection: Connection, now: datetime) -> list[str]:
    """The webhooks whose digest is due."""
    query = select(t.webhook.c.name).where(t.webhook.c.digest_at <= now)
    query = query.with_for_update(skip_locked=True)
    return sorted(connection.execute(query).scalars())


def failed(connection: Connection, name: str, now: datetime) -> datetime:
    """One more attempt failed; since when they all have."""
    since = state(connection, name).failing_since
    if since is None or since > now:
        _set(connection, name, failing_since=now)
        return now
    return since


def failing_for(connection: Connection, name: str, since: datetime, now: datetime) -> timedelta:
    """For how long the attempts of a webhook, all of which failed `since`, have gone on.

    Between two of them no more is counted than the longest pause there is: a clock that jumps
    does not make days of one failure.
    """
    query = select(t.attempt.c.at).join(t.delivery, t.delivery.c.number == t.attempt.c.delivery_id)
    query = query.where(t.delivery.c.webhook == name, t.attempt.c.at.between(since, now))
    times = [since, *connection.execute(query.order_by(t.attempt.c.at)).scalars(), now]
    pauses = (later - earlier for earlier, later in pairwise(times))
    return sum((min(pause, _LONGEST_PAUSE) for pause in pauses), timedelta(0))


def succeeded(connection: Connection, name: str) -> None:
    """An attempt got through."""
    if state(connection, name).failing_since is not None:
        _set(connection, name, failing_since=None)


def disable(connection: Connection, name: str, why: str, now: datetime) -> bool:
    """Pause a webhook: what it is owed is kept. False where it was paused already."""
    if state(connection, name).disabled_at is not None:
        return False
    _set(connection, name, disabled_at=now, why=why)
    return True


def enable(connection: Connection, name: str) -> bool:
    """Let a webhook go on; False where it was not paused."""
    was = state(connection, name).disabled_at is not None
    if was:
        _set(connection, name, disabled_at=None, why=None, failing_since=None)
    return was


def _set(connection: Connection, name: str, **values: object) -> None:
    done = connection.execute(update(t.webhook).where(t.webhook.c.name == name).values(**values))
    if done.rowcount == 0:
        connection.execute(insert(t.webhook).values(name=name, **values))
