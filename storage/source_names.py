"""What sources are called: renamed, found again under another name, and never mistaken for another.

A chain hashes its source's name, and events take their ids from it. So a source that is renamed
keeps the name that it began with for both, and no two chains of a database have the same one.
"""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, func, select, update

from pricetrail.catalog.errors import InvalidInputError
from pricetrail.storage import tables as t
from pricetrail.storage.chunks import chunks
from pricetrail.storage.remembered import Apart, forget_all
from pricetrail.text.sums import counted

_LONGEST = 200
# So many names are told where any of them would do.
FEW = 10


def require_usable(name: str) -> None:
    """Refuse what nobody could type or read as a source's name.

    Raises:
        InvalidInputError: it is one of these.
    """
    if not name.strip() or not name.isprintable() or len(name) > _LONGEST:
        raise InvalidInputError(f"{name[:40]!r} is not a name: use letters, digits and dashes")


def rename_source(connection: Connection, source_id: int, name: str) -> None:
    """Call a source something else; its chain and its events stay what they are.

    Raises:
        InvalidInputError: the name cannot be used, or another source has it.
    """
    require_usable(name)
    taken = select(t.source.c.head_version).where(t.source.c.name == name)
    versions = connection.execute(taken.where(t.source.c.id != source_id)).scalar()
    if versions is not None:
        raise InvalidInputError(
            f"there is a source {name!r} already, with {counted(versions, 'version')}: if its "
            f"history is worth nothing, run `pricetrail sources remove {name}` first"
        )
    hashed = connection.execute(select(_hashed).where(t.source.c.id == source_id)).scalar_one()
    values = {"name": name, "chain_name": None if hashed == name else hashed}
    connection.execute(update(t.source).where(t.source.c.id == source_id).values(values))


def at_address(connection: Connection, url: str) -> list[str]:
    """The sources that were last asked at an address, as their rows have it, by name."""
    found = select(t.source.c.name).where(t.source.c.url == url).order_by(t.source.c.name)
    return list(connection.execute(found).scalars())


def identities_of(connection: Connection, names: Sequence[str]) -> list[dict[str, object]]:
    """What the rows of new sources have besides: what tells them from those there are and were.

    In the order of the names; each has the same keys.
    """
    taken: set[str] = set()
    for some in chunks(names):
        taken.update(connection.execute(select(_hashed).where(_hashed.in_(some))).scalars())
    given = set(names)
    found: list[dict[str, object]] = []
    for name in names:
        free = _free_chain_name(connection, name, given) if name in taken else None
        given.add(free or name)
        found.append({"chain_name": free})
    first = _free_id(connection)
    if first is not None:
        for number, values in enumerate(found, first):
            values["id"] = number
    return found


def _free_chain_name(connection: Connection, name: str, given: AbstractSet[str]) -> str:
    """A name made from one that a source goes on with that was renamed; none of those `given`."""
    number, wanted = 2, f"{name} (2)"
    while wanted in given or connection.execute(_IS_HASHED, {"wanted": wanted}).first() is not None:
        number += 1
        wanted = f"{name} ({number})"
    return wanted


def _free_id(connection: Connection) -> int | None:
    """An id from which on no source ever had one, where the database would give these again.

    What is known of a source is remembered by its id. A sequence never goes back; SQLite gives the
    largest again once its row is deleted.
    """
    if connection.dialect.name != "sqlite":
        return None
    last = connection.execute(select(func.max(t.removed_source.c.id))).scalar()
    if last is None:
        return None
    newest = connection.execute(select(func.max(t.source.c.id))).scalar() or 0
    return max(int(last), int(newest)) + 1


@dataclass(frozen=True, slots=True)
class SomeNames:
    """The first names of all sources, in order, and how many sources there are."""

    names: tuple[str, ...]
    total: int

    def in_words(self) -> str:
        """The names, and how many are left out."""
        said = ", ".join(self.names)
        more = self.total - len(self.names)
        return f"{said}, and {more:,} more" if more else said


def some(connection: Connection, most: int = FEW) -> SomeNames:
    """The first names, as many as a person reads, or a page offers."""
    rows = connection.execute(_SOME, {"most": most + 1}).all()
    notice(connection, {row.id: row.name for row in rows})
    names = tuple(row.name for row in rows)
    # To count them takes longer, and few have as many.
    if len(names) > most:
        return SomeNames(names[:most], count(connection))
    return SomeNames(names, len(names))


def count(connection: Connection) -> int:
    """How many sources have a row."""
    return int(connection.execute(_COUNT).scalar_one())


def polled(connection: Connection) -> list[str]:
    """The names of the sources that were ever polled, in order."""
    return list(connection.execute(_POLLED).scalars())


def renamed(connection: Connection, former: str) -> str | None:
    """What the source is called now whose chain began with a name; None where none did."""
    return connection.execute(_RENAMED, {"former": former}).scalar()


def notice(connection: Connection, names: Mapping[int, str]) -> None:
    """See the names of sources; where one was renamed since, forget what holds its old name."""
    memory = _SEEN.of(connection.engine)
    seen = memory.get(None, dict)
    if any(seen.get(number, name) != name for number, name in names.items()):
        forget_all()
        seen = memory.get(None, dict)
    # In place: each of thousands that are polled is seen by itself.
    seen.update(names)


# By row ids.
_SEEN: Apart[None, dict[int, str]] = Apart(1)
_hashed = func.coalesce(t.source.c.chain_name, t.source.c.name)
_SOME = select(t.source.c.id, t.source.c.name).order_by(t.source.c.name).limit(bindparam("most"))
_POLLED = (
    select(t.source.c.name).where(t.source.c.last_poll_at.is_not(None)).order_by(t.source.c.name)
)
_COUNT = select(func.count()).select_from(t.source)
_RENAMED = (
    select(t.source.c.name)
    .where(t.source.c.chain_name == bindparam("former"))
    .order_by(t.source.c.name)
    .limit(1)
)
_IS_HASHED = select(t.source.c.id).where(_hashed == bindparam("wanted"))
