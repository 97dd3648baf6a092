"""The demo's set-up: gateway, receiver and database, with the code that `poll` and `run` use."""

import base64
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

from pricetrail.alerts.webhooks import Webhook
from pricetrail.catalog.events import Event
from pricetrail.demo import catalog
from pricetrail.demo.gateway import Gateway
from pricetrail.demo.receiver import CHAT, SIGNED, Post, Receiver
from pricetrail.jobs.deliveries.delivering import Deliverer
from pricetrail.jobs.polls.polling import Poller
from pricetrail.jobs.polls.results import Polled
from pricetrail.jobs.source import Source
from pricetrail.storage import schema
from pricetrail.storage.database import Database
from pricetrail.storage.history import events
from pricetrail.storage.history.events import EventFilter

SOURCE = "demo"


@dataclass(frozen=True, slots=True)
class Scene:
    """Everything that plays a part; `secret` signs what goes to `SIGNED`."""

    gateway: Gateway
    receiver: Receiver
    database: Database
    source: Source
    poller: Poller
    deliverer: Deliverer
    secret: str

    def poll(self) -> Polled:
        """Poll once and deliver what is due, as `pricetrail poll` does."""
        polled = self.poller.poll(self.source)
        self.deliverer.deliver_due()
        return polled

    def log(self, after: int) -> list[tuple[int, Event]]:
        """The events after the one with that number, with their numbers."""
        with self.database.read() as connection:
            return list(events.read(connection, EventFilter(after=after)))


@contextmanager
def set_up(database_url: str, *, heard: Callable[[Post], None] | None = None) -> Iterator[Scene]:
    """Open the gateway, the receiver and the database; close them in the end.

    Args:
        heard: called with each message that a webhook got.
    """
    key, secret = f"demo-{secrets.token_hex(8)}", _signing_secret()
    database = Database(database_url)
    try:
        schema.ensure(database)
        with Gateway(catalog.models(), key=key) as gateway, Receiver(heard) as receiver:
            hooks = {hook.name: hook for hook in _webhooks(receiver, secret)}
            yield Scene(
                gateway,
                receiver,
                database,
                _source(gateway),
                Poller(database, hooks),
                Deliverer(database, hooks, chat_pause=0.0),
                secret,
            )
    finally:
        database.close()


def _signing_secret() -> str:
    return "whsec_" + base64.b64encode(secrets.token_bytes(24)).decode()


def _source(gateway: Gateway) -> Source:
    return Source(
        name=SOURCE,
        url=gateway.url,
        api_key=gateway.key,
        schedule="every 10s",
        deadline=timedelta(seconds=10),
    )


def _webhooks(receiver: Receiver, secret: str) -> list[Webhook]:
    return [
        Webhook(name="chat", url=receiver.url(CHAT), format="slack", allow_private=True),
        Webhook(name="signed", url=receiver.url(SIGNED), secrets=(secret,), allow_private=True),
    ]
