"""A process that lives as a service does until it is killed (a child of tests).

Rounds of what it does by itself and what people have it do: sources polled as they are due, all
that is owed delivered, an import, a prune, a compaction. Each has a clock that stands a few hours
after the one before, so that whatever a killed process held has run out.
"""

import json
import random
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from pricetrail.alerts.webhooks import Webhook
from pricetrail.jobs import maintenance
from pricetrail.jobs.deliveries.delivering import Deliverer
from pricetrail.jobs.imports import importing, items
from pricetrail.jobs.imports.observations import Observation
from pricetrail.jobs.in_force import Configured, InForce
from pricetrail.jobs.planning import due_from, plan
from pricetrail.jobs.poll_round import poll_due
from pricetrail.jobs.polls.gateway import Answer, GatewayError
from pricetrail.jobs.polls.polling import Poller
from pricetrail.jobs.slots import Slots
from pricetrail.jobs.source import Source
from pricetrail.storage import schema
from pricetrail.storage.database import Database
from tests.support import broken_products, statements, trace_points
from tests.support.plain_catalogs import served

POLLED, IMPORTED = ("one", "two"), "archive"
# Nine days before a month ends: what a server keeps by months goes while a life lasts.
START = datetime(2026, 3, 22, tzinfo=UTC)
TICK = timedelta(hours=6)
_KEPT = timedelta(days=3)
# So many observations are imported at once, most of which are known from the time before.
_WINDOW = 20
# What failed some times is due again a day later.
_LAST_TRIES = 8


@dataclass(frozen=True, kw_only=True)
class Order:
    """How a process is to live and to die.

    `tick` is its first round. It is killed `after` so many seconds from its trace point number
    `point`, or by whoever started it; with `rounds` it ends by itself once they are over. `broken`
    names what is wrong with the product, by `broken_products`.
    """

    url: str
    receiver: str
    notes: str
    seed: int = 0
    tick: int = 0
    point: int = 0
    after: float = 0.0
    rounds: int = 0
    broken: str = ""


def at(tick: int) -> datetime:
    """When a round begins."""
    return START + tick * TICK


class Doomed:
    """One life."""

    def __init__(self, order: Order) -> None:
        self.order, self.tick = order, order.tick
        self._began = time.monotonic()
        self.database = Database(order.url, clock=self._now)
        self.hooks = webhooks(order.receiver)
        self.sources = {name: _source(name) for name in POLLED}
        self.in_force = InForce(Configured(self.sources, self.hooks))

    def live(self) -> None:
        """Round after round."""
        schema.ensure(self.database)
        while self.tick < self.order.tick + (self.order.rounds or sys.maxsize):
            self._round(random.Random(f"{self.order.seed} {self.tick}"))
            self.tick += 1
            trace_points.notes.tick = self.tick
        for _ in range(_LAST_TRIES):
            self.deliver()
            self.tick += 1

    def _round(self, chance: random.Random) -> None:
        doings = [self.poll, self.deliver]
        for rare, share in ((self.take_in, 0.3), (self.prune, 0.25), (self.compact, 0.15)):
            if chance.random() < share:
                doings.append(rare)
        chance.shuffle(doings)
        for doing in doings:
            trace_points.notes.doing = doing.__name__
            doing()

    def poll(self) -> None:
        """Poll what is due, in sets and on threads."""
        plan(self.database, list(self.sources.values()), due_from)
        poller = Poller(self.database, self.in_force, fetch=self._fetch)
        slots = Slots(poller, self.in_force, spread=False)
        problem = poll_due(slots, None, lambda _polled: None).problem
        if problem is not None:
            raise problem

    def deliver(self) -> None:
        """Deliver what is due."""
        Deliverer(self.database, self.in_force, chance=lambda: 0.5).deliver_due()

    def take_in(self) -> None:
        """Import what somebody else saw."""
        first = max(0, self.tick - _WINDOW)
        seen = [
            Observation(at(tick), served(self.order.seed, IMPORTED, tick), f"line {tick}")
            for tick in range(first, self.tick + 1)
        ]
        importing.run(self.database, IMPORTED, seen)

    def prune(self) -> None:
        """Delete what is old."""
        maintenance.prune(self.database, polls=_KEPT, bodies=_KEPT, deliveries=_KEPT)

    def compact(self) -> None:
        """Write the file anew, where it is one."""
        if self.database.sqlite_path is not None:
            maintenance.compact(self.database)

    def _now(self) -> datetime:
        return at(self.tick) + timedelta(seconds=time.monotonic() - self._began)

    def _fetch(self, source: Source, *_: object, **_limits: object) -> Answer:
        trace_points.passed("asking the gateway")
        if random.Random(f"{self.order.seed} {source.name} {self.tick} fails").random() < 0.1:
            raise GatewayError("503")
        return Answer(200, served(self.order.seed, source.name, self.tick), None)


def webhooks(receiver: str) -> dict[str, Webhook]:
    """One that has all in order, and one that has each as it is due."""
    return {
        name: Webhook(
            name=name,
            url=f"{receiver}/{name}",
            ordering=ordering,
            format="json",
            allow_private=True,
        )
        for name, ordering in (("strict", "strict"), ("free", "none"))
    }


def _source(name: str) -> Source:
    settings: dict[str, Any] = {"failing_after": 1000, "max_price_ratio": Decimal(10**6)}
    url = f"http://{name}.localhost/v1/models"
    return Source(name=name, url=url, api_key="sk-made-up", schedule="0 */6 * * *", **settings)


def warm_up(order: str) -> None:
    """Live once where nobody is killed: what a process works out once, its forks have then."""
    statements.share()
    doomed = Doomed(Order(**json.loads(order)))
    doomed.live()
    for rare in (doomed.take_in, doomed.prune, doomed.compact):
        rare()
    doomed.database.close()


def main(order: str) -> None:
    """Live as the order says, a JSON object, until killed."""
    given = Order(**json.loads(order))
    # Few observations are enough for several transactions.
    items._BATCH_ITEMS = 5
    trace_points.watch(Path(given.notes), given.tick, given.point, given.after)
    if given.broken:
        broken_products.BROKEN[given.broken]()
    Doomed(given).live()
