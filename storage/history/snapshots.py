"""A new version, written: the snapshot, its model versions, prices and events, all at once."""

from collections import Counter
from collections.abc import Mapping, Sequence, Set
from operator import itemgetter
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, func, insert, select, update

from pricetrail.catalog import units
from pricetrail.catalog.event_details import ModelAdded, ModelChanged, ModelRemoved, ModelSunset
from pricetrail.catalog.events import Event
from pricetrail.catalog.strict_json import dumps
from pricetrail.catalog.versions import NewVersion
from pricetrail.storage import tables as t
from pricetrail.storage.chunks import chunks
from pricetrail.storage.codecs import bodies, changes
from pricetrail.storage.history import event_counts, models, readings, shared_bodies, sunsets
from pricetrail.storage.history.latest import LatestCatalog
from pricetrail.storage.history.models import Model
from pricetrail.storage.history.price_rows import price_changes
from pricetrail.storage.sources import SourceState
from pricetrail.storage.upsert import insert_or_skip

# Up to so many models are remembered from version to version; beyond, those touched last.
_REMEMBERED = 5000


class Written(NamedTuple):
    """What writing a version gives: the row ids of the models it touched, the latest catalog."""

    ids: dict[str, int]
    head: LatestCatalog


def write_version(
    connection: Connection,
    source: SourceState,
    new: NewVersion,
    body: bytes,
    head: LatestCatalog | None,
) -> Written:
    """Write one version, beside what `record_changed` writes of the source and the poll.

    Args:
        body: as served.
        head: the version before, None for the first.
    """
    links = 0 if head is None or bodies.wants_full(head.links + 1, len(body)) else head.links + 1
    _write_snapshot(connection, source, new, body, head if links else None)
    schema = head.known_schema if head is not None else frozenset()
    paths = head.paths if head is not None else {}
    remembered = head.models if head is not None else {}
    touched = [*new.new_documents, *new.difference.removed]
    known = models.known(connection, source.id, touched, remembered)
    ids = {name: model.id for name, model in known.items()}
    _close(connection, source.id, ids, new)
    known |= _open(connection, source.id, known, new)
    paths = _write_prices(connection, source.id, ids, new, paths)
    _write_schema(connection, source.id, new.version.number, new.schema - schema)
    write_events(connection, source.id, new.events, ids, new.noisy)
    sunsets.write(connection, source, new, ids)
    remembered = {**remembered, **known} if len(remembered) < _REMEMBERED else known
    latest = LatestCatalog(new.catalog, body, schema | new.schema, links, paths, remembered)
    return Written(ids, latest)


def _write_snapshot(
    connection: Connection,
    source: SourceState,
    new: NewVersion,
    body: bytes,
    base: LatestCatalog | None,
) -> None:
    number = new.version.number
    packed = bodies.encode(body, base.body if base is not None else None)
    connection.execute(
        _SNAPSHOT,
        {
            "source_id": source.id,
            "version": number,
            "not_before": new.version.not_before,
            "not_after": new.version.not_after,
            "catalog_root": new.root,
            "chain_hash": new.version.hash,
            "body_hash": new.body_hash,
            "body_size": len(body),
            "body_base": number - 1 if base is not None else None,
            "models": len(new.catalog),
            "ignored": dumps(list(new.ignored.patterns)) if new.ignored else None,
            **shared_bodies.stored(connection, packed),
            **readings.stored(new.read_by),
            **new.counts,
        },
    )


def _close(connection: Connection, source_id: int, ids: Mapping[str, int], new: NewVersion) -> None:
    ended = [*new.difference.removed, *new.difference.changed]
    if ended:
        number = new.version.number
        rows = [{"source": source_id, "model": ids[model], "version": number} for model in ended]
        connection.execute(_CLOSE, rows)


def _open(
    connection: Connection, source_id: int, known: Mapping[str, Model], new: NewVersion
) -> dict[str, Model]:
    """Write the new documents; the models as this leaves them."""
    number = new.version.number
    rows, after = [], {}
    for name in new.new_documents:
        model = known[name]
        base, packed = model.packed(new.catalog.text_of(name))
        after[name] = model.after(number, base, packed)
        rows.append(
            {
                "source_id": source_id,
                "model_id": model.id,
                "valid_from": number,
                "base": base,
                "document": packed,
            }
        )
    if rows:
        connection.execute(_MODEL_VERSION, rows)
    return after


