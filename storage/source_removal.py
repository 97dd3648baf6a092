"""A source removed with everything that was ever recorded of it, but the head of its chain."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Table, bindparam, delete, func, insert, select

from pricetrail.storage import sources
from pricetrail.storage import tables as t
from pricetrail.storage.chunks import chunks
from pricetrail.storage.codecs.stored_json import decode_text_lists, decode_texts
from pricetrail.storage.history import shared_bodies
from pricetrail.storage.id_prefixes import digits_of
from pricetrail.storage.outbox.deliveries import is_open
from pricetrail.storage.sources import SourceState
from pricetrail.storage.types import AnyRow

_PIECE = 1_000


@dataclass(frozen=True, slots=True)
class Holdings:
    """How much is recorded of a source; `owed` of the `messages` are still to go out."""

    versions: int
    models: int
    events: int
    polls: int
    messages: int
    owed: int


def holdings(connection: Connection, source: SourceState) -> Holdings:
    """How much goes with a source."""
    messages = list(_messages(connection, source.id))
    return Holdings(
        versions=source.head_version,
        models=_count(connection, t.model, source.id),
        events=_count(connection, t.event, source.id),
        polls=source.polls,
        messages=len(messages),
        owed=sum(row.open for row in messages),
    )


def remove(connection: Connection, source: SourceState, now: datetime) -> None:
    """Delete a source: its history, its polls, what was set aside, and what is owed of it alone.

    A digest that tells of other sources too stays, and goes out without this one's events. What
    stays of the source is its head, so that bundles given away can still be told to be its.
    """
    sources.lock(connection, source.id)
    newest = connection.execute(select(func.max(t.event.c.number))).scalar() or 0
    numbers = [row.number for row in _messages(connection, source.id)]
    for some in chunks(numbers):
        connection.execute(delete(t.delivery).where(t.delivery.c.number.in_(some)))
    ours = select(t.event.c.id).where(t.event.c.source_id == source.id)
    connection.execute(delete(t.routing).where(t.routing.c.event_id.in_(ours)))
    for table in reversed(t.metadata.sorted_tables):
        if "source_id" in table.c:
            connection.execute(delete(table).where(table.c.source_id == source.id))
    connection.execute(delete(t.source).where(t.source.c.id == source.id))
    shared_bodies.sweep(connection)
    connection.execute(
        insert(t.removed_source).values(
            id=source.id,
            name=source.name,
            chain_name=source.hashed_name,
            head_version=source.head_version,
            head_hash=source.head_hash,
            last_event=newest,
            removed_at=now,
        )
    )


def _count(connection: Connection, table: Table, source_id: int) -> int:
    counted = select(func.count()).select_from(table).where(table.c.source_id == source_id)
    return int(connection.execute(counted).scalar_one())


def _messages(connection: Connection, source_id: int) -> Iterator[AnyRow]:
    """The messages that tell of events of one source and of no other."""
    last = 0
    while rows := connection.execute(_AFTER, {"last": last, "most": _PIECE}).all():
        last = rows[-1].number
        named = {row.number: _events_in(row) for row in rows}
        ours = _of_source(connection, source_id, sorted(set().union(*named.values())))
        yield from (row for row in rows if named[row.number] and named[row.number] <= ours)


def _events_in(row: AnyRow) -> set[str]:
    flaps = decode_text_lists(row.blips) if row.blips else []
    return {*decode_texts(row.event_ids), *(one for flap in flaps for one in flap)}


def _of_source(connection: Connection, source_id: int, ids: Sequence[str]) -> set[str]:
    found: set[str] = set()
    whole = [one for one in ids if len(digits_of(one, "evt_", 40) or "") == 40]
    for some in chunks(whole):
        starts = [bytes.fromhex(one.removeprefix("evt_"))[: t.EVENT_ID_START] for one in some]
        asked = {"source": source_id, "ids": some, "starts": starts}
        found.update(connection.execute(_OURS, asked).scalars())
    return found


_AFTER = (
    select(t.delivery.c.number, t.delivery.c.event_ids, t.delivery.c.blips, is_open.label("open"))
    .where(t.delivery.c.number > bindparam("last"))
    .order_by(t.delivery.c.number)
    .limit(bindparam("most"))
)
_OURS = select(t.event.c.id).where(
    t.event_id_start.in_(bindparam("starts", expanding=True)),
    t.event.c.id.in_(bindparam("ids", expanding=True)),
    t.event.c.source_id == bindparam("source"),
)
