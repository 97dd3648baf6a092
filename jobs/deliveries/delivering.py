"""Working off the outbox: each webhook by itself, so that a slow one keeps nobody waiting."""

import random
from collections.abc import Callable
from concurrent.futures import wait
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from pricetrail.alerts.webhooks import STRICT, Webhooks
from pricetrail.jobs.deliveries.tally import Tally
from pricetrail.jobs.in_force import InForce
from pricetrail.jobs.stopping import Stop
from pricetrail.jobs.workers import Workers
from pricetrail.net.dialling import Network
from pricetrail.storage.database import Database, Transaction
from pricetrail.storage.outbox import leases, webhooks
from pricetrail.storage.polls import held_changes

if TYPE_CHECKING:
    from pricetrail.jobs.deliveries.sending import Sender

# Each of them may need a connection to the database: together with the polls within its pool.
MAX_AT_ONCE = 16
# Chats take about one message a second (https://docs.slack.dev/apis/web-api/rate-limits/).
CHAT_PAUSE = 1.0


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
        self.chance = chance
        self.chat_pause = chat_pause

    def release(self) -> int:
        """Owe what was held or gathered long enough; how many messages that makes."""
        hooks = self.in_force.now.webhooks
        with self.database.write(often=True) as connection:
            # Only now: it may have waited for the database.
            now = self.database.now_within(connection)
            if not _may_release(connection, hooks, now):
                return 0
            # Only now: it reads events, and decides who is to hear of them.
            from pricetrail.jobs.deliveries.routing import release  # noqa: PLC0415 - see above

            return release(connection, hooks, now)

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
        """The webhooks of ours that something is due for, neither paused, waiting nor faulty."""
        now, configured = self.database.now(), self.in_force.now

        def is_ordered(name: str) -> bool:
            hook = configured.webhooks.get(name)
            return hook is not None and hook.ordering == STRICT

        with self.database.read() as connection:
            due = leases.webhooks_with_due(connection, now, is_ordered)
            states = webhooks.states(connection) if due else {}
        paused = {
            name
            for name, state in states.items()
            if state.disabled_at is not None or state.waits(now)
        }
        hooks = {name: configured.find_webhook(name) for name in due if name not in paused}
        return [name for name, hook in hooks.items() if hook is not None and not hook.faults]

    def drain(self, name: str) -> Tally:
        """Deliver what is due for one webhook, one message after the other."""
        return self._sender().drain(name)

    def _sender(self) -> "Sender":
        # Only now: most rounds find nothing due, and need neither channels nor their reports.
        from pricetrail.jobs.deliveries.attempts import AttemptRecorder  # noqa: PLC0415 - see above
        from pricetrail.jobs.deliveries.sending import Sender  # noqa: PLC0415 - see above

        return Sender(
            self.database,
            self.in_force,
            AttemptRecorder(self.database, self.in_force, self.chance),
            network=self.network,
            stopping=self.stopping,
            chat_pause=self.chat_pause,
        )


def _may_release(connection: Transaction, hooks: Webhooks, now: datetime) -> bool:
    """Whether anything was held or gathered long enough, or a schedule is to be looked at."""
    gathers = any(hook.digest is not None for hook in hooks.values())
    return bool(
        gathers or held_changes.due(connection, now) or webhooks.digests_due(connection, now)
    )
