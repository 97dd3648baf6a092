"""History as plain rows and as observations, in the order and the words of an export."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import Connection, bindparam, case, exists, func, select

from pricetrail.catalog.dialects.registry import AS_SERVED, ReadBy
from pricetrail.catalog.strict_json import decode
from pricetrail.storage import tables as t
from pricetrail.storage.codecs import bodies
from pricetrail.storage.history import readings, versions
from pricetrail.storage.history.bodies import body_of
from pricetrail.storage.history.shared_bodies import is_shared, packed_body
from pricetrail.storage.polls import coverage_moves
from pricetrail.storage.polls.stretches import Stretch
from pricetrail.storage.types import AnyRow


@dataclass(frozen=True, slots=True)
class PriceInterval:
    """One price, for as long as it stood.

    In force for the versions `from_version <= v < until_version` (None: still in force). It
    began between `from_not_before` (None: there in the first snapshot) and `from_not_after`,
    when it was first seen, and ended between `until_not_before` and `until_not_after`. `amount`
    is None where what stood there is no amount; `flagged` is its text then.
    """

    model: str
    path: str
    unit: str
    amount: Decimal | None
    flagged: str | None
    from_version: int
    from_not_before: datetime | None
    from_not_after: datetime
    until_version: int | None
    until_not_before: datetime | None
    until_not_after: datetime | None


def price_intervals(connection: Connection, source_id: int) -> Iterator[PriceInterval]:
    """Every price interval of a source, by model, path and version, in byte order."""
    order = "C" if connection.dialect.name == "postgresql" else "BINARY"
    query = _INTERVALS.order_by(
        t.model.c.name.collate(order), t.path.c.path.collate(order), t.price.c.valid_from
    )
    asked = {"source": source_id}
    with connection.execute(query, asked, execution_options=_AS_IT_COMES) as rows:
        for row in rows:
            yield PriceInterval(**row._asdict())


@dataclass(frozen=True, slots=True)
class Observed:
    """A version as an observation: when it was seen, and its body on one line.

    `rebuilt` where the body itself was pruned: the same models, put together again. `stretches`
    of the coverage go with the first sighting of each version, and None with others; so do the
    fields that were `ignored`, as a JSON array, and how the body was `read_by`.
    """

    version: int
    observed_at: datetime
    payload: str
    rebuilt: bool
    not_before: datetime | None = None
    stretches: Sequence[Stretch] | None = None
    ignored: str | None = None
    read_by: ReadBy = AS_SERVED


def observations(connection: Connection, source_id: int) -> Iterator[Observed]:
    """Every version of a source, oldest first, as what an import takes in.

    Each as it was first seen, and once more as it was last seen before the next one, so that an
    import of an earlier pricetrail, which knows no coverage, sees how narrowly each change was
    observed.
    """
    body: bytes | None = None
    before: bytes | None = None
    coverage = coverage_moves.by_version(connection, source_id)
    last_seen = connection.execute(_LAST_SEEN, {"source": source_id}).scalar()
    asked = {"source": source_id}
    with connection.execute(_BODIES, asked, execution_options=_AS_IT_COMES) as rows:
        for row in rows:
            body = _body(connection, source_id, row, body)
            rebuilt = body is None
            payload = (
                _rebuilt(connection, source_id, row.version) if body is None else _one_line(body)
            )
            stretches = list(coverage.up_to(row.version))
            if not stretches and row.body_hash == before:
                # A body that was read anew and that no poll saw like that: an import reads it so.
                continue
            before = row.body_hash
            at, until = _seen(row.version, row.not_after, stretches)
            not_before = min(row.not_before, at) if row.not_before is not None else None
            how = AS_SERVED if rebuilt else readings.read_by(row)
            known = (not_before, stretches, row.ignored, how)
            yield Observed(row.version, at, payload, rebuilt, *known)
            if at == row.not_after:
                dated = [row.seen_until or last_seen, until]
                until = min((moment for moment in dated if moment is not None), default=None)
            if until is not None and until > at:
                yield Observed(row.version, until, payload, rebuilt)


def _seen(
    version: int, dated: datetime, stretches: Sequence[Stretch]
) -> tuple[datetime, datetime | None]:
    """When a version was first and last seen: before the chain has it, where a clock was ahead."""
    own = [stretch for stretch in stretches if stretch.version == version and stretch.polls]
    seen = [stretch for stretch in own if stretch.seen]
    first = min([dated, *(stretch.first_at for stretch in seen or own)])
    return first, max((stretch.last_at for stretch in seen), default=None)


def _body(
    connection: Connection, source_id: int, row: AnyRow, before: bytes | None
) -> bytes | None:
    """The body of a snapshot's row, by the one before it where that is at hand."""
    if row.body is None and row.shared_body_id is None:
        return None
    if row.body is not None and row.body_base is None:
        return bodies.decode(row.body)
    if row.body is not None and row.body_base == row.version - 1 and before is not None:
        return bodies.decode(row.body, before)
    return body_of(connection, source_id, row.version)


