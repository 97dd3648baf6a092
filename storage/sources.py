"""The sources and how their polling goes."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, case, select, update

from pricetrail.catalog.errors import InvalidInputError, NotFoundError
from pricetrail.catalog.merkle import GENESIS
from pricetrail.storage import source_names
from pricetrail.storage import tables as t
from pricetrail.storage.chunks import chunks
from pricetrail.storage.source_names import SomeNames
from pricetrail.storage.upsert import insert_or_skip

# No lease reaches as far: one that does was taken by a clock that was ahead, and is none. Three
# times the longest: whoever asks may have been stopped for a while since it looked at the clock.
FARTHEST_LEASE = timedelta(minutes=32)


@dataclass(frozen=True, slots=True)
class SourceState:
    """A source as its row says; `polls` is what a later write must still find."""

    id: int
    name: str
    key_fingerprint: str | None
    head_version: int
    head_hash: bytes
    body_hash: bytes | None
    etag: str | None
    baseline_version: int
    polls: int
    good_polls: int
    last_poll_at: datetime | None
    good_started_at: datetime | None
    good_at: datetime | None
    failures: int
    failing_since: datetime | None
    failing_told: bool
    last_error: str | None
    holding: bool
    paused: bool
    next_slot_at: datetime | None
    lease_until: datetime | None
    cadence: str | None
    clock_offset_ms: int | None
    clock_polls: int
    failing_told_at: datetime | None
    failing_reminders: int
    missed_polls: int
    chain_name: str | None = None
    sunsets_from: int = 1
    remind_at: datetime | None = None
    dialect: str | None = None
    keep: str | None = None
    url: str | None = None

    @property
    def hashed_name(self) -> str:
        """The name that its chain hashes: the one that it began with, whatever it is called now."""
        return self.chain_name or self.name

    @property
    def clock_offset(self) -> timedelta | None:
        """How far the clock here was ahead of the gateway's; None where they agreed."""
        known = self.clock_offset_ms
        return None if known is None else timedelta(milliseconds=known)

    def has_other_key(self, fingerprint: str) -> bool:
        """Whether the accepted catalog was seen with another key than the one of a fingerprint."""
        return self.key_fingerprint not in (None, fingerprint)


def state(connection: Connection, name: str) -> SourceState | None:
    """The source's state; None where it has never been polled."""
    row = connection.execute(_STATE, {"source_name": name}).first()
    if row is None:
        return None
    source_names.notice(connection, {row.id: row.name})
    return SourceState(**row._asdict())


def states(connection: Connection) -> list[SourceState]:
    """The state of every source with a row, by name."""
    found = [SourceState(*row) for row in connection.execute(_STATES)]
    source_names.notice(connection, {one.id: one.name for one in found})
    return found


def states_of(connection: Connection, wanted: Iterable[str]) -> dict[str, SourceState]:
    """The states of some sources by their names, of those that have a row."""
    found: dict[str, SourceState] = {}
    for some in chunks(wanted):
        for row in connection.execute(_NAMED, {"names": some}):
            state = SourceState(*row)
            found[state.name] = state
    source_names.notice(connection, {one.id: one.name for one in found.values()})
    return found


def open_source(
    connection: Connection, name: str, now: datetime, *, url: str | None = None
) -> SourceState:
    """The source's state, its row made where it is new."""
    made = open_sources(connection, {name: url}, now).get(name)
    if made is None:
        raise NotFoundError(f"source {name!r} vanished while it was being made")
    return made


def open_sources(
    connection: Connection, urls: Mapping[str, str | None], now: datetime
) -> dict[str, SourceState]:
    """The states of sources by their names, their rows made where they are new.

    Args:
        urls: as `open_source` takes them, by name.
    """
    known = states_of(connection, urls)
    rows = [
        {"name": name, "url": url, "created_at": now, "head_hash": GENESIS}
        for name, url in urls.items()
        if name not in known
    ]
    new = source_names.identities_of(connection, [str(row["name"]) for row in rows])
    insert_or_skip(connection, t.source, [row | one for row, one in zip(rows, new, strict=True)])
    return states_of(connection, urls) if rows else known


def lock(connection: Connection, source_id: int) -> None:
    """Let nobody else write to a source's history until this transaction ends.

    On SQLite there is one writer at all.
    """
    if connection.dialect.name != "sqlite":
        connection.execute(_LOCK, {"source": source_id})


def remember_key(
    connection: Connection, source_id: int, fingerprint: str, baseline: int | None
) -> None:
    """Remember whose key the catalog is seen with; `baseline`: the version it starts anew at."""
    values: dict[str, object] = {"key_fingerprint": fingerprint}
    if baseline is not None:
        values["baseline_version"] = baseline
    connection.execute(update(t.source).where(t.source.c.id == source_id).values(**values))


def remember_cadence(connection: Connection, source_id: int, cadence: str) -> None:
    """Remember the schedules in force."""
    connection.execute(update(t.source).where(t.source.c.id == source_id).values(cadence=cadence))


def remember_schedules(connection: Connection, known: Mapping[int, tuple[str, datetime]]) -> None:
    """Remember of sources, by id, the schedules in force, and from when on each is overdue now."""
    rows = [
        {"source": source, "known": cadence, "late": overdue_at}
        for source, (cadence, overdue_at) in known.items()
    ]
    if rows:
        connection.execute(_SCHEDULES, rows)


