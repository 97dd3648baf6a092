"""A new version, written: the snapshot, its model versions, prices and events, all at once."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import islice
from operator import itemgetter
from typing import Any, NamedTuple

from sqlalchemy import Connection, bindparam, func, insert, select, update

from catalog import events as kinds
from catalog import units
from catalog.diffs import Absent
from catalog.documents import Leaf, is_price_path, prices
from catalog.events import Event
from catalog.steps import Step
from catalog.strict_json import dumps
from storage import tables as t
from storage import texts
from storage.bodies import pack, wants_full
from storage.changes import only_amounts, pack_changes
from storage.heads import Head
from storage.history import in_force
from storage.sources import SourceState

# Below both databases' limit on parameters in one statement.
_CHUNK = 5000


class Written(NamedTuple):
    """What came of writing a version: the row ids of the models it touched, and the new head."""

    ids: dict[str, int]
    head: Head


def write_version(
    connection: Connection, source: SourceState, step: Step, body: bytes, head: Head | None
) -> Written:
    """Write one version, beside what `record_changed` writes of the source and the poll.

    Args:
        body: as served.
        head: the version before, None for the first.
    """
    links = 0 if head is None or wants_full(head.links + 1, len(body)) else head.links + 1
    _write_snapshot(connection, source, step, body, head.body if head and links else None)
    known = _known_models(connection, source.id, [*step.opened, *step.difference.removed])
    ids = {name: model.id for name, model in known.items()}
    _close(connection, ids, step)
    paths = _open(connection, known, step, head.paths if head is not None else {})
    seen = head.seen if head is not None else frozenset()
    _write_schema(connection, source.id, step.version.number, step.schema - seen)
    write_events(connection, source.id, step.events, ids)
    return Written(ids, Head(step.contents, body, seen | step.schema, links, paths))


def _write_snapshot(
    connection: Connection, source: SourceState, step: Step, body: bytes, base: bytes | None
) -> None:
    number = step.version.number
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
            "body": pack(body, base),
            "body_base": number - 1 if base is not None else None,
            "models": len(step.contents),
            **step.counts,
        },
    )


class _Model(NamedTuple):
    """A model's row id, and the document that its next one is to be stored against, if any."""

    id: int
    base: int | None
    keyframe: bytes | None


def _known_models(
    connection: Connection, source_id: int, models: Sequence[str]
) -> dict[str, _Model]:
    """Models by name; rows are made for those never seen before."""
    found = _find_models(connection, source_id, models)
    missing = sorted(set(models) - found.keys())
    if missing:
        rows = [{"source_id": source_id, "name": name} for name in missing]
        connection.execute(_MODEL, rows)
        found |= _find_models(connection, source_id, missing)
    return found


def _find_models(
    connection: Connection, source_id: int, models: Sequence[str]
) -> dict[str, _Model]:
    found: dict[str, _Model] = {}
    for some in _chunks(models):
        rows = connection.execute(_MODELS, {"source": source_id, "names": some})
        found |= {name: _Model(*columns) for name, *columns in rows}
    return found


def _close(connection: Connection, ids: dict[str, int], step: Step) -> None:
    ended = [*step.difference.removed, *step.difference.changed]
    if ended:
        rows = [{"model": ids[model], "version": step.version.number} for model in ended]
        connection.execute(_CLOSE, rows)


def _open(
    connection: Connection, models: dict[str, _Model], step: Step, paths: Mapping[str, int]
) -> Mapping[str, int]:
    if not step.opened:
        return paths
    versions = [
        {
            "model_id": models[model].id,
            "valid_from": step.version.number,
            **_packed(step.contents.text_of(model), models[model]),
        }
        for model in step.opened
    ]
    connection.execute(_MODEL_VERSION, versions)
    changes = price_changes(step)
    unknown = {change.path for change in changes} - paths.keys()
    if unknown:
        paths = {**paths, **_path_ids(connection, unknown)}
    rows = [
        {
            "model_id": models[change.model].id,
            "valid_from": step.version.number,
            "path_id": paths[change.path],
            "amount": change.amount,
            "flagged": change.flagged,
        }
        for change in changes
    ]
    if rows:
        connection.execute(_PRICE, rows)
    return paths


def _packed(text: str, model: _Model) -> dict[str, Any]:
    if model.keyframe is not None:
        packed = texts.pack(text, texts.unpack(model.keyframe))
        if not texts.wants_keyframe(packed, text):
            return {"base": model.base, "document": packed}
    return {"base": None, "document": texts.pack(text)}


class PriceChange(NamedTuple):
    """A price that a version brought; both values are None where it took one away."""

    model: str
    path: str
    amount: Decimal | None
    flagged: str | None


def price_changes(step: Step) -> list[PriceChange]:
    """What a version's rows of prices say: every price of a model that is new, else the changes."""
    found = [
        PriceChange(model, path, amount, text if amount is None else None)
        for model in step.difference.added
        for path, amount, text in prices(step.opened[model])
    ]
    for model, changes in step.changes.items():
        for change in changes:
            was, now = price(change.path, change.old), price(change.path, change.new)
            if was != now:
                found.append(PriceChange(model, change.path, *now))
    return found


def price(path: str, leaf: Leaf | Absent) -> tuple[Decimal | None, str | None]:
    """The amount that a leaf is, or the text where a price should be; (None, None) for neither."""
    if not is_price_path(path):
        return None, None
    return (
        leaf if isinstance(leaf, Decimal) else None,
        leaf if isinstance(leaf, str) else None,
    )


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


def _write_schema(
    connection: Connection, source_id: int, version: int, fresh: frozenset[str]
) -> None:
    if fresh:
        rows = [{"source_id": source_id, "item": item, "version": version} for item in fresh]
        connection.execute(_SCHEMA, sorted(rows, key=itemgetter("item")))


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
        entries = event.data["changes"]
        return None if only_amounts(entries) else pack_changes(entries)
    left_out = ("id", "source", "snapshot", "observed")
    return dumps({key: value for key, value in event.data.items() if key not in left_out})


def _chunks(items: Iterable[Any]) -> Iterator[list[Any]]:
    rest = iter(items)
    while some := list(islice(rest, _CHUNK)):
        yield some


_SNAPSHOT = insert(t.snapshot)
_MODEL = insert(t.model)
_latest, _keyframe = t.model_version.alias("latest"), t.model_version.alias("keyframe")
_MODELS = (
    select(t.model.c.name, t.model.c.id, _keyframe.c.valid_from, _keyframe.c.document)
    .select_from(t.model)
    .outerjoin(_latest, in_force(_latest, t.model.c.id))
    .outerjoin(
        _keyframe,
        (_keyframe.c.model_id == t.model.c.id)
        & (_keyframe.c.valid_from == func.coalesce(_latest.c.base, _latest.c.valid_from)),
    )
    .where(
        t.model.c.source_id == bindparam("source"),
        t.model.c.name.in_(bindparam("names", expanding=True)),
    )
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
_SCHEMA = insert(t.schema_seen)
_EVENT = insert(t.event)
