"""What stands in the database after each commit, read beside the program."""

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

import psycopg
from sqlalchemy import select

from pricetrail.storage import tables as t
from pricetrail.storage.database import Database
from tests.support.certainty_model import BASE

_EPOCH_OF_BASE = round(1000 * BASE.timestamp())


class _Raw(Protocol):
    def execute(self, query: Any) -> Any: ...

    def close(self) -> None: ...


@dataclass(frozen=True)
class SlotRow:
    """A source's slot: when it is due, in seconds of the world, and who holds it."""

    slot_at: float
    due_at: float
    token: str | None


@dataclass(frozen=True)
class DeliveryRow:
    """A message in the outbox; `next_at` in seconds of the world."""

    number: int
    id: str
    webhook: str
    event_ids: str
    state: str
    attempts: int
    next_at: float
    token: str | None


@dataclass(frozen=True)
class PollRow:
    """What a poll was recorded as."""

    id: int
    source: str
    slot: float | None
    outcome: str
    version: int
    error: str | None


@dataclass(frozen=True)
class EventRow:
    """An event of the log."""

    number: int
    id: str
    source: str
    version: int
    type: str
    model: str | None


@dataclass
class State:
    """What is looked at of all tables, after one commit; slots by the source's name."""

    slots: dict[str, SlotRow] = field(default_factory=dict)
    deliveries: dict[int, DeliveryRow] = field(default_factory=dict)
    routes: dict[tuple[str, str], tuple[str, str | None]] = field(default_factory=dict)
    polls: list[PollRow] = field(default_factory=list)
    events: list[EventRow] = field(default_factory=list)
    waiting: list[float] = field(default_factory=list)

    @property
    def open(self) -> list[DeliveryRow]:
        """The messages that are still to be taken."""
        return [one for one in self.deliveries.values() if one.state in ("pending", "leased")]


class Rows:
    """Reads the tables, each time what is there by then; polls and events only those that are new.

    Args:
        database: one of the world's own, that no actor uses.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        path = database.sqlite_path
        self._raw: _Raw = (
            sqlite3.connect(path, isolation_level=None, check_same_thread=False)
            if path is not None
            else psycopg.connect(
                database.url.replace("+psycopg", ""), autocommit=True, prepare_threshold=None
            )
        )
        self._poll = self._event = self._routes = 0
        self._state = State()

    def read(self) -> State:
        """The state of now; its polls and events are those since the last reading."""
        routes = self._state.routes
        number = self._ask("SELECT count(*) FROM routing")[0][0]
        if number != len(routes):
            query = select(*(t.routing.c[c] for c in ("event_id", "webhook", "verdict", "detail")))
            with self._database.autocommit() as connection:
                routes = {(e, w): (v, d) for e, w, v, d in connection.execute(query)}
        self._state = State(
            dict(self._slots()),
            dict(self._deliveries()),
            routes,
            list(self._polls()),
            self._events(),
            [_second(at) for [at] in self._ask("SELECT due_at FROM held")],
        )
        return self._state

    def close(self) -> None:
        """Read no more."""
        self._raw.close()
        self._database.close()

    def _ask(self, query: str) -> list[tuple[Any, ...]]:
        found: list[tuple[Any, ...]] = self._raw.execute(query).fetchall()
        return found

    def _slots(self) -> Iterator[tuple[str, SlotRow]]:
        query = (
            "SELECT source.name, slot_at, due_at, token FROM slot"
            " JOIN source ON source.id = slot.source_id"
        )
        for name, slot_at, due_at, token in self._ask(query):
            yield name, SlotRow(_second(slot_at), _second(due_at), token)

    def _deliveries(self) -> Iterator[tuple[int, DeliveryRow]]:
        query = (
            "SELECT number, id, webhook, event_ids, state, attempts, next_at, token FROM delivery"
            " ORDER BY number"
        )
        for number, name, webhook, ids, state, attempts, next_at, token in self._ask(query):
            row = DeliveryRow(number, name, webhook, ids, state, attempts, _second(next_at), token)
            yield number, row

    def _polls(self) -> Iterator[PollRow]:
        query = (
            "SELECT poll.id, source.name, slot, outcome, version, error FROM poll"
            f" JOIN source ON source.id = poll.source_id WHERE poll.id > {self._poll}"
            " ORDER BY poll.id"
        )
        for number, source, slot, *rest in self._ask(query):
            self._poll = number
            yield PollRow(number, source, None if slot is None else _second(slot), *rest)

    def _events(self) -> list[EventRow]:
        newest = self._ask("SELECT max(number) FROM event")[0][0] or 0
        if newest == self._event:
            return []
        query = (
            select(
                t.event.c.number,
                t.event.c.id,
                t.source.c.name,
                t.event.c.version,
                t.event.c.type,
                t.model.c.name,
            )
            .join(t.source, t.source.c.id == t.event.c.source_id)
            .outerjoin(t.model, t.model.c.id == t.event.c.model_id)
            .where(t.event.c.number > self._event)
            .order_by(t.event.c.number)
        )
        self._event = newest
        with self._database.autocommit() as connection:
            return [EventRow(*row) for row in connection.execute(query)]


def _second(value: int | datetime) -> float:
    """A time of the database in seconds of the world."""
    if isinstance(value, datetime):
        return (value - BASE).total_seconds()
    return (value - _EPOCH_OF_BASE) / 1000
