"""Working off the outbox: each webhook by itself, so that a slow one keeps nobody waiting.

The POST happens outside every transaction; its result counts only while the lease is still ours.
"""

import random
import threading
import time
import uuid
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta

from alerts import channels
from alerts.messages import Message
from alerts.network import Network
from alerts.outcomes import DEAD, DELIVERED, DISABLE, Outcome
from alerts.posting import post
from alerts.report import Blip, Context
from alerts.webhooks import JSON, STRICT, Webhook
from alerts.windows import window_of
from catalog.events import Event
from jobs.announcing import Webhooks, costs, release
from jobs.notices import tell_paused
from storage import events as log
from storage import outbox, webhooks
from storage.database import Database, Transaction
from storage.outbox import Delivery

LEASE = timedelta(seconds=90)
DELAYS = tuple(
    timedelta(seconds=seconds)
    for seconds in (5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400)
)
# A webhook that did nothing but fail for this long is paused.
PATIENCE = timedelta(days=5)
# Chats take about one message a second (https://docs.slack.dev/apis/web-api/rate-limits/).
CHAT_PAUSE = 1.0


@dataclass(frozen=True, slots=True)
class Tally:
    """How a round of deliveries went, in messages."""

    delivered: int = 0
    retrying: int = 0
    dead: int = 0

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(
            self.delivered + other.delivered,
            self.retrying + other.retrying,
            self.dead + other.dead,
        )


