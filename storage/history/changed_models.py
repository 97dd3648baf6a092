"""Which models of a source changed between two versions: what did not is neither read nor decoded.

It costs a seek a model, whatever the length of the history.
"""

from collections.abc import Iterable
from operator import attrgetter
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, func, or_, select

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

    Its documents at either are as they were served; None where it was not visible then.
    """

    id: int
    name: str
    before: str | None
    after: str | None


def changed_models(
    connection: Connection, source_id: int, first: int, last: int
) -> list[ChangedModel]:
    """The models that changed after version `first` and by version `last`, by name.

    One that changed and is as it was is among them.
    """
    if first == last:
        return []
    asked = {"source": source_id, "first": first, "last": last}
    found = [
        ChangedModel(
            number,
            name,
            None if began is None else _document(first, *was),
            _document(last, ended, now, base),
        )
        for number, name, began, *was, _, ended, now, base in connection.execute(_BEGUN, asked)
    ]
    before, after = connection.execute(_MODELS, asked).scalars()
    grown = sum((one.after is not None) - (one.before is not None) for one in found)
    if before + grown != after:
        # Looked for only where some went: no index leads to the end of a state.
        for number, name, document, keyframe in connection.execute(_GONE, asked):
            found.append(ChangedModel(number, name, decode(document, keyframe), None))
        found.sort(key=attrgetter("name"))
    return found


def _document(
    version: int, ended: int | None, document: bytes, keyframe: bytes | None
) -> str | None:
    """The document of a state that began by a version; None where it had ended by then."""
    return decode(document, keyframe) if ended is None or ended > version else None


def came_since(
    connection: Connection, source_id: int, first: int, last: int, model_ids: Iterable[int]
) -> dict[int, int]:
    """The version since when each of some models has been visible without a break at `last`.

    Only of those of which that was after version `first`, by row id.
    """
    found: dict[int, int] = {}
    for some in chunks(model_ids):
        asked = {"source": source_id, "first": first, "last": last, "models": some}
        rows = connection.execute(_CAME, asked)
        found |= {model: began for model, began, before in rows if before != began}
    return found


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


_keyframe, _one = t.model_version.alias("keyframe"), t.model_version.alias("one")
_was, _was_keyframe = t.model_version.alias("was"), t.model_version.alias("was_keyframe")
_OURS = t.model.c.source_id == bindparam("source")
_last_begun = (
    select(func.max(_one.c.valid_from))
    .where(
        is_of_model(_one, t.model),
        _one.c.valid_from > bindparam("first"),
        _one.c.valid_from <= bindparam("last"),
    )
    .correlate(t.model)
    .scalar_subquery()
)
# The state in force at the first version, and the last that began since.
_BEGUN = (
    select(
        t.model.c.id,
        t.model.c.name,
        *state_columns(_was, _was_keyframe),
        *state_columns(t.model_version, _keyframe),
    )
    .select_from(t.model)
    .join(
        t.model_version,
        is_of_model(t.model_version, t.model) & (t.model_version.c.valid_from == _last_begun),
    )
    .outerjoin(_keyframe, is_keyframe(_keyframe, t.model_version))
    .outerjoin(_was, in_force(_was, t.model, bindparam("first")))
    .outerjoin(_was_keyframe, is_keyframe(_was_keyframe, _was))
    .where(_OURS)
    .order_by(t.model.c.name)
)
_CAME = (
    select(
        t.model_version.c.model_id,
        t.model_version.c.valid_from,
        select(_one.c.valid_to)
        .where(
            _one.c.source_id == t.model_version.c.source_id,
            _one.c.model_id == t.model_version.c.model_id,
            _one.c.valid_from < t.model_version.c.valid_from,
        )
        .order_by(_one.c.valid_from.desc())
        .limit(1)
        .correlate(t.model_version)
        .scalar_subquery(),
    )
    .where(
        t.model_version.c.source_id == bindparam("source"),
        t.model_version.c.model_id.in_(bindparam("models", expanding=True)),
        t.model_version.c.valid_from > bindparam("first"),
        t.model_version.c.valid_from <= bindparam("last"),
    )
    .order_by(t.model_version.c.model_id, t.model_version.c.valid_from)
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
    select(t.model.c.id, t.model.c.name, *state_columns(t.model_version, _keyframe)[2:])
    .select_from(t.model)
    .join(t.model_version, in_force(t.model_version, t.model, bindparam("last")))
    .outerjoin(_keyframe, is_keyframe(_keyframe, t.model_version))
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
