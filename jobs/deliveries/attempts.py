"""What came of attempts to deliver, written down: what is due again, and when; who is paused."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from pricetrail.alerts.outcomes import DEAD, DELIVERED, DISABLE, Outcome
from pricetrail.alerts.webhooks import STRICT, Webhook, Webhooks
from pricetrail.jobs.deliveries.pause_notice import announce_pause
from pricetrail.jobs.deliveries.tally import Tally
from pricetrail.jobs.in_force import InForce
from pricetrail.jobs.log_lines import log_attempt, log_pause
from pricetrail.storage.database import Database, Transaction
from pricetrail.storage.outbox import deliveries, leases, webhooks
from pricetrail.storage.outbox.deliveries import Delivery
from pricetrail.storage.outbox.leases import Attempt

DELAYS = tuple(
    timedelta(seconds=seconds)
    for seconds in (5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400)
)
# A webhook that did nothing but fail for this long is paused.
PATIENCE = timedelta(days=5)


@dataclass(frozen=True, slots=True)
class AttemptResult:
    """One attempt: what came of it, and when by the database's clock."""

    delivery: Delivery
    outcome: Outcome
    at: datetime

    @property
    def delivered(self) -> bool:
        """Whether the receiver has it."""
        return self.outcome.verdict == DELIVERED


@dataclass(frozen=True, slots=True)
class _News:
    """What attempts changed about their webhook; `paused`: why it is."""

    begins_to_fail: bool = False
    paused: str | None = None


class AttemptRecorder:
    """Writes down attempts, each set of them in one transaction.

    Args:
        chance: a number in [0, 1) that spreads retries.
    """

    def __init__(
        self, database: Database, hooks: Webhooks | InForce, chance: Callable[[], float]
    ) -> None:
        self.database = database
        self.in_force = InForce.of(hooks)
        self.chance = chance

    def write(
        self,
        webhook: Webhook,
        results: Sequence[AttemptResult],
        rest: Sequence[Delivery],
        *,
        last: bool = False,
    ) -> tuple[Tally, bool]:
        """Write down attempts, of which only the last may have failed; whether more may follow.

        Args:
            rest: what was claimed with them and is still to be sent; given back if nothing may
                follow, or if these were the last.
        """
        attempts, news = [self._following(result) for result in results], _News()
        with self.database.write(often=True) as connection:
            ours = leases.record_attempt(connection, attempts) == len(attempts)
            going_on = ours and (
                not results or _takes_more(webhook, results[-1].outcome, attempts[-1])
            )
            if last or not going_on:
                leases.give_back(connection, rest)
            taken = sum(result.delivered for result in results)
            if taken:
                # The receiver has them, whoever holds the lease by now.
                at = max(result.at for result in results if result.delivered)
                webhooks.count_delivered(connection, webhook.name, taken, at)
            if ours and results:
                news = self._update_webhook(connection, webhook, results)
        if not ours:
            # Another replica took it over: what it finds counts, and so does its tally.
            return Tally(), going_on
        _log(attempts, news)
        return _tally(attempts), going_on

    def _following(self, result: AttemptResult) -> Attempt:
        """The state that follows an attempt, and when the next one is due."""
        outcome, now, before = result.outcome, result.at, result.delivery.attempts
        state, next_at = deliveries.PENDING, now
        if outcome.verdict == DELIVERED:
            state = deliveries.DELIVERED
        elif outcome.verdict == DEAD or (outcome.verdict != DISABLE and before >= len(DELAYS)):
            state = deliveries.DEAD
        elif outcome.verdict != DISABLE:
            delay = DELAYS[before] * (0.8 + 0.4 * self.chance())
            next_at = max(now + delay, outcome.not_before or now)
        return Attempt(result.delivery, state, now, next_at, outcome.status, outcome.error)

    def _update_webhook(
        self, connection: Transaction, webhook: Webhook, results: Sequence[AttemptResult]
    ) -> _News:
        """Write what attempts say of the webhook itself: it works, fails, waits, is paused."""
        if any(result.delivered for result in results):
            webhooks.succeeded(connection, webhook.name)
        outcome, now = results[-1].outcome, results[-1].at
        if outcome.not_before is not None and webhook.ordering != STRICT:
            # Where there is an order, the one that waits holds the others back.
            webhooks.postpone(connection, webhook.name, outcome.not_before, now)
        if outcome.verdict == DELIVERED:
            return _News()
        webhooks.remember_error(connection, webhook.name, outcome.error, now)
        if outcome.verdict == DEAD:
            return _News()
        since = webhooks.failed(connection, webhook.name, now)
        why = None
        if outcome.verdict == DISABLE:
            why = outcome.error or "the receiver refuses it"
        elif _is_worn_out(connection, webhook, since, now):
            why = f"every attempt for {PATIENCE.days} days failed, the last one: {outcome.error}"
        if why is None or not webhooks.disable(connection, webhook.name, why, now):
            return _News(begins_to_fail=since == now)
        announce_pause(connection, self.in_force.now.webhooks, webhook.name, why, now)
        return _News(begins_to_fail=since == now, paused=why)


def _log(attempts: Sequence[Attempt], news: _News) -> None:
    for attempt in attempts:
        if attempt.state == deliveries.DELIVERED:
            continue
        if news.paused is not None:
            log_pause(attempt, news.paused)
        else:
            log_attempt(attempt, first=news.begins_to_fail)


def _is_worn_out(connection: Transaction, webhook: Webhook, since: datetime, now: datetime) -> bool:
    if now - since < PATIENCE:
        return False
    return webhooks.failing_for(connection, webhook.name, since, now) >= PATIENCE


def _takes_more(webhook: Webhook, outcome: Outcome, attempt: Attempt) -> bool:
    if attempt.state != deliveries.PENDING:
        return True
    # Whoever answered may take the next message; whoever is silent or overrun may not.
    answered = outcome.status is not None and outcome.not_before is None
    return answered and webhook.ordering != STRICT and outcome.verdict != DISABLE


def _tally(attempts: Sequence[Attempt]) -> Tally:
    states = [attempt.state for attempt in attempts]
    return Tally(
        states.count(deliveries.DELIVERED),
        states.count(deliveries.PENDING),
        states.count(deliveries.DEAD),
    )