class Deliverer:
    """Delivers what is due for the webhooks of the configuration.

    Args:
        stopping: set when the process is to end: nothing new is begun then.
        chance: a number in [0, 1) that spreads retries.
    """

    def __init__(
        self,
        database: Database,
        hooks: Webhooks,
        *,
        network: Network | None = None,
        stopping: threading.Event | None = None,
        chance: Callable[[], float] = random.random,
        chat_pause: float = CHAT_PAUSE,
    ) -> None:
        self.database = database
        self.hooks = hooks
        self.network = network
        self.stopping = stopping or threading.Event()
        self.chance = chance
        self.chat_pause = chat_pause

    def release(self) -> int:
        """Owe what was held or gathered long enough; how many messages that makes."""
        now = self.database.now()
        with self.database.write() as connection:
            return release(connection, self.hooks, now)

    def deliver_due(self) -> Tally:
        """Deliver everything that is due now, every webhook on a thread of its own."""
        self.release()
        names = self.with_mail()
        if len(names) <= 1:
            return sum((self.drain(name) for name in names), Tally())
        with ThreadPoolExecutor(len(names), "deliver") as pool:
            return sum(pool.map(self.drain, names), Tally())

    def with_mail(self) -> list[str]:
        """The webhooks of ours that something is due for and that are not paused."""
        now = self.database.now()
        with self.database.read() as connection:
            due = outbox.webhooks_with_mail(connection, now)
            states = webhooks.states(connection)
        paused = {name for name, state in states.items() if state.disabled_at is not None}
        return [name for name in due if name in self.hooks and name not in paused]

    def drain(self, name: str) -> Tally:
        """Deliver what is due for one webhook, one message after the other."""
        webhook, tally = self.hooks[name], Tally()
        while not self.stopping.is_set():
            delivery = self._claim(webhook)
            if delivery is None:
                break
            if webhook.format != JSON and tally.delivered:
                time.sleep(self.chat_pause)
            done, going_on = self._attempt(webhook, delivery)
            tally += done
            if not going_on:
                break
        return tally

    def _claim(self, webhook: Webhook) -> Delivery | None:
        now = self.database.now()
        with self.database.write() as connection:
            if webhooks.state(connection, webhook.name).disabled_at is not None:
                return None
            return outbox.claim(
                connection,
                webhook.name,
                ordered=webhook.ordering == STRICT,
                token=uuid.uuid4().hex,
                now=now,
                lease_until=now + LEASE,
            )

    def _attempt(self, webhook: Webhook, delivery: Delivery) -> tuple[Tally, bool]:
        """Post once and write down what came of it; whether the webhook takes more now."""
        message = self._message(webhook, delivery)
        now = self.database.now()
        outcome = (
            post(webhook, message, now=now, network=self.network)
            if message is not None
            else Outcome(DEAD, error="its events are not in the database any more")
        )
        return self._settle(webhook, delivery, outcome)

    def _message(self, webhook: Webhook, delivery: Delivery) -> Message | None:
        with self.database.read() as connection:
            return message_of(connection, webhook, delivery.event_ids, delivery.blips)

    def _settle(self, webhook: Webhook, delivery: Delivery, outcome: Outcome) -> tuple[Tally, bool]:
        now = self.database.now()
        state, next_at = self._next(delivery, outcome, now)
        with self.database.write() as connection:
            ours = outbox.settle(
                connection,
                delivery,
                state=state,
                now=now,
                next_at=next_at,
                status=outcome.status,
                error=outcome.error,
            )
            if not ours:
                # Another replica took it over: what it finds counts, and so does its tally.
                return Tally(), False
            if outcome.not_before is not None:
                outbox.postpone(connection, webhook.name, outcome.not_before)
            self._judge(connection, webhook, outcome, now)
        if state == outbox.DELIVERED:
            return Tally(delivered=1), True
        if state == outbox.DEAD:
            return Tally(dead=1), True
        # Whoever answered may take the next message; whoever is silent or overrun may not.
        answered = outcome.status is not None and outcome.not_before is None
        goes_on = answered and webhook.ordering != STRICT and outcome.verdict != DISABLE
        return Tally(retrying=1), goes_on

    def _next(
        self, delivery: Delivery, outcome: Outcome, now: datetime
    ) -> tuple[str, datetime | None]:
        """The state that follows, and when the next attempt is due."""
        if outcome.verdict == DELIVERED:
            return outbox.DELIVERED, None
        if outcome.verdict == DEAD:
            return outbox.DEAD, None
        if outcome.verdict == DISABLE:
            return outbox.PENDING, now
        if delivery.attempts >= len(DELAYS):
            return outbox.DEAD, None
        delay = DELAYS[delivery.attempts] * (0.8 + 0.4 * self.chance())
        return outbox.PENDING, max(now + delay, outcome.not_before or now)

    def _is_worn_out(
        self, connection: Transaction, webhook: Webhook, since: datetime, now: datetime
    ) -> bool:
        if now - since < PATIENCE:
            return False
        return webhooks.failing_for(connection, webhook.name, since, now) >= PATIENCE

    def _judge(
        self,
        connection: Transaction,
        webhook: Webhook,
        outcome: Outcome,
        now: datetime,
    ) -> None:
        """What the attempt says of the webhook itself."""
        if outcome.verdict == DELIVERED:
            webhooks.succeeded(connection, webhook.name)
            return
        if outcome.verdict == DEAD:
            return
        since = webhooks.failed(connection, webhook.name, now)
        why = None
        if outcome.verdict == DISABLE:
            why = outcome.error or "the receiver refuses it"
        elif self._is_worn_out(connection, webhook, since, now):
            why = f"every attempt for {PATIENCE.days} days failed, the last one: {outcome.error}"
        if why is not None and webhooks.disable(connection, webhook.name, why, now):
            tell_paused(connection, self.hooks, webhook.name, why, now)


def message_of(
    connection: Transaction,
    webhook: Webhook,
    event_ids: Sequence[str],
    blips: Sequence[Sequence[str]] = (),
) -> Message | None:
    """The message of a delivery, the same at every attempt; None where its events are gone."""
    events = log.by_ids(connection, event_ids)
    flaps = [blip_of(log.by_ids(connection, ids)) for ids in blips]
    if not events and not flaps:
        return None
    cost = costs(connection) if webhook.format != JSON else None
    known = {event.id: cost(event) for event in events} if cost else {}
    context = Context(
        costs={event_id: amount for event_id, amount in known.items() if amount is not None},
        blips=tuple(flaps),
    )
    return channels.render(webhook, events, context)[0]


def blip_of(events: Sequence[Event]) -> Blip:
    """A change and what undid it, as one."""
    first, last = events[0], events[-1]
    start = window_of(first)[0] or first.at
    return Blip(
        model=first.model or "",
        changes=tuple(first.data.get("changes", ())),
        start=start,
        until=last.at,
        id=first.id,
        kind=first.type,
    )
