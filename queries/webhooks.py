"""The question of `pricetrail webhooks list`: the state of each webhook, and what it is owed."""

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Self

from pricetrail.alerts.webhooks import Webhook
from pricetrail.catalog.errors import NotFoundError
from pricetrail.queries.answers import CONFIGURATION, DATABASE, time_or_null
from pricetrail.storage.database import Transaction
from pricetrail.storage.outbox import deliveries, delivery_counts, routes, webhooks
from pricetrail.storage.outbox.webhooks import WebhookState


@dataclass(frozen=True, slots=True)
class WebhookEntry:
    """One configured webhook: whether it is paused and `why`, and its messages by what became
    of them.

    `waiting` counts those that are still to go out, `gathered` the events that wait for the next
    digest. `last_error` is what the last try that failed came to, at `failed_at`; `next_try` is
    when a message goes out next. `origin` says where it comes from: the
    configuration, or the database; it is None where nobody asked.
    """

    name: str
    format: str
    paused: bool
    why: str | None
    failing_since: datetime | None
    next_digest: datetime | None
    waiting: int
    delivered: int
    dead: int
    gathered: int = 0
    succeeded_at: datetime | None = None
    failed_at: datetime | None = None
    last_error: str | None = None
    next_try: datetime | None = None
    origin: str | None = None

    @property
    def failing(self) -> bool:
        """Whether the last thing that its receiver did was to refuse, or not to answer."""
        if self.failing_since is not None:
            return True
        if self.failed_at is None:
            return False
        return self.succeeded_at is None or self.failed_at > self.succeeded_at

    @property
    def state(self) -> str:
        """`paused`, `failing` or `on`."""
        if self.paused:
            return "paused"
        return "failing" if self.failing else "on"

    def as_json(self) -> dict[str, object]:
        """One entry of `webhooks`."""
        return {
            "name": self.name,
            "format": self.format,
            "state": self.state,
            "why": self.why,
            "failing_since": time_or_null(self.failing_since),
            "last_success": time_or_null(self.succeeded_at),
            "last_error": self.last_error,
            "last_error_at": time_or_null(self.failed_at),
            "next_try": time_or_null(self.next_try),
            "next_digest": time_or_null(self.next_digest),
            "gathered": self.gathered,
            "waiting": self.waiting,
            "delivered": self.delivered,
            "dead": self.dead,
            **({} if self.origin is None else {"from": self.origin}),
        }


@dataclass(frozen=True, slots=True)
class WebhooksAnswer:
    """The webhooks of the configuration, in its order."""

    webhooks: tuple[WebhookEntry, ...]

    def as_json(self) -> dict[str, object]:
        """The shape of `webhooks list`."""
        return {"webhooks": [webhook.as_json() for webhook in self.webhooks]}


def ask(
    transaction: Transaction,
    configured: Iterable[Webhook],
    kept: Container[str] | None = None,
    *,
    others: bool = False,
) -> WebhooksAnswer:
    """How the configured webhooks are; one that has no row yet is as untouched.

    Args:
        kept: the names of those of them that the database keeps; None where nobody asks.
        others: those too that the database alone knows, behind them, by name, without a format.
    """
    read = _Read.of(transaction)
    formats = {hook.name: hook.format for hook in configured}
    if others:
        formats |= dict.fromkeys(sorted(read.names - formats.keys()), "")
    entries = (read.entry(name, kind) for name, kind in formats.items())
    if kept is not None:
        entries = (
            replace(it, origin=DATABASE if it.name in kept else CONFIGURATION) for it in entries
        )
    return WebhooksAnswer(tuple(entries))


def require_known(transaction: Transaction, name: str, configured: Iterable[str]) -> None:
    """Refuse the name of a webhook that is neither configured nor in the database.

    Raises:
        NotFoundError: it names those there are.
    """
    known = {*configured, *_Read.of(transaction).names}
    if name not in known:
        there = ", ".join(sorted(known)) or "none"
        raise NotFoundError(f"no webhook {name!r} here; there are: {there}")


@dataclass(frozen=True, slots=True)
class _Read:
    """What the database knows of webhooks, each by name."""

    states: Mapping[str, WebhookState]
    counts: Mapping[str, Mapping[str, int]]
    gathered: Mapping[str, int]
    tries: Mapping[str, datetime]

    @classmethod
    def of(cls, transaction: Transaction) -> Self:
        return cls(
            webhooks.states(transaction),
            delivery_counts.counts(transaction),
            routes.gathered_counts(transaction),
            delivery_counts.next_tries(transaction),
        )

    @property
    def names(self) -> set[str]:
        """Those that it knows."""
        return {*self.states, *self.counts}

    def entry(self, name: str, format_: str) -> WebhookEntry:
        """How one is; the same as untouched where nothing is known of it."""
        state = self.states.get(name) or WebhookState(name)
        counts = self.counts.get(name, {})
        paused = state.disabled_at is not None
        return WebhookEntry(
            name=name,
            format=format_,
            paused=paused,
            why=state.why,
            failing_since=state.failing_since,
            next_digest=state.digest_at,
            waiting=sum(counts.get(kind, 0) for kind in (deliveries.PENDING, deliveries.LEASED)),
            delivered=counts.get(deliveries.DELIVERED, 0),
            dead=counts.get(deliveries.DEAD, 0),
            gathered=self.gathered.get(name, 0),
            succeeded_at=state.succeeded_at,
            failed_at=state.failed_at,
            last_error=state.last_error,
            next_try=None if paused else _later(self.tries.get(name), state.waits_until),
        )


def _later(due: datetime | None, waits_until: datetime | None) -> datetime | None:
    """When a message goes out that is due at a time, and whose receiver asked for a pause."""
    return due if due is None or waits_until is None else max(due, waits_until)
