"""When a model was visible, and its last document."""

from typing import NamedTuple

from sqlalchemy import Connection, bindparam, func, or_, select

from pricetrail.storage import tables as t
from pricetrail.storage.codecs import documents
from pricetrail.storage.history.versions import is_keyframe


class VisibleVersions(NamedTuple):
    """The versions `begin <= v < end` in which a model was visible; `end` None: it still is."""

    begin: int
    end: int | None


class LastState(NamedTuple):
    """A model's last document, and the versions `begin <= v < end` it was in force for."""

    begin: int
    end: int | None
    document: str


def visible_versions(
    connection: Connection, source_id: int, model_id: int, version: int, since: int = 0
) -> list[VisibleVersions]:
    """When a model was visible, as known at a version: neighbouring states as one.

    Args:
        since: of the states that began with this version or later.
    """
    asked = {"source": source_id, "model": model_id, "version": version, "since": since}
    whole = connection.execute(_WHOLE, asked).one()
    if whole.first is None:
        return []
    # No state overlaps the next: where all of them leave nothing out, none is apart.
    if whole.last_end is None and whole.apart == 0:
        return [VisibleVersions(whole.first, None)]
    joined: list[VisibleVersions] = []
    for begin, end, before, _ in connection.execute(_STATES, asked):
        known = None if end is None or end > version else end
        if before != begin:
            joined.append(VisibleVersions(begin, known))
        else:
            joined[-1] = VisibleVersions(joined[-1].begin, known)
    return joined


def last_state(
    connection: Connection, source_id: int, model_id: int, version: int
) -> LastState | None:
    """The last state of a model by a version, as known then; None where it was not seen yet."""
    asked = {"source": source_id, "model": model_id, "version": version}
    row = connection.execute(_LAST, asked).first()
    if row is None:
        return None
    begin, end, document, keyframe = row
    known = None if end is None or end > version else end
    return LastState(begin, known, documents.decode(document, keyframe))


_THEIRS = (
    t.model_version.c.source_id == bindparam("source"),
    t.model_version.c.model_id == bindparam("model"),
    t.model_version.c.valid_from <= bindparam("version"),
)
_THEIRS_SINCE = (*_THEIRS, t.model_version.c.valid_from >= bindparam("since"))
# What lies between the end of a state and the next one's beginning, all of it together; the end
# of the last counts as none.
_last_end = (
    select(t.model_version.c.valid_to)
    .where(*_THEIRS)
    .order_by(t.model_version.c.valid_from.desc())
    .limit(1)
    .scalar_subquery()
)
_WHOLE = select(
    func.min(t.model_version.c.valid_from).label("first"),
    (
        func.sum(t.model_version.c.valid_from)
        - func.min(t.model_version.c.valid_from)
        - func.coalesce(func.sum(t.model_version.c.valid_to), 0)
    ).label("apart"),
    _last_end.label("last_end"),
).where(*_THEIRS_SINCE)
_states = (
    select(
        t.model_version.c.valid_from,
        t.model_version.c.valid_to,
        func.lag(t.model_version.c.valid_to).over(order_by=t.model_version.c.valid_from),
        func.lead(t.model_version.c.valid_from).over(order_by=t.model_version.c.valid_from),
    )
    .where(*_THEIRS_SINCE)
    .subquery("states")
)
_began, _ended, _ended_before, _began_after = _states.c
# Of thousands of neighbours the first and the last alone.
_STATES = (
    select(_states)
    .where(
        or_(
            _ended_before.is_distinct_from(_began),
            _began_after.is_distinct_from(_ended),
            _began_after.is_(None),
        )
    )
    .order_by(_began)
)
_keyframe = t.model_version.alias("keyframe")
_LAST = (
    select(
        t.model_version.c.valid_from,
        t.model_version.c.valid_to,
        t.model_version.c.document,
        _keyframe.c.document.label("keyframe"),
    )
    .outerjoin(_keyframe, is_keyframe(_keyframe, t.model_version))
    .where(*_THEIRS)
    .order_by(t.model_version.c.valid_from.desc())
    .limit(1)
)
