"""A new version, written: the snapshot, its model versions, prices and events, all at once."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, update

from catalog import events as kinds
from catalog import units
from catalog.documents import prices
from catalog.events import Event
from catalog.steps import Step
from catalog.strict_json import dumps
from storage import heads
from storage import tables as t
from storage.bodies import pack, steps_since_full, wants_full
from storage.changes import pack_changes
from storage.sources import SourceState

# Below both databases' limit on parameters in one statement.
_CHUNK = 5000


def write_version(
    connection: Connection, source: SourceState, step: Step, body: bytes, body_before: bytes | None
) -> None:
    """Write one version, beside what `record_changed` writes of the source and the poll.

    Args:
        body: as served.
        body_before: the body of the version before, None for the first.
    """
    number = step.version.number
    _write_snapshot(connection, source, step, body, body_before)
    heads.save(connection, source.id, number, step.contents, body)
    touched = {*step.opened, *step.difference.removed}
    ids = _model_ids(connection, source.id, sorted(touched))
    _close(connection, ids, [*step.difference.removed, *step.difference.changed], number)
    _open(connection, ids, step)
    _write_schema(connection, source.id, step)
    write_events(connection, source.id, step.events, ids)


def _write_snapshot(
    connection: Connection, source: SourceState, step: Step, body: bytes, body_before: bytes | None
) -> None:
    number = step.version.number
    base = None
    if body_before is not None and number > 1:
        links = steps_since_full(connection, source.id, number - 1) + 1
        base = None if wants_full(links, len(body)) else number - 1
    connection.execute(
        _SNAPSHOT,
        {
            "source_id": source.id,
            "version": number,
            "not_before": step.version.not_before,
            "not_after": step.version.not_after,
            "catalog_root": step.root,
            "chain_hash": step.version.hash,
            "body_hash": step.body_hash,
            "body_size": len(body),
            "body": pack(body, body_before if base is not None else None),
            "body_base": base,
            "models": len(step.contents),
            **step.counts,
        },
    )


def _model_ids(connection: Connection, source_id: int, models: list[str]) -> dict[str, int]:
    """The row ids of models by name; rows are made for those never seen before."""
    found = _find_ids(connection, source_id, models)
    missing = [{"source_id": source_id, "name": name} for name in models if name not in found]
    if missing:
        connection.execute(_MODEL, missing)
        found |= _find_ids(connection, source_id, [row["name"] for row in missing])
    return found


def _find_ids(connection: Connection, source_id: int, models: Sequence[Any]) -> dict[str, int]:
    found: dict[str, int] = {}
    for some in _chunks(models):
        rows = connection.execute(_MODEL_IDS, {"source": source_id, "names": some})
        found |= {row.name: row.id for row in rows}
    return found


def _close(connection: Connection, ids: dict[str, int], models: list[str], number: int) -> None:
    if models:
        rows = [{"model": ids[model], "version": number} for model in models]
        connection.execute(_CLOSE, rows)


def _open(connection: Connection, ids: dict[str, int], step: Step) -> None:
    if not step.opened:
        return
    number, contents = step.version.number, step.contents
    versions = []
    leaves: list[tuple[int, str, Any, str]] = []
    for model, document in step.opened.items():
        text = contents.text_at(contents.position[model])
        versions.append(
            {
                "model_id": ids[model],
                "valid_from": number,
                "hash": step.hashes[model],
                "document": text,
            }
        )
        leaves += [(ids[model], *price) for price in prices(document)]
    connection.execute(_MODEL_VERSION, versions)
    paths = _path_ids(connection, {path for _, path, _, _ in leaves})
    rows = [
        {
            "model_id": model,
            "valid_from": number,
            "path_id": paths[path],
            "amount": amount,
            "flagged": text if amount is None else None,
        }
        for model, path, amount, text in leaves
    ]
    if rows:
        connection.execute(_PRICE, rows)


def _path_ids(connection: Connection, wanted: set[str]) -> dict[str, int]:
    def find(paths: list[str]) -> dict[str, int]:
        return {
            path: number
            for some in _chunks(paths)
            for path, number in connection.execute(_PATH_IDS, {"paths": some})
        }

    found = find(sorted(wanted)) if wanted else {}
    missing = sorted(wanted - found.keys())
    if missing:
        insert_missing(connection, [{"path": path, "unit": units.unit(path)} for path in missing])
        found |= find(missing)
    return found


def insert_missing(connection: Connection, rows: list[dict[str, Any]]) -> None:
    """Paths are shared by all sources: another one may be adding the same at this moment."""
    if connection.dialect.name == "postgresql":
        from sqlalchemy.dialects.postgresql import insert as insert_or_skip
    else:
        from sqlalchemy.dialects.sqlite import insert as insert_or_skip  # type: ignore[assignment]
    connection.execute(insert_or_skip(t.path).on_conflict_do_nothing(), rows)


def _write_schema(connection: Connection, source_id: int, step: Step) -> None:
    fresh = sorted(step.schema - seen_schema(connection, source_id)) if step.schema else []
    if fresh:
        rows = [
            {"source_id": source_id, "item": item, "version": step.version.number} for item in fresh
        ]
        connection.execute(insert(t.schema_seen), rows)


def seen_schema(connection: Connection, source_id: int) -> frozenset[str]:
    """The pricing paths and kinds that this source has ever shown."""
    rows = connection.execute(_SCHEMA_SEEN, {"source": source_id})
    return frozenset(rows.scalars())


def write_events(
    connection: Connection, source_id: int, events: Sequence[Event], ids: dict[str, int]
) -> None:
    """Append events; a snapshot's events keep only what the other tables do not tell."""
    if not events:
        return
    rows = [
        {
            "id": event.id,
            "source_id": source_id,
            "version": event.version,
            "sequence": event.sequence,
            "type": event.type,
            "model_id": ids[event.model] if event.model is not None else None,
            "at": None if "snapshot" in event.data else event.at,
            "body": stored_body(event),
        }
        for event in events
    ]
    connection.execute(_EVENT, rows)


def stored_body(event: Event) -> str | None:
    """What is kept of an event's data: the part that the other tables do not tell."""
    if event.type in (kinds.ADDED, kinds.REMOVED):
        return None
    if event.type in (kinds.REPRICED, kinds.UPDATED):
        return pack_changes(event.data["changes"])
    left_out = ("id", "source", "snapshot", "observed")
    return dumps({key: value for key, value in event.data.items() if key not in left_out})


def _chunks(items: Iterable[Any]) -> Iterator[list[Any]]:
    rest = iter(items)
    while some := list(islice(rest, _CHUNK)):
        yield some


_SNAPSHOT = insert(t.snapshot)
_MODEL = insert(t.model)
_MODEL_IDS = select(t.model.c.name, t.model.c.id).where(
    t.model.c.source_id == bindparam("source"),
    t.model.c.name.in_(bindparam("names", expanding=True)),
)
_MODEL_VERSION = insert(t.model_version)
_CLOSE = (
    update(t.model_version)
    .where(t.model_version.c.model_id == bindparam("model"), t.model_version.c.valid_to.is_(None))
    .values(valid_to=bindparam("version"))
)
_PATH_IDS = select(t.path.c.path, t.path.c.id).where(
    t.path.c.path.in_(bindparam("paths", expanding=True))
)
_PRICE = insert(t.price)
_SCHEMA_SEEN = select(t.schema_seen.c.item).where(t.schema_seen.c.source_id == bindparam("source"))
_EVENT = insert(t.event)
