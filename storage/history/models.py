"""The models of a source by name, and what their documents are stored against."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, func, select

from pricetrail.storage import tables as t
from pricetrail.storage.chunks import chunks
from pricetrail.storage.codecs import documents
from pricetrail.storage.globs import matching
from pricetrail.storage.history.versions import in_force, is_of_model
from pricetrail.storage.upsert import insert_or_skip


class Model(NamedTuple):
    """A model's row id, and the document that its next one is to be stored against, if any.

    `base` is the version that the document begins with.
    """

    id: int
    base: int | None
    keyframe: bytes | None

    def packed(self, text: str) -> tuple[int | None, bytes]:
        """The next document as it is stored, and the version whose document it rests on."""
        if self.keyframe is not None:
            packed = documents.encode(text, documents.decode(self.keyframe))
            if not documents.wants_keyframe(packed, text):
                return self.base, packed
        return None, documents.encode(text)

    def after(self, version: int, base: int | None, packed: bytes) -> "Model":
        """The model once that document was stored as `version`."""
        return self if base is not None else Model(self.id, version, packed)


def known(
    connection: Connection, source_id: int, models: Sequence[str], remembered: Mapping[str, Model]
) -> dict[str, Model]:
    """Models by name; rows are made for those never seen before.

    Args:
        remembered: models as the last version left them.
    """
    found = {name: remembered[name] for name in models if name in remembered}
    found |= _find_models(connection, source_id, [name for name in models if name not in found])
    missing = sorted(set(models) - found.keys())
    if missing:
        rows = [{"source_id": source_id, "name": name} for name in missing]
        insert_or_skip(connection, t.model, rows)
        found |= _find_models(connection, source_id, missing)
    return found


def _find_models(connection: Connection, source_id: int, models: Sequence[str]) -> dict[str, Model]:
    found: dict[str, Model] = {}
    for some in chunks(models):
        rows = connection.execute(_MODELS, {"source": source_id, "names": some})
        found |= {row.name: Model(row.id, row.valid_from, row.document) for row in rows}
    return found


_latest, _keyframe = t.model_version.alias("latest"), t.model_version.alias("keyframe")
_MODELS = (
    select(t.model.c.name, t.model.c.id, _keyframe.c.valid_from, _keyframe.c.document)
    .select_from(t.model)
    .outerjoin(_latest, in_force(_latest, t.model))
    .outerjoin(
        _keyframe,
        is_of_model(_keyframe, t.model)
        & (_keyframe.c.valid_from == func.coalesce(_latest.c.base, _latest.c.valid_from)),
    )
    .where(
        t.model.c.source_id == bindparam("source"),
        t.model.c.name.in_(bindparam("names", expanding=True)),
    )
)


def ids_matching(connection: Connection, source_id: int | None, glob: str, most: int) -> list[int]:
    """The row ids of the models, of one source or of all, whose names match a glob.

    Args:
        most: so many at most are given.
    """
    query = select(t.model.c.id).where(matching(connection, t.model.c.name, glob)).limit(most)
    if source_id is not None:
        query = query.where(t.model.c.source_id == source_id)
    return list(connection.execute(query).scalars())
