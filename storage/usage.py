"""What is used of each model, by day and price path, and what a change of price costs by it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from sqlalchemy import Connection, bindparam, delete, func, insert, select

from pricetrail.catalog.aliases import Aliases
from pricetrail.catalog.amounts import EXACT, normalised
from pricetrail.catalog.documents import MAX_ID_BYTES, MAX_NAME_BYTES
from pricetrail.catalog.events import REPRICED, Event
from pricetrail.storage import tables as t
from pricetrail.storage.chunks import chunks
from pricetrail.storage.errors import UnstorableError
from pricetrail.storage.upsert import insert_or_skip, one_writer

# A month of usage: the last so many days up to the latest day imported.
MONTH_DAYS = 30

Day = str
Key = tuple[str, Day, str]
Quantities = Mapping[str, Mapping[str, Decimal]]


@dataclass(frozen=True, slots=True)
class UsageFile:
    """One file that was imported: the SHA-256 of its bytes, its name, how many rows it had."""

    hash: bytes
    name: str
    rows: int


def known_file(connection: Connection, content_hash: bytes) -> datetime | None:
    """When a file with this content was imported; None where it never was."""
    query = select(t.usage_file.c.imported_at).where(t.usage_file.c.hash == content_hash)
    found: datetime | None = connection.execute(query).scalar()
    return found


def add(
    connection: Connection, file: UsageFile, quantities: Mapping[Key, Decimal], now: datetime
) -> bool:
    """Add a file's quantities per (model, day `2026-03-01`, price path), in the path's unit.

    Returns:
        False, and nothing changes, where a file with the same content was added before.

    Raises:
        UnstorableError: a name that not every database keeps; no model has such a one.
    """
    for model, _, path in quantities:
        _check_name(model, MAX_ID_BYTES)
        _check_name(path, MAX_NAME_BYTES)
    row = {"hash": file.hash, "name": file.name, "rows": file.rows, "imported_at": now}
    if not insert_or_skip(connection, t.usage_file, [row]):
        return False
    one_writer(connection, t.usage)
    entries = sorted((key, amount) for key, amount in quantities.items() if amount)
    for some in chunks(entries):
        _add_some(connection, some)
    return True


def _check_name(name: str, most: int) -> None:
    written = name.encode(errors="backslashreplace")
    if len(written) > most:
        raise UnstorableError(f"usage of a name over {most} bytes: {name[:60]!r}…")
    if "\x00" in name or written.decode() != name:
        raise UnstorableError(f"usage of a name that is no text: {name[:60]!r}")


def _add_some(connection: Connection, entries: list[tuple[Key, Decimal]]) -> None:
    # Amounts are text on SQLite: they are added up here, exactly, and written anew.
    keys = [_key(key) for key, _ in entries]
    rows = []
    for (model, day, path), amount in entries:
        key = {"the_model": model, "the_day": day, "the_path": path}
        before = connection.execute(_ONE, key).scalar() or Decimal(0)
        total = normalised(EXACT.add(before, amount))
        rows.append({"model": model, "day": day, "path": path, "quantity": total})
    if rows:
        connection.execute(_FORGET, keys)
        connection.execute(_ADD, rows)


def _key(key: Key) -> dict[str, str]:
    return dict(zip(("the_model", "the_day", "the_path"), key, strict=True))


def last_day(connection: Connection) -> date | None:
    """The latest day of the usage that was imported; None where none ever was."""
    day = connection.execute(select(func.max(t.usage.c.day))).scalar()
    return None if day is None else date.fromisoformat(day)


def monthly_quantities(connection: Connection) -> Quantities | None:
    """Per model and price path, what was used in the last 30 days up to the latest imported day.

    None where no usage was ever imported.
    """
    last = last_day(connection)
    if last is None:
        return None
    since = (last - timedelta(days=MONTH_DAYS - 1)).isoformat()
    found: dict[str, dict[str, Decimal]] = {}
    for row in connection.execute(_SINCE, {"since": since}):
        paths = found.setdefault(row.model, {})
        paths[row.path] = EXACT.add(paths.get(row.path, Decimal(0)), row.quantity)
    return found


def other_names(connection: Connection, event: Event, aliases: Aliases) -> tuple[str, ...]:
    """The names besides its own under which a model's usage counts for it.

    Of those that stand for the same model, what its source lists itself counts for itself.
    """
    others = aliases.others(event.model or "")
    if event.type != REPRICED or not others:
        return ()
    asked = {"source": event.source, "names": others}
    listed = set(connection.execute(_LISTED, asked).scalars())
    return tuple(name for name in others if name not in listed)


def monthly_difference(
    quantities: Quantities | None, event: Event, others: Sequence[str] = ()
) -> Decimal | None:
    """What a reprice adds to a month's cost in USD, by `monthly_quantities`; negative saves.

    Args:
        others: the names besides its own under which its model was used.

    Zero for a model that is not used, or not by the prices that changed. None where it cannot
    be said: no usage was imported, the event is no reprice, or a price that is used appeared,
    vanished, or is no amount on one side.
    """
    if quantities is None or event.type != REPRICED or event.model is None:
        return None
    used = [quantities[name] for name in (event.model, *others) if name in quantities]
    total = Decimal(0)
    for change in event.changes:
        quantity = Decimal(0)
        for paths in used:
            quantity = EXACT.add(quantity, paths.get(change.path, Decimal(0)))
        if not quantity or not change.priced:
            continue
        if change.amounts is None:
            return None
        old, new = change.amounts
        total = EXACT.add(total, EXACT.multiply(EXACT.subtract(new, old), quantity))
    return normalised(total)


_LISTED = (
    select(t.model.c.name)
    .join(t.source, t.source.c.id == t.model.c.source_id)
    .where(t.source.c.name == bindparam("source"))
    .where(t.model.c.name.in_(bindparam("names", expanding=True)))
)
_ONE = select(t.usage.c.quantity).where(
    t.usage.c.model == bindparam("the_model"),
    t.usage.c.day == bindparam("the_day"),
    t.usage.c.path == bindparam("the_path"),
)
_FORGET = delete(t.usage).where(
    t.usage.c.model == bindparam("the_model"),
    t.usage.c.day == bindparam("the_day"),
    t.usage.c.path == bindparam("the_path"),
)
_ADD = insert(t.usage)
_SINCE = select(t.usage.c.model, t.usage.c.path, t.usage.c.quantity).where(
    t.usage.c.day >= bindparam("since")
)
