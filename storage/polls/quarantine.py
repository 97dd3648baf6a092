"""Catalogs set aside: kept whole until somebody, or later polls, decide."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, func, insert, select, update

from pricetrail.catalog.errors import NotFoundError
from pricetrail.catalog.strict_json import dumps
from pricetrail.storage import tables as t
from pricetrail.storage.codecs import bodies
from pricetrail.storage.codecs.stored_json import decode_counts
from pricetrail.storage.types import AnyRow

HELD, APPROVED, REJECTED = "held", "approved", "rejected"
CONFIRMED, SUPERSEDED = "confirmed", "superseded"
DECIDED = (APPROVED, REJECTED, CONFIRMED, SUPERSEDED)


@dataclass(frozen=True, slots=True)
class SetAside:
    """One catalog set aside; `counts` is what accepting it would have announced."""

    id: int
    source_id: int
    source: str
    state: str
    reason: str
    first_at: datetime
    last_at: datetime
    polls: int
    base_version: int
    catalog_root: bytes
    models: int
    counts: dict[str, int]
    decided_at: datetime | None


def undecided(connection: Connection, source_id: int) -> list[SetAside]:
    """What is held or was rejected for the version that the source still stands at."""
    query = _QUERY.where(
        t.quarantine.c.source_id == source_id, t.quarantine.c.state.in_((HELD, REJECTED))
    )
    return [_set_aside(row) for row in connection.execute(query.order_by(t.quarantine.c.id))]


def add(
    connection: Connection,
    source_id: int,
    *,
    reason: str,
    at: datetime,
    base_version: int,
    catalog_root: bytes,
    body: bytes,
    models: int,
    counts: dict[str, int],
) -> int:
    """Set a catalog aside; its id."""
    made = connection.execute(
        insert(t.quarantine).values(
            source_id=source_id,
            state=HELD,
            reason=reason,
            first_at=at,
            last_at=at,
            polls=1,
            base_version=base_version,
            catalog_root=catalog_root,
            body=bodies.encode(body),
            models=models,
            counts=dumps(counts),
        )
    )
    connection.execute(update(t.source).where(t.source.c.id == source_id).values(holding=True))
    key = made.inserted_primary_key
    return int(key[0]) if key is not None else 0


def seen_again(connection: Connection, quarantine_id: int, at: datetime, *, polls: int) -> None:
    """The same catalog came once more: `polls` in a row by now."""
    connection.execute(
        update(t.quarantine)
        .where(t.quarantine.c.id == quarantine_id)
        .values(polls=polls, last_at=at)
    )


def decide(connection: Connection, quarantine_id: int, verdict: str, at: datetime) -> None:
    """Write a verdict down."""
    this = t.quarantine.c.id == quarantine_id
    connection.execute(update(t.quarantine).where(this).values(state=verdict, decided_at=at))
    of_source = select(t.quarantine.c.source_id).where(this).scalar_subquery()
    connection.execute(update(t.source).where(t.source.c.id == of_source).values(holding=False))


def body_of(connection: Connection, quarantine_id: int) -> bytes:
    """The body that was set aside, byte for byte."""
    query = select(t.quarantine.c.body).where(t.quarantine.c.id == quarantine_id)
    return bodies.decode(connection.execute(query).scalar_one())


def get(connection: Connection, quarantine_id: int) -> SetAside:
    """The entry of an id.

    Raises:
        NotFoundError: there is none.
    """
    row = connection.execute(_QUERY.where(t.quarantine.c.id == quarantine_id)).first()
    if row is None:
        raise NotFoundError(f"no quarantine {quarantine_id}: see `pricetrail quarantine list`")
    return _set_aside(row)


def listed(
    connection: Connection,
    source_id: int | None = None,
    *,
    states: Sequence[str] = (),
    limit: int | None = None,
    skip: int = 0,
) -> list[SetAside]:
    """Of one source or of all, in these states or in any, oldest first.

    Args:
        limit: the newest so many of them, but for the newest to `skip`.
    """
    query = _QUERY.where(*_rules(source_id, states))
    newest = query.order_by(t.quarantine.c.id.desc()).limit(limit).offset(skip or None)
    return [_set_aside(row) for row in connection.execute(newest)][::-1]


def count(
    connection: Connection, source_id: int | None = None, *, states: Sequence[str] = ()
) -> int:
    """How many there are, of one source or of all, in these states or in any."""
    query = select(func.count()).select_from(t.quarantine).where(*_rules(source_id, states))
    return int(connection.execute(query).scalar_one())


def _rules(source_id: int | None, states: Sequence[str]) -> list[ColumnElement[bool]]:
    rules: list[ColumnElement[bool]] = []
    if source_id is not None:
        rules.append(t.quarantine.c.source_id == source_id)
    if states:
        rules.append(t.quarantine.c.state.in_(states))
    return rules


def _set_aside(row: AnyRow) -> SetAside:
    fields = {name: getattr(row, name) for name in SetAside.__dataclass_fields__}
    return SetAside(**fields | {"counts": decode_counts(row.counts)})


_QUERY = select(
    *(column for column in t.quarantine.c if column.name not in ("body", "counts")),
    t.quarantine.c.counts,
    t.source.c.name.label("source"),
).join_from(t.quarantine, t.source, t.source.c.id == t.quarantine.c.source_id)
