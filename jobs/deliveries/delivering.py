"""Working off the outbox: each webhook by itself, so that a slow one keeps nobody waiting.

The POST happens outside every transaction; its result counts only while the lease is still ours.
"""

import random
import time
import uuid
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import wait
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from pricetrail.alerts import channels
from pricetrail.alerts.messages import Message
from pricetrail.alerts.outcomes import DEAD, DELIVERED, Outcome
from pricetrail.alerts.posting import post
from pricetrail.alerts.report import Blip, Context
from pricetrail.alerts.webhooks import STRICT, Webhook
from pricetrail.catalog.events import Event
from pricetrail.jobs.deliveries.attempts import AttemptRecorder, AttemptResult
from pricetrail.jobs.deliveries.routing import Webhooks, costs, release
from pricetrail.jobs.deliveries.tally import Tally
from pricetrail.jobs.deliveries.ways import Way
from pricetrail.jobs.in_force import Configured, InForce
from pricetrail.jobs.stopping import Stop
from pricetrail.jobs.workers import Workers
from pricetrail.net.dialling import Network
from pricetrail.storage.database import Database, Transaction
from pricetrail.storage.history import events as log
from pricetrail.storage.outbox import leases, webhooks
from pricetrail.storage.outbox.deliveries import Delivery

LEASE = timedelta(seconds=90)
# So long after a claim another POST may begin: it ends well before somebody else may take over.
_LEASE_USED = 60.0
# What was sent is written down no later than when the next answer comes after so many seconds.
_WRITTEN_AFTER = 0.5
MOST_CLAIMED = 64
# Each of them may need a connection to the database: together with the polls within its pool.
MAX_AT_ONCE = 16
# Chats take about one message a second (https://docs.slack.dev/apis/web-api/rate-limits/).
CHAT_PAUSE = 1.0
_GONE = Outcome(DEAD, error="its events are not in the database any more")
_UNSAID = Outcome(DEAD, error="it tells of what came and went, which programs are not told")


@dataclass(frozen=True, slots=True)
class _Claimed:
    """Messages that are ours for a while; `now` tells the time by the database's clock."""

    deliveries: list[Delivery]
    now: Callable[[], datetime]
    started: float = field(default_factory=time.monotonic)

    @property
    def age(self) -> float:
        """In seconds; of a process that was stopped and goes on, it tells the whole time."""
        return time.monotonic() - self.started


