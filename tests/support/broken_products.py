"""Products with a fault that only a kill, or a lost answer, brings to light (in children of tests).

A test of kills that finds nothing in these could find nothing at all.
"""

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from threading import get_ident
from typing import Any

from pricetrail.alerts.outcomes import DELIVERED, Outcome
from pricetrail.jobs.deliveries import sending
from pricetrail.jobs.deliveries.attempts import AttemptResult
from pricetrail.jobs.polls import news, polling
from pricetrail.storage.database import Database

_Function = Callable[..., Any]


def _replace(owner: Any, name: str, made: Callable[[_Function], _Function]) -> None:
    """Put what is made of a function in its place."""
    setattr(owner, name, made(getattr(owner, name)))


def _owe_in_a_second_transaction() -> None:
    """Write the version first, and what is owed of it once that is committed."""
    # Polls are recorded on several threads: each owes its own.
    later: dict[int, Callable[[Any], object]] = {}

    def put_off(announce: _Function) -> _Function:
        def called(_connection: Any, *arguments: Any) -> None:
            later[get_ident()] = lambda connection: announce(connection, *arguments)

        return called

    def recorded(record: _Function) -> _Function:
        def called(self: polling.Poller, *arguments: Any) -> Any:
            polled = record(self, *arguments)
            if owe := later.pop(get_ident(), None):
                with self.database.write() as connection:
                    owe(connection)
            return polled

        return called

    _replace(news, "announce", put_off)
    _replace(polling.Poller, "_recorded", recorded)


def _settle_before_sending() -> None:
    """Write down that a message was delivered, and only then send it."""

    def attempted(attempt: _Function) -> _Function:
        def called(self: Any, webhook: Any, delivery: Any, *rest: Any) -> Any:
            done = AttemptResult(delivery, Outcome(DELIVERED, 204), rest[1].now())
            self.recorder.write(webhook, [done], [])
            return attempt(self, webhook, delivery, *rest)

        return called

    _replace(sending.Sender, "_attempt", attempted)


def _number_every_attempt() -> None:
    """Give a message another id each time it is sent."""

    def posted(post: _Function) -> _Function:
        def called(webhook: Any, message: Any, **options: Any) -> Any:
            anew = f"evt_{uuid.uuid4().hex}"
            return post(webhook, replace(message, webhook_id=anew), **options)

        return called

    _replace(sending, "post", posted)


def _write_without_transactions() -> None:
    """Commit statement by statement, on SQLite."""

    def written(write: _Function) -> _Function:
        @contextmanager
        def called(self: Database, **options: Any) -> Iterator[Any]:
            with write(self, **options) as connection:
                connection.connection.driver_connection.commit()
                yield connection

        return called

    _replace(Database, "write", written)


BROKEN: dict[str, Callable[[], None]] = {
    "owed in a second transaction": _owe_in_a_second_transaction,
    "settled before it was sent": _settle_before_sending,
    "another id at each attempt": _number_every_attempt,
    "no transactions": _write_without_transactions,
}