def _one_line(body: bytes) -> str:
    # Within a JSON string no line end stands by itself: what is replaced is space between values.
    return decode(body).strip().replace("\n", " ").replace("\r", " ")


def _rebuilt(connection: Connection, source_id: int, version: int) -> str:
    text = versions.listing_at(connection, source_id, version)
    return text.replace("\n", " ").replace("\r", " ")


# Postgres would hand over all of it at once.
_AS_IT_COMES = {"yield_per": 100}
_began = t.snapshot.alias("began")
_ended = t.snapshot.alias("ended")
_next = t.price.alias("next")
_last = t.model_version.alias("last")
_back = t.model_version.alias("back")
# A price stands until the next row of its path, or until the model is gone.
_NEXT_ROW = (
    select(func.min(_next.c.valid_from))
    .where(
        _next.c.source_id == t.price.c.source_id,
        _next.c.model_id == t.price.c.model_id,
        _next.c.path_id == t.price.c.path_id,
        _next.c.valid_from > t.price.c.valid_from,
    )
    .correlate(t.price)
    .scalar_subquery()
)
_NEVER = 2**31 - 1
_GONE = (
    select(func.min(_last.c.valid_to))
    .where(
        _last.c.source_id == t.price.c.source_id,
        _last.c.model_id == t.price.c.model_id,
        _last.c.valid_from >= t.price.c.valid_from,
        _last.c.valid_from < func.coalesce(_NEXT_ROW, _NEVER),
        ~exists().where(
            _back.c.source_id == _last.c.source_id,
            _back.c.model_id == _last.c.model_id,
            _back.c.valid_from == _last.c.valid_to,
        ),
    )
    .correlate(t.price)
    .scalar_subquery()
)
_ENDS = case(
    (func.coalesce(_GONE, _NEXT_ROW + 1) > _NEXT_ROW, _NEXT_ROW),
    else_=_GONE,
)
_INTERVALS = (
    select(
        t.model.c.name.label("model"),
        t.path.c.path,
        t.path.c.unit,
        t.price.c.amount,
        t.price.c.flagged,
        t.price.c.valid_from.label("from_version"),
        _began.c.not_before.label("from_not_before"),
        _began.c.not_after.label("from_not_after"),
        _ended.c.version.label("until_version"),
        _ended.c.not_before.label("until_not_before"),
        _ended.c.not_after.label("until_not_after"),
    )
    .select_from(t.price)
    .join(t.model, t.model.c.id == t.price.c.model_id)
    .join(t.path, t.path.c.id == t.price.c.path_id)
    .join(
        _began,
        (_began.c.source_id == t.price.c.source_id) & (_began.c.version == t.price.c.valid_from),
    )
    .outerjoin(_ended, (_ended.c.source_id == t.price.c.source_id) & (_ended.c.version == _ENDS))
    .where(
        t.price.c.source_id == bindparam("source"),
        t.price.c.amount.is_not(None) | t.price.c.flagged.is_not(None),
    )
)
_LAST_SEEN = select(t.source.c.good_started_at).where(t.source.c.id == bindparam("source"))
_NEXT = func.lead(t.snapshot.c.not_before, type_=t.snapshot.c.not_before.type)
_BODIES = (
    select(
        t.snapshot.c.version,
        t.snapshot.c.not_before,
        t.snapshot.c.not_after,
        packed_body,
        t.snapshot.c.body_base,
        t.snapshot.c.shared_body_id,
        t.snapshot.c.body_hash,
        t.snapshot.c.ignored,
        t.snapshot.c.dialect,
        t.snapshot.c.keep,
        _NEXT.over(order_by=t.snapshot.c.version).label("seen_until"),
    )
    .outerjoin(t.shared_body, is_shared)
    .where(t.snapshot.c.source_id == bindparam("source"))
    .order_by(t.snapshot.c.version)
)
