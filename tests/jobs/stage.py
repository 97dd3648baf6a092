"""A stage for polls: one database, a clock that the test moves, and a catalog that it serves."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any

from pricetrail.alerts.webhooks import Webhook
from pricetrail.catalog.events import Event
from pricetrail.jobs.deliveries.delivering import Deliverer
from pricetrail.jobs.deliveries.tally import Tally
from pricetrail.jobs.polls.gateway import Answer, GatewayError
from pricetrail.jobs.polls.polling import Poller
from pricetrail.jobs.polls.results import Polled
from pricetrail.jobs.source import Source
from pricetrail.storage import sources
from pricetrail.storage.database import Database
from pricetrail.storage.history import events
from pricetrail.storage.history.events import EventFilter
from pricetrail.storage.outbox import deliveries
from pricetrail.storage.sources import SourceState

START = datetime(2026, 3, 1, 10, 0, tzinfo=UTC)
KEY = "sk-made-up"


def model(name: str, prompt: str = "0.000003", **more: Any) -> dict[str, Any]:
    """A token model."""
    pricing = {"kind": "token", "text": {"prompt": prompt, "completion": "0.00001"}}
    return {
        "id": name,
        "display_name": name.title(),
        "type_target": "openai",
        "created_at": "2026-01-01T00:00:00Z",
        "pricing": pricing,
        **more,
    }


def listing(*models: dict[str, Any]) -> dict[str, Any]:
    """A catalog of these models."""
    data = sorted(models, key=lambda one: str(one["id"]))
    return {"object": "list", "data": data, "total": len(data)}


def many(number: int, *, prompts: dict[int, str] | None = None) -> dict[str, Any]:
    """A catalog of `number` models; some at a prompt price of their own."""
    own = prompts or {}
    return listing(*(model(f"m-{n:03d}", own.get(n, "0.000003")) for n in range(number)))


@dataclass
class Stage:
    """Polls what the test serves, at the times that it says.

    In turn by a process that lasts, and remembers what it accepted, and by one that begins anew.
    """

    database: Database
    webhooks: dict[str, Webhook] = field(default_factory=dict)
    now: datetime = START
    settings: dict[str, Any] = field(default_factory=dict)
    served: Answer | GatewayError | None = None
    etags: list[str | None] = field(default_factory=list)
    _turn: int = 0

    def source(self, **settings: Any) -> Source:
        """The source, with the stage's settings and these."""
        base: dict[str, Any] = {
            "name": "pipellm",
            "url": "http://localhost/v1/models",
            "api_key": KEY,
        }
        # Most tests move prices by factors that no gateway would: that guard has tests of its own.
        base |= {"schedule": "every 15m", "max_price_ratio": Decimal(10**12)}
        return Source(**base | self.settings | settings)

    def pass_time(self, **span: float) -> None:
        """Move the clock."""
        self.now += timedelta(**span)

    def poll(self, catalog: Any = None, *, after: float = 15, **settings: Any) -> Polled:
        """Poll once, `after` minutes from the last time: a catalog, raw bytes, or an error."""
        self.pass_time(minutes=after)
        if isinstance(catalog, bytes | dict):
            text = catalog if isinstance(catalog, bytes) else json.dumps(catalog).encode()
            self.served = Answer(200, text, None, False)
        elif catalog is not None:
            self.served = catalog
        self._turn += 1
        poller = self._lasting if self._turn % 2 else self.poller()
        return poller.poll(self.source(**settings))

    def poller(self) -> Poller:
        """A process that begins anew."""
        return Poller(self.database, self.webhooks, fetch=self._fetch)

    @cached_property
    def _lasting(self) -> Poller:
        return self.poller()

    def _fetch(self, _source: Source, etag: str | None, **_limits: Any) -> Answer:
        self.etags.append(etag)
        if isinstance(self.served, GatewayError):
            raise self.served
        assert self.served is not None
        return self.served

    def deliverer(self, **options: Any) -> Deliverer:
        """A deliverer without pauses."""
        base: dict[str, Any] = {"chance": lambda: 0.5, "chat_pause": 0.0}
        return Deliverer(self.database, self.webhooks, **base | options)

    def deliver(self) -> Tally:
        """Deliver what is due."""
        return self.deliverer().deliver_due()

    @property
    def state(self) -> SourceState:
        """The source's row."""
        with self.database.read() as connection:
            return sources.choose(connection, "pipellm")

    def events(self, *types: str) -> list[Event]:
        """The log, oldest first."""
        with self.database.read() as connection:
            return [event for _, event in events.read(connection, EventFilter(types=types))]

    def kinds(self) -> list[tuple[str, str | None]]:
        """Types and models of the log."""
        return [(event.type, event.model) for event in self.events()]

    def owed(self, webhook: str | None = None) -> list[deliveries.Delivery]:
        """The outbox."""
        with self.database.read() as connection:
            return deliveries.deliveries(connection, webhook=webhook)


@contextmanager
def staged(url: str, **options: Any) -> Iterator[Stage]:
    """A stage on a migrated database."""
    stages: list[Stage] = []
    database = Database(url, clock=lambda: stages[0].now)
    stage = Stage(database, **options)
    stages.append(stage)
    yield stage
    database.close()