def _write_prices(
    connection: Connection,
    source_id: int,
    ids: Mapping[str, int],
    new: NewVersion,
    paths: Mapping[str, int],
) -> Mapping[str, int]:
    """Write what changed of prices; all row ids of paths that are known then."""
    moved = price_changes(new)
    if not moved:
        return paths
    unknown = {change.path for change in moved} - paths.keys()
    if unknown:
        paths = {**paths, **_path_ids(connection, unknown)}
    rows = [
        {
            "source_id": source_id,
            "model_id": ids[change.model],
            "valid_from": new.version.number,
            "path_id": paths[change.path],
            "amount": change.amount,
            "flagged": change.flagged,
        }
        for change in moved
    ]
    connection.execute(_PRICE, rows)
    return paths


def _path_ids(connection: Connection, wanted: set[str]) -> dict[str, int]:
    def find(paths: list[str]) -> dict[str, int]:
        return {
            row.path: row.id
            for some in chunks(paths)
            for row in connection.execute(_PATH_IDS, {"paths": some})
        }

    found = find(sorted(wanted)) if wanted else {}
    missing = sorted(wanted - found.keys())
    if missing:
        # Paths are shared by all sources: another one may be adding the same at this moment.
        rows = [{"path": path, "unit": units.unit(path)} for path in missing]
        insert_or_skip(connection, t.path, rows)
        found |= find(missing)
    return found


def _write_schema(
    connection: Connection, source_id: int, version: int, fresh: frozenset[str]
) -> None:
    if fresh:
        rows = [{"source_id": source_id, "item": item, "version": version} for item in fresh]
        insert_or_skip(connection, t.schema_seen, sorted(rows, key=itemgetter("item")))


def write_events(
    connection: Connection,
    source_id: int,
    events: Sequence[Event],
    ids: dict[str, int],
    noisy: Set[str] = frozenset(),
) -> None:
    """Append and count events; a snapshot's events keep only what the other tables do not tell.

    But for notices of paused webhooks, the caller holds the source's row: it has moved the source
    on, or locked it (`sources.lock`). So rows are numbered in the order in which they are committed
    (see `event_lanes`).

    Args:
        noisy: the models whose rows of prices show more than is compared (see `NewVersion.noisy`).
    """
    if not events:
        return
    # First: whoever counts notices of pauses has locked that count before they are numbered.
    event_counts.add(connection, source_id, Counter(event.type for event in events))
    rows = [
        {
            "id": event.id,
            "source_id": source_id,
            "version": event.version,
            "sequence": event.sequence,
            "type": event.type,
            "model_id": ids[event.model] if event.model is not None else None,
            "at": None if event.of_snapshot else event.at,
            "body": stored_body(event, noisy),
        }
        for event in events
    ]
    connection.execute(_NUMBERED if connection.dialect.name == "sqlite" else _EVENT, rows)


def stored_body(event: Event, noisy: Set[str]) -> str | None:
    """What is kept of an event's data: the part that the other tables do not tell."""
    if isinstance(event.details, ModelAdded | ModelRemoved):
        return None
    if isinstance(event.details, ModelChanged | ModelSunset) and event.of_snapshot:
        implied = event.model not in noisy and changes.only_amounts(event.changes)
        return None if implied else changes.encode(event.changes)
    return dumps(event.particulars())


_SNAPSHOT = insert(t.snapshot)
_MODEL_VERSION = insert(t.model_version)
_CLOSE = (
    update(t.model_version)
    .where(
        t.model_version.c.source_id == bindparam("source"),
        t.model_version.c.model_id == bindparam("model"),
        t.model_version.c.valid_to.is_(None),
    )
    .values(valid_to=bindparam("version"))
)
_PATH_IDS = select(t.path.c.path, t.path.c.id).where(
    t.path.c.path.in_(bindparam("paths", expanding=True))
)
_PRICE = insert(t.price)
_EVENT = insert(t.event)
# SQLite would give the last number again once its row is deleted, as of a source that was removed;
# who follows the log has seen it. A sequence never goes back.
_LAST = func.coalesce(select(func.max(t.event.c.number)).scalar_subquery(), 0)
_LAST_REMOVED = select(func.max(t.removed_source.c.last_event)).scalar_subquery()
_NUMBERED = _EVENT.values(number=func.max(_LAST, func.coalesce(_LAST_REMOVED, 0)) + 1)
