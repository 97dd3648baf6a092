"""Which models of a source changed between two versions: what did not is neither read nor decoded.

It costs a seek a model, whatever the length of the history.
"""

from collections.abc import Iterable
from itertools import groupby
from operator import attrgetter
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, bindparam, or_, select

from pricetrail.storage import tables as t
from pricetrail.storage.chunks import chunks
from pricetrail.storage.codecs.documents import decode
from pricetrail.storage.history.versions import (
    in_force,
    is_keyframe,
    is_of_model,
    state_columns,
)


class ChangedModel(NamedTuple):
    """A model of which a state began or ended after one version, and by another that is later.

    `document` is as it was served at the later one, None where it was not visible then.
    `was_visible`: at the earlier one. `came`: the version since when it has been visible without a
    break, None where it was so before, or is not.
    """

    id: int
    name: str
    document: str | None
    was_visible: bool
    came: int | None


def changed_models(
    connection: Connection, source_id: int, first: int, last: int
) -> list[ChangedModel]:
    """The models that changed after version `first` and by version `last`, by name.

    One that changed and is as it was is among them.
    """
    if first == last:
        return []
    asked = {"source": source_id, "first": first, "last": last}
    rows = connection.execute(_BEGUN, asked).all()
    found = [_changed(list(some), first, last) for _, some in groupby(rows, attrgetter("id"))]
    before, after = connection.execute(_MODELS, asked).scalars()
    grown = sum((one.document is not None) - one.was_visible for one in found)
    if before + grown != after:
        # Looked for only where some went: no index leads to the end of a state.
        gone = connection.execute(_GONE, asked)
        found += (ChangedModel(row.id, row.name, None, True, None) for row in gone)
        found.sort(key=attrgetter("name"))
    return found


def _changed(rows: list[Row[*tuple[Any, ...]]], first: int, last: int) -> ChangedModel:
    newest, came = rows[-1], None
    for row in rows:
        if row.ended_before != row.valid_from:
            came = row.valid_from
    ended_before = rows[0].ended_before
    was_visible = ended_before is not None and ended_before > first
    if newest.valid_to is not None and newest.valid_to <= last:
        return ChangedModel(newest.id, newest.name, None, was_visible, None)
    document = decode(*newest[_PACKED])
    return ChangedModel(newest.id, newest.name, document, was_visible, came)


def documents_at(
    connection: Connection, source_id: int, version: int, model_ids: Iterable[int]
) -> dict[str, str]:
    """The documents of some models that were visible at a version, by their names."""
    found: dict[str, str] = {}
    for some in chunks(model_ids):
        asked = {"source": source_id, "version": version, "models": some}
        for name, _, _, document, keyframe in connection.execute(_DOCUMENTS, asked):
            found[name] = decode(document, keyframe)
    return found


_keyframe, _before = t.model_version.alias("keyframe"), t.model_version.alias("before")
_ended_before = (
    select(_before.c.valid_to)
    .where(is_of_model(_before, t.model), _before.c.valid_from < t.model_version.c.valid_from)
    .order_by(_before.c.valid_from.desc())
    .limit(1)
    .correlate(t.model, t.model_version)
    .scalar_subquery()
)
_OURS = t.model.c.source_id == bindparam("source")
# Behind the model's id, its name and the end of the state before.
_PACKED = slice(-2, None)
_BEGUN = (
    select(
        t.model.c.id,
        t.model.c.name,
        _ended_before.label("ended_before"),
        *state_columns(t.model_version, _keyframe),
    )
    .select_from(t.model)
    .join(t.model_version, is_of_model(t.model_version, t.model))
    .outerjoin(_keyframe, is_keyframe(_keyframe, t.model_version))
    .where(
        _OURS,
        t.model_version.c.valid_from > bindparam("first"),
        t.model_version.c.valid_from <= bindparam("last"),
    )
    .order_by(t.model.c.name, t.model_version.c.valid_from)
)
_MODELS = (
    select(t.snapshot.c.models)
    .where(
        t.snapshot.c.source_id == bindparam("source"),
        or_(t.snapshot.c.version == bindparam("first"), t.snapshot.c.version == bindparam("last")),
    )
    .order_by(t.snapshot.c.version)
)
_GONE = (
    select(t.model.c.id, t.model.c.name)
    .select_from(t.model)
    .join(t.model_version, in_force(t.model_version, t.model, bindparam("last")))
    .where(
        _OURS,
        t.model_version.c.valid_from <= bindparam("first"),
        t.model_version.c.valid_to > bindparam("first"),
        t.model_version.c.valid_to <= bindparam("last"),
    )
)
_DOCUMENTS = (
    select(t.model.c.name, *state_columns(t.model_version, _keyframe))
    .select_from(t.model)
    .join(t.model_version, in_force(t.model_version, t.model, bindparam("version")))
    .outerjoin(_keyframe, is_keyframe(_keyframe, t.model_version))
    .where(
        _OURS,
        t.model.c.id.in_(bindparam("models", expanding=True)),
        t.model_version.c.valid_to.is_(None) | (t.model_version.c.valid_to > bindparam("version")),
    )
)
