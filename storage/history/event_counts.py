"""How many events each source has made, by type: counted as they are written."""

from collections.abc import Mapping
from functools import cache

from sqlalchemy import Connection, Executable, bindparam, select

from pricetrail.storage import tables as t
from pricetrail.storage.upsert import insert_of


def add(connection: Connection, source_id: int, made: Mapping[str, int]) -> None:
    """Count events that a source made just now, by type."""
    if made:
        # In one order everywhere: two that count never wait for each other.
        rows = [
            {"the_source": source_id, "the_type": kind, "more": made[kind]} for kind in sorted(made)
        ]
        connection.execute(_add(connection.dialect.name), rows)


def counts(connection: Connection) -> dict[int, dict[str, int]]:
    """How many events of each type each source has made, by the id of its row."""
    found: dict[int, dict[str, int]] = {}
    for source_id, kind, events in connection.execute(_COUNTS):
        found.setdefault(source_id, {})[kind] = events
    return found


# Made once: a version with events is written too often to put its statement together anew.
@cache
def _add(dialect: str) -> Executable:
    added = insert_of(dialect)(t.event_count).values(
        source_id=bindparam("the_source"), type=bindparam("the_type"), events=bindparam("more")
    )
    counting: Executable = added.on_conflict_do_update(
        index_elements=["source_id", "type"],
        set_={"events": t.event_count.c.events + bindparam("more")},
    )
    return counting


_COUNTS = select(t.event_count.c.source_id, t.event_count.c.type, t.event_count.c.events)
