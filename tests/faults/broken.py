"""Ways to break the product, which the tests of faults must notice."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from itertools import chain
from typing import Any

import pytest

from pricetrail.alerts import posting
from pricetrail.alerts.messages import Message
from pricetrail.alerts.outcomes import DELIVERED, Outcome
from pricetrail.alerts.webhooks import Webhook
from pricetrail.jobs.deliveries import sending
from pricetrail.jobs.deliveries.attempts import AttemptResult
from pricetrail.jobs.deliveries.messages import messages_of
from pricetrail.jobs.deliveries.sending import Sender
from pricetrail.jobs.deliveries.tally import Tally
from pricetrail.jobs.deliveries.ways import Way
from pricetrail.storage.database import Database, Transaction
from pricetrail.storage.errors import StorageError
from pricetrail.storage.history import snapshots


@contextmanager
def _halves() -> Iterator[None]:
    """A version is committed before its events are written."""
    real = snapshots.write_events

    def half(connection: Transaction, *rest: Any) -> None:
        raw = connection.connection.driver_connection
        assert raw is not None
        raw.commit()
        real(connection, *rest)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(snapshots, "write_events", half)
        yield


@contextmanager
def _silence() -> Iterator[None]:
    """What the database says of a transaction is not heeded."""
    real = Database.write

    @contextmanager
    def heedless(self: Database, **options: Any) -> Iterator[Transaction]:
        began = False
        try:
            with real(self, **options) as connection:
                began = True
                yield connection
        except StorageError:
            if not began:
                raise

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Database, "write", heedless)
        yield


@contextmanager
def _haste() -> Iterator[None]:
    """A message counts as delivered before it is sent."""

    def send(
        self: Sender, _configured: Any, webhook: Webhook, claimed: Any, way: Way
    ) -> tuple[Tally, bool]:
        taken = Outcome(DELIVERED, status=204)
        results = [AttemptResult(one, taken, claimed.now()) for one in claimed.deliveries]
        done = self.recorder.write(webhook, results, [])
        with self.database.read() as connection:
            messages = messages_of(connection, webhook, claimed.deliveries, claimed.now())
        for message in chain(*messages):
            posting.post(webhook, message, now=claimed.now(), route=way.to(webhook))
        return done

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Sender, "_send", send)
        yield


@contextmanager
def _new_ids() -> Iterator[None]:
    """A message that is sent again has another id."""
    sent: set[bytes] = set()

    def post(webhook: Webhook, message: Message, **options: Any) -> Outcome:
        if message.body in sent:
            message = replace(message, webhook_id=f"{message.webhook_id}again")
        sent.add(message.body)
        return posting.post(webhook, message, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sending, "post", post)
        yield


# With the work that it is noticed by, if something fails.
BROKEN: dict[str, tuple[str, Callable[[], AbstractContextManager[None]]]] = {
    "halves": ("changed", _halves),
    "silence": ("changed", _silence),
    "haste": ("delivery", _haste),
    "new ids": ("delivery", _new_ids),
}
