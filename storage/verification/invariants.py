"""What must always hold between tables, looked at where it costs little: among the newest rows.

`tests/faults/simulation` holds the program to as much, over thousands of histories. `verify` reads
all of a history; this reads a bounded number of rows, by indexes alone, however long it is.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from sqlalchemy import BindParameter, Connection, and_, bindparam, select

from pricetrail.storage import tables as t
from pricetrail.storage.codecs.stored_json import decode_texts
from pricetrail.storage.outbox.deliveries import DELIVERED, LEASED, is_open
from pricetrail.storage.polls.outcomes import SEEN
from pricetrail.storage.types import AnyRow

# So many rows of each kind are looked at: the newest, and of sources the next ones.
NEWEST = 1000
# One event is in a message as a rule, and hundreds where it is of a whole catalog.
_MOST_MESSAGES = 100
# So many of one kind are told: whatever broke one may have broken all.
_MOST_TOLD = 5

REMEDY = (
    "somebody or something else than pricetrail has written to the database, or it has a fault: "
    "`pricetrail verify` tells whether the history still stands; go back to a backup if it does "
    "not, and report it if nobody wrote to it"
)


@dataclass(frozen=True, slots=True)
class Broken:
    """Something that does not hold: of what, and what is wrong, in one line."""

    what: str
    why: str

    def __str__(self) -> str:
        return f"{self.what}: {self.why}"


@dataclass(frozen=True, slots=True)
class Look:
    """What one look found; `next_source` is the id after which the next one is to go on, 0 once all
    sources were looked at."""

    broken: Sequence[Broken]
    next_source: int


def look(connection: Connection, after_source: int = 0, most: int = NEWEST) -> Look:
    """Look at the newest rows, and at the sources behind one by its id.

    Args:
        most: so many rows of each kind.
    """
    rows = list(connection.execute(_SOURCES, {"after": after_source, "most": most}))
    broken = [
        *_some(_of_sources(rows)),
        *_some(_of_events(connection, most)),
        *_some(_of_coverage(connection, most)),
        *_some(_of_messages(connection, most)),
        *_some(_of_open_messages(connection)),
    ]
    return Look(broken, rows[-1].id if len(rows) == most else 0)


def _some(broken: Iterator[Broken]) -> list[Broken]:
    return [one for _, one in zip(range(_MOST_TOLD), broken, strict=False)]


def _of_sources(rows: Sequence[AnyRow]) -> Iterator[Broken]:
    for row in rows:
        what = f"source {row.name}"
        if row.head_version and row.chain_hash is None:
            yield Broken(what, f"its version {row.head_version} is not there")
        elif row.head_version and row.chain_hash != row.head_hash:
            yield Broken(what, f"its head is not that of its version {row.head_version}")
        if row.later is not None:
            yield Broken(what, f"version {row.later} is there, after its newest one")
        outcomes = row.polls_changed + row.polls_unchanged + row.polls_failed
        if row.good_polls > row.polls or outcomes + row.polls_quarantined > row.polls:
            yield Broken(
                what, f"more polls are counted by their outcomes than the {row.polls} made"
            )


def _of_events(connection: Connection, most: int) -> Iterator[Broken]:
    seen: set[str] = set()
    for row in connection.execute(_EVENTS, {"most": most}):
        what = f"event {row.id}"
        if row.id in seen:
            yield Broken(what, "it is there twice")
        seen.add(row.id)
        if row.version > row.head_version:
            yield Broken(
                what, f"it is of version {row.version}, which {row.name} does not have yet"
            )
        elif row.at is None and row.snapshot is None:
            yield Broken(what, f"version {row.version} of {row.name}, which it is of, is not there")


def _of_coverage(connection: Connection, most: int) -> Iterator[Broken]:
    stretches: dict[str, list[AnyRow]] = {}
    for row in connection.execute(_COVERAGE, {"most": most}):
        stretches.setdefault(row.name, []).append(row)
    for name, newest_first in stretches.items():
        rows = newest_first[::-1]
        what = f"coverage of {name}"
        if any(row.last_at < row.first_at for row in rows):
            yield Broken(what, "a stretch ends before it begins")
        good = [row for row in rows if row.outcome in SEEN]
        if any(later.first_at < earlier.last_at for earlier, later in pairwise(good)):
            yield Broken(what, "stretches of good polls overlap")


def _of_messages(connection: Connection, most: int) -> Iterator[Broken]:
    for row in connection.execute(_MESSAGES, {"most": most}):
        what = f"message {row.id}"
        if (row.state == LEASED) != (row.token is not None):
            yield Broken(what, f"it is {row.state}, and its holder does not fit to that")
        if row.state == DELIVERED and row.delivered_at is None:
            yield Broken(what, "it is delivered, and nothing tells when")


def _of_open_messages(connection: Connection) -> Iterator[Broken]:
    rows = connection.execute(_OPEN, {"most": _MOST_MESSAGES}).all()
    ids = {row.id: decode_texts(row.event_ids)[:NEWEST] for row in rows}
    wanted = sorted({one for some in ids.values() for one in some})[:NEWEST]
    starts = [bytes.fromhex(one.removeprefix("evt_"))[: t.EVENT_ID_START] for one in wanted]
    known = connection.execute(_KNOWN, {"starts": starts, "ids": wanted}).scalars()
    unknown = set(wanted) - set(known)
    for message, events in ids.items():
        if unknown & set(events):
            yield Broken(f"message {message}", "an event that it is to tell of is not there")


_MOST: BindParameter[int] = bindparam("most")
# The version of a source's head, and one that must not be there.
_LATER = t.snapshot.alias("later")
_SOURCES = (
    select(
        t.source.c.id,
        t.source.c.name,
        t.source.c.head_version,
        t.source.c.head_hash,
        t.source.c.polls,
        t.source.c.good_polls,
        t.source.c.polls_changed,
        t.source.c.polls_unchanged,
        t.source.c.polls_failed,
        t.source.c.polls_quarantined,
        t.snapshot.c.chain_hash,
        _LATER.c.version.label("later"),
    )
    .outerjoin(
        t.snapshot,
        and_(
            t.snapshot.c.source_id == t.source.c.id,
            t.snapshot.c.version == t.source.c.head_version,
        ),
    )
    .outerjoin(
        _LATER,
        and_(
            _LATER.c.source_id == t.source.c.id,
            _LATER.c.version == t.source.c.head_version + 1,
        ),
    )
    .where(t.source.c.id > bindparam("after"))
    .order_by(t.source.c.id)
    .limit(_MOST)
)
_NEWEST_EVENTS = select(t.event).order_by(t.event.c.number.desc()).limit(_MOST).cte("newest")
_EVENTS = (
    select(
        _NEWEST_EVENTS.c.id,
        _NEWEST_EVENTS.c.version,
        _NEWEST_EVENTS.c.at,
        t.source.c.name,
        t.source.c.head_version,
        t.snapshot.c.version.label("snapshot"),
    )
    .join(t.source, t.source.c.id == _NEWEST_EVENTS.c.source_id)
    .outerjoin(
        t.snapshot,
        and_(
            t.snapshot.c.source_id == _NEWEST_EVENTS.c.source_id,
            t.snapshot.c.version == _NEWEST_EVENTS.c.version,
        ),
    )
)
_NEWEST_STRETCHES = select(t.coverage).order_by(t.coverage.c.id.desc()).limit(_MOST).cte("newest")
_COVERAGE = (
    select(
        t.source.c.name,
        _NEWEST_STRETCHES.c.outcome,
        _NEWEST_STRETCHES.c.first_at,
        _NEWEST_STRETCHES.c.last_at,
    )
    .join(t.source, t.source.c.id == _NEWEST_STRETCHES.c.source_id)
    .order_by(_NEWEST_STRETCHES.c.id.desc())
)
_MESSAGES = (
    select(t.delivery.c.id, t.delivery.c.state, t.delivery.c.token, t.delivery.c.delivered_at)
    .order_by(t.delivery.c.number.desc())
    .limit(_MOST)
)
_OPEN = (
    select(t.delivery.c.id, t.delivery.c.event_ids)
    .where(is_open)
    .order_by(t.delivery.c.number.desc())
    .limit(_MOST)
)
_KNOWN = select(t.event.c.id).where(
    t.event_id_start.in_(bindparam("starts", expanding=True)),
    t.event.c.id.in_(bindparam("ids", expanding=True)),
)