class Deliverer:
    """Delivers what is due for the webhooks of the configuration.

    Args:
        hooks: what is in force, or the webhooks that hold for good.
        stopping: set when the process is to end: nothing new is begun then.
        chance: a number in [0, 1) that spreads retries.
    """

    def __init__(
        self,
        database: Database,
        hooks: Webhooks | InForce,
        *,
        network: Network | None = None,
        stopping: Stop | None = None,
        chance: Callable[[], float] = random.random,
        chat_pause: float = CHAT_PAUSE,
    ) -> None:
        self.database = database
        self.in_force = InForce.of(hooks)
        self.network = network or Network()
        self.stopping = stopping or Stop()
        self.recorder = AttemptRecorder(database, self.in_force, chance)
        self.chat_pause = chat_pause

    def release(self) -> int:
        """Owe what was held or gathered long enough; how many messages that makes."""
        now = self.database.now()
        with self.database.write() as connection:
            return release(connection, self.in_force.now.webhooks, now)

    def deliver_due(self) -> Tally:
        """Deliver everything that is due now, many webhooks at a time.

        Raises:
            PricetrailError: of the first webhook that could not be worked off; the others were.
        """
        if self.stopping.is_set():
            return Tally()
        self.release()
        names = self.with_due()
        if len(names) <= 1:
            return sum((self.drain(name) for name in names), Tally())
        workers = Workers(MAX_AT_ONCE, "deliver")
        rounds = [workers.submit(partial(self.drain, name)) for name in names]
        wait(rounds)
        return sum((round_.result() for round_ in rounds), Tally())

    def with_due(self) -> list[str]:
        """The webhooks of ours that something is due for, neither paused nor faulty."""
        now, configured = self.database.now(), self.in_force.now

        def is_ordered(name: str) -> bool:
            hook = configured.webhooks.get(name)
            return hook is not None and hook.ordering == STRICT

        with self.database.read() as connection:
            due = leases.webhooks_with_due(connection, now, is_ordered)
            states = webhooks.states(connection) if due else {}
        paused = {name for name, state in states.items() if state.disabled_at is not None}
        hooks = {name: configured.find_webhook(name) for name in due if name not in paused}
        return [name for name, hook in hooks.items() if hook is not None and not hook.faults]

    def drain(self, name: str) -> Tally:
        """Deliver what is due for one webhook, one message after the other, over one connection.

        The more it took in a row, the more are claimed at once. That saves transactions; what was
        sent and is not yet written down goes out again if the process is killed. What was claimed
        goes out by the configuration that was in force then.
        """
        tally, most = Tally(), 1
        with Way(self.network) as way:
            while not self.stopping.is_set():
                configured = self.in_force.now
                webhook = configured.find_webhook(name)
                if webhook is None or webhook.faults:
                    break
                if not webhook.for_programs and tally.delivered:
                    self.stopping.wait(self.chat_pause)
                with ExitStack() as hand:
                    claimed = self._claim(webhook, most, hand)
                    if not claimed.deliveries:
                        break
                    done, going_on = self._send(configured, webhook, claimed, way)
                tally += done
                if not going_on:
                    break
                # Where each message is of one event, many of them fit into memory.
                most = min(2 * most, MOST_CLAIMED) if webhook.single else 1
        return tally

    def _claim(self, webhook: Webhook, most: int, hand: ExitStack) -> _Claimed:
        claimed = _Claimed([], self.database.clock())
        now = claimed.now()
        with self.database.write() as connection:
            paused = webhooks.state(connection, webhook.name).disabled_at is not None
            if paused or self.stopping.is_set():
                return claimed
            # In hand from here on; before, there was at most a wait for the database.
            hand.enter_context(self.stopping.in_hand(f"webhook {webhook.name}"))
            deliveries = leases.claim(
                connection,
                webhook.name,
                ordered=webhook.ordering == STRICT,
                token=uuid.uuid4().hex,
                now=now,
                lease_until=now + LEASE,
                most=most,
            )
        claimed.deliveries.extend(deliveries)
        return claimed

    def _send(
        self, configured: Configured, webhook: Webhook, claimed: _Claimed, way: Way
    ) -> tuple[Tally, bool]:
        """Post what was claimed and write down what came of it; whether the webhook takes more."""
        with self.database.read() as connection:
            messages = messages_of(connection, webhook, claimed.deliveries, claimed.now())
        waiting = deque(zip(claimed.deliveries, messages, strict=True))
        tally, going_on = Tally(), True
        sent: list[AttemptResult] = []
        while waiting and going_on and claimed.age < _LEASE_USED and not self.stopping.is_set():
            delivery, parts = waiting.popleft()
            # Its address and secrets may stand in files, and be others by now.
            webhook = configured.files.webhook(webhook)
            sent.append(self._attempt(webhook, delivery, parts, claimed, way))
            late = (sent[-1].at - sent[0].at).total_seconds() >= _WRITTEN_AFTER
            if waiting and sent[-1].delivered and not late:
                continue
            rest = [delivery for delivery, _ in waiting]
            done, going_on = self.recorder.write(webhook, sent, rest)
            tally, sent = tally + done, []
        if going_on and (sent or waiting):
            done, _ = self.recorder.write(
                webhook, sent, [delivery for delivery, _ in waiting], last=True
            )
            tally += done
        return tally, going_on

    def _attempt(
        self,
        webhook: Webhook,
        delivery: Delivery,
        parts: Sequence[Message],
        claimed: _Claimed,
        way: Way,
    ) -> AttemptResult:
        """Post a delivery; of several messages each one until the first that is not taken."""
        outcome = _UNSAID if delivery.blips and not delivery.event_ids else _GONE
        for message in parts:
            outcome = post(webhook, message, now=claimed.now(), route=way.to(webhook))
            if outcome.verdict != DELIVERED:
                break
        return AttemptResult(delivery, outcome, claimed.now())


def messages_of(
    connection: Transaction, webhook: Webhook, deliveries: Sequence[Delivery], now: datetime
) -> list[list[Message]]:
    """The messages of each delivery; the events of all of them are read at once.

    One message each, but where the webhook had another format, or batched, when it was owed.
    """
    if not webhook.single:
        return [
            parts_of(connection, webhook, delivery.event_ids, delivery.blips, now)
            for delivery in deliveries
        ]
    ids = [event_id for delivery in deliveries for event_id in delivery.event_ids]
    events = {event.id: event for event in log.by_ids(connection, ids)}
    kept = [
        [events[name] for name in delivery.event_ids if name in events] for delivery in deliveries
    ]
    return [channels.render(webhook, some) for some in kept]


def parts_of(
    connection: Transaction,
    webhook: Webhook,
    event_ids: Sequence[str],
    blips: Sequence[Sequence[str]] = (),
    now: datetime | None = None,
) -> list[Message]:
    """The messages of a delivery; none where its events are gone.

    They are the same at every attempt, but for how long an alert holds after it was sent, at `now`.
    """
    events = log.by_ids(connection, event_ids)
    flaps = [blip_of(some) for ids in blips if (some := log.by_ids(connection, ids))]
    cost = None if webhook.signed else costs(connection)
    known = {event.id: cost(event) for event in events} if cost else {}
    context = Context(
        costs={event_id: amount for event_id, amount in known.items() if amount is not None},
        blips=tuple(flaps),
        now=now,
    )
    return channels.render(webhook, events, context)


def blip_of(events: Sequence[Event]) -> Blip:
    """A change and what undid it, as one."""
    first, last = events[0], events[-1]
    start = first.not_before or first.at
    return Blip(
        model=first.model or "",
        changes=first.changes,
        start=start,
        until=last.at,
        id=first.id,
        kind=first.type,
    )
