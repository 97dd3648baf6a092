"""Events by their ids, and by the beginnings of them."""

from sqlalchemy import Connection, bindparam, select

from pricetrail.catalog.errors import NotFoundError
from pricetrail.catalog.events import Event
from pricetrail.storage import tables as t
from pricetrail.storage.history.events import by_ids
from pricetrail.storage.id_prefixes import SHOWN, AmbiguousIdError, digits_of

_DIGITS = 40


def get(connection: Connection, event_id: str) -> Event:
    """One event by its id, or by a beginning that no other event's id has.

    Raises:
        NotFoundError: there is none.
        AmbiguousIdError: there are several.
    """
    whole = _whole(connection, event_id)
    events = [] if whole is None else by_ids(connection, [whole])
    if not events:
        raise NotFoundError(f"no event {event_id!r}: see `pricetrail events`")
    return events[0]


def number_of(connection: Connection, event_id: str) -> int | None:
    """The row number of an event, by its id or a beginning; None where there is no such event.

    Raises:
        AmbiguousIdError: there are several.
    """
    whole = _whole(connection, event_id)
    if whole is None:
        return None
    return connection.execute(_NUMBER, _range(whole.removeprefix("evt_"))).scalar()


def _whole(connection: Connection, given: str) -> str | None:
    """The id that begins as given; None where none does."""
    digits = digits_of(given, "evt_", _DIGITS)
    if digits is None:
        return None
    if len(digits) == _DIGITS:
        return f"evt_{digits}"
    found = sorted(set(connection.execute(_IDS, _range(digits)).scalars()))
    if len(found) > 1:
        raise AmbiguousIdError("events", given, found)
    return found[0] if found else None


def _range(digits: str) -> dict[str, object]:
    """The first and the last id that begins with some digits, and what the index has of them."""
    first, last = digits.ljust(_DIGITS, "0"), digits.ljust(_DIGITS, "f")
    size = 2 * t.EVENT_ID_START
    return {
        "first": f"evt_{first}",
        "last": f"evt_{last}",
        "first_start": bytes.fromhex(first[:size]),
        "last_start": bytes.fromhex(last[:size]),
    }


# A stretch of the index, and no more of it than is shown.
_IN_RANGE = (
    t.event_id_start.between(bindparam("first_start"), bindparam("last_start")),
    t.event.c.id.between(bindparam("first"), bindparam("last")),
)
_IDS = select(t.event.c.id).where(*_IN_RANGE).order_by(t.event_id_start).limit(SHOWN + 1)
_NUMBER = select(t.event.c.number).where(*_IN_RANGE).limit(1)