def remember_clock(
    connection: Connection, source_id: int, offset: timedelta | None, polls: int
) -> None:
    """Remember how far the clock here is ahead of the gateway's, and at how many polls."""
    known = None if offset is None else offset // timedelta(milliseconds=1)
    connection.execute(
        update(t.source)
        .where(t.source.c.id == source_id)
        .values(clock_offset_ms=known, clock_polls=polls)
    )


def set_paused(connection: Connection, source_id: int, paused: bool) -> None:
    """Let the scheduler leave a source alone, or not any more."""
    for table in (_PAUSE, _PAUSE_SLOT):
        connection.execute(table, {"source": source_id, "yes": paused})


def names(connection: Connection) -> list[str]:
    """The names of all sources with a row, in order."""
    return list(connection.execute(select(t.source.c.name).order_by(t.source.c.name)).scalars())


def heads(connection: Connection) -> Iterator[tuple[str, int, bytes]]:
    """The name, the newest version and the head there of each source with a version, by name."""
    yield from connection.execute(_HEADS)


def first_with_version(connection: Connection) -> str | None:
    """The first source, by name, that has a version; None where none has."""
    return connection.execute(_FIRST_WITH_VERSION).scalar()


def url(connection: Connection, source_id: int) -> str | None:
    """The address of a source without what may be secret in it; None where none was polled."""
    found = select(t.source.c.url).where(t.source.c.id == source_id)
    return connection.execute(found).scalar()


def move(connection: Connection, source_id: int, url: str) -> None:
    """Note the address, as `url` gives it, that a source is asked at from now on."""
    connection.execute(update(t.source).where(t.source.c.id == source_id).values(url=url))


def choose(connection: Connection, wanted: str | None) -> SourceState:
    """The source a reading command is about.

    Raises:
        NotFoundError: no such source, or several and none was named.
    """
    # Most name it: one question is enough then.
    found = None if wanted is None else state(connection, wanted)
    if found is not None:
        return found
    known = source_names.some(connection)
    if wanted is None and known.total == 1:
        return choose(connection, known.names[0])
    if wanted is None and known.total:
        raise SourceNeededError(known)
    if not known.total:
        raise NotFoundError("nothing recorded yet: run `pricetrail poll` or `pricetrail import`")
    renamed = source_names.renamed(connection, str(wanted))
    if renamed is not None:
        raise NotFoundError(f"no source {wanted!r} here: it is called {renamed!r} now")
    raise NotFoundError(f"no source {wanted!r} here; there are: {known.in_words()}")


class SourceNeededError(InvalidInputError):
    """Several sources, `known`, and what was asked does not say which.

    It is worded for Python callers and addresses; a command and a tool have other words for it.
    """

    def __init__(self, known: SomeNames) -> None:
        super().__init__(self.said("source=NAME", known))
        self.known = known

    @staticmethod
    def said(option: str, known: SomeNames) -> str:
        """What to do, where `option` names a source."""
        return f"there are several sources: name one with {option} ({known.in_words()})"


# Of the slot that comes next, where one is known.
_OF_SLOT = {
    "next_slot_at": t.slot.c.slot_at,
    "lease_until": case((t.slot.c.token.is_not(None), t.slot.c.due_at)),
}
with_slot = t.source.outerjoin(t.slot, t.slot.c.source_id == t.source.c.id)
# What a state is made of, in its order.
columns = [
    _OF_SLOT[name].label(name) if name in _OF_SLOT else t.source.c[name]
    for name in SourceState.__dataclass_fields__
]
# How many models the newest version has. As a subquery: of a join SQLite would look through all
# versions.
latest_models = (
    select(t.snapshot.c.models)
    .where(
        t.snapshot.c.source_id == t.source.c.id,
        t.snapshot.c.version == t.source.c.head_version,
    )
    .scalar_subquery()
)
_WITH_VERSION = t.source.c.head_version > 0
_HEADS = (
    select(t.source.c.name, t.source.c.head_version, t.source.c.head_hash)
    .where(_WITH_VERSION)
    .order_by(t.source.c.name)
)
_FIRST_WITH_VERSION = (
    select(t.source.c.name).where(_WITH_VERSION).order_by(t.source.c.name).limit(1)
)
_STATES = select(*columns).select_from(with_slot).order_by(t.source.c.name)
# Rows that name the source may be written meanwhile: they lock its key alone.
_LOCK = (
    select(t.source.c.id)
    .where(t.source.c.id == bindparam("source"))
    .with_for_update(key_share=True)
)
_SELECT = select(*columns).select_from(with_slot)
_STATE = _SELECT.where(t.source.c.name == bindparam("source_name"))
_NAMED = _SELECT.where(t.source.c.name.in_(bindparam("names", expanding=True)))
_SCHEDULES = (
    update(t.source)
    .where(t.source.c.id == bindparam("source"))
    .values(cadence=bindparam("known"), overdue_at=bindparam("late"))
)
_PAUSE = (
    update(t.source).where(t.source.c.id == bindparam("source")).values(paused=bindparam("yes"))
)
_PAUSE_SLOT = (
    update(t.slot).where(t.slot.c.source_id == bindparam("source")).values(paused=bindparam("yes"))
)
