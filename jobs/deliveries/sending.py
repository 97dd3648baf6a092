"""Sending what is due for one webhook, in order.

The POST happens outside every transaction; its result counts only while the lease is still ours.
"""

import time
import uuid
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta

from pricetrail.alerts.messages import Message
from pricetrail.alerts.outcomes import DEAD, DELIVERED, Outcome
from pricetrail.alerts.posting import post
from pricetrail.alerts.webhooks import STRICT, Webhook
from pricetrail.jobs.deliveries.attempts import AttemptRecorder, AttemptResult
from pricetrail.jobs.deliveries.messages import messages_of
from pricetrail.jobs.deliveries.tally import Tally
from pricetrail.jobs.deliveries.ways import Way
from pricetrail.jobs.in_force import Configured, InForce
from pricetrail.jobs.stopping import Stop
from pricetrail.net.dialling import Network
from pricetrail.storage.database import Database
from pricetrail.storage.outbox import leases, webhooks
from pricetrail.storage.outbox.deliveries import Delivery

LEASE = timedelta(seconds=90)
# So long after a claim another POST may begin: it ends well before somebody else may take over.
_LEASE_USED = 60.0
# What was sent is written down no later than when the next answer comes after so many seconds.
_WRITTEN_AFTER = 0.5
MOST_CLAIMED = 64
_GONE = Outcome(DEAD, error="its events are not in the database any more")
_UNSAID = Outcome(DEAD, error="it tells of what came and went, which programs are not told")


@dataclass(frozen=True, slots=True)
class _Claimed:
    """Messages that are ours for a while; `now` tells the time by the database's clock.

    `started`: when they were claimed, on `time.monotonic`.
    """

    deliveries: list[Delivery]
    now: Callable[[], datetime]
    started: float

    @property
    def age(self) -> float:
        """In seconds; of a process that was stopped and goes on, it tells the whole time."""
        return time.monotonic() - self.started


class Sender:
    """Sends one webhook's messages; see `delivering.Deliverer`.

    Args:
        chat_pause: so many seconds between two messages to people.
    """

    def __init__(
        self,
        database: Database,
        in_force: InForce,
        recorder: AttemptRecorder,
        *,
        network: Network,
        stopping: Stop,
        chat_pause: float,
    ) -> None:
        self.database = database
        self.in_force = in_force
        self.recorder = recorder
        self.network = network
        self.stopping = stopping
        self.chat_pause = chat_pause

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
        with self.database.write(often=True) as connection:
            # Only now: by a look at the clock from before a wait, or before the process was stopped
            # for a while, leases of others would seem to be of a clock that was ahead.
            claimed = _Claimed([], self.database.clock_within(connection), time.monotonic())
            now = claimed.now()
            state = webhooks.state(connection, webhook.name)
            paused = state.disabled_at is not None or state.waits(now)
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
