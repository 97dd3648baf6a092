"""The price of a model at an instant, and how certain it is.

One answer costs a few seeks, whatever the length of the history; a `Timeline` holds all states
of one model for many questions in memory.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches
from typing import NamedTuple

from sqlalchemy import Connection, FromClause, Label, bindparam, func, select, true

from pricetrail.catalog.documents import Document, leaves
from pricetrail.catalog.errors import NotFoundError
from pricetrail.catalog.pointers import dotted
from pricetrail.catalog.prices import within
from pricetrail.catalog.strict_json import loads
from pricetrail.catalog.times import rfc3339
from pricetrail.storage import tables as t
from pricetrail.storage.codecs import documents
from pricetrail.storage.history import versions
from pricetrail.storage.history.versions import ModelState
from pricetrail.storage.polls import coverage
from pricetrail.storage.polls.certainty import Calendar, Certainty, Sighting
from pricetrail.storage.sources import SourceState
from pricetrail.storage.types import AnyRow


class PriceState(NamedTuple):
    """A model's states around an instant: None where it was not visible.

    `certainty` is about the pricing, or about the one field that was asked for. `around` is None
    before the first snapshot; where it has no `after`, the state after is the one before.
    """

    certainty: str
    around: Certainty | None
    before: ModelState | None
    after: ModelState | None


@dataclass(frozen=True, slots=True)
class PriceAt:
    """A model's states around a time, as stored; `hash` is the chain's head at the earlier one."""

    source: str
    model: str
    at: datetime
    hash: bytes
    around: Certainty
    state: PriceState


def price_at(
    connection: Connection,
    source: SourceState,
    model: str,
    at: datetime | None = None,
    field: str | None = None,
) -> PriceAt:
    """The prices of a model at a time; None for as last seen.

    Args:
        field: a JSON Pointer to one price, or to a group of prices: then the certainty is about
            it alone.

    Raises:
        NotFoundError: no snapshot then, an unknown model, one that was not visible then, or
            a field that it does not have.
    """
    moment = at or coverage.last_seen(connection, source.id)
    asked = {"source": source.id, "at": moment, "name": model}
    row = connection.execute(_ANSWER, asked).first() if moment is not None else None
    if moment is None or row is None or row.model_id is None:
        versions.model_id(connection, source.id, model)
        raise NotFoundError(_too_early(connection, source, moment))
    around = coverage.from_row(row, moment)
    before, after = _sides(model, row, around)
    if before is None and after is None:
        raise NotFoundError(_not_visible(connection, source, row.model_id, model, at, moment))
    if field is not None:
        _require_field(model, field, [before, after])
    state = PriceState(around.resolve(agree=agree(before, after, field)), around, before, after)
    return PriceAt(source.name, model, moment, row.hash, around, state)


def _sides(
    model: str, row: AnyRow, around: Certainty
) -> tuple[ModelState | None, ModelState | None]:
    """The model's states before and after; where nothing comes after, the one before again."""
    before = _visible(model, row, "was", around.before)
    if around.after is None or around.after.version == around.before.version:
        return before, before
    return before, _visible(model, row, "now", around.after)


def _visible(model: str, row: AnyRow, side: str, seen: Sighting) -> ModelState | None:
    valid_from, valid_to, document, keyframe = (getattr(row, f"{side}_{name}") for name in _STATE)
    if valid_from is None or (valid_to is not None and valid_to <= seen.version):
        return None
    return ModelState(model, valid_from, valid_to, documents.decode(document, keyframe))


class Timeline:
    """One model over all of a source's history, for many questions in memory."""

    def __init__(self, calendar: Calendar, states: Sequence[ModelState]) -> None:
        self._calendar = calendar
        self._states = list(states)
        self._starts = [state.valid_from for state in states]
        self._agreements: dict[tuple[int, int], bool] = {}

    @property
    def states(self) -> Sequence[ModelState]:
        """Every state, oldest first."""
        return self._states

    def at(self, moment: datetime) -> PriceState:
        """As `price_at` judges it; nothing is raised, the state may be of nothing."""
        around = self._calendar.around(moment)
        if around is None:
            return _BEFORE_HISTORY
        first = self._index(around.before.version)
        before = self._states[first] if first >= 0 else None
        if around.after is None:
            return PriceState(around.certainty, around, before, before)
        if around.after.version == around.before.version:
            return PriceState(around.resolve(agree=True), around, before, before)
        second = self._index(around.after.version)
        after = self._states[second] if second >= 0 else None
        if first == second:
            return PriceState(around.resolve(agree=True), around, before, after)
        agreed = self._agreements.get((first, second))
        if agreed is None:
            agreed = self._agreements[first, second] = agree(before, after, None)
        return PriceState(around.resolve(agreed), around, before, after)

    def over(self, start: datetime, end: datetime) -> list[PriceState]:
        """What holds at every instant from `start` on and before `end`, in order."""
        return [self.at(moment) for moment in (start, *self._calendar.changes(start, end))]

    def _index(self, version: int) -> int:
        """Which state is in force at a version; -1 where the model is not visible."""
        index = bisect_right(self._starts, version) - 1
        if index < 0:
            return -1
        valid_to = self._states[index].valid_to
        return index if valid_to is None or version < valid_to else -1


_BEFORE_HISTORY = PriceState("", None, None, None)


def timeline(
    connection: Connection, source_id: int, model: str, calendar: Calendar | None = None
) -> Timeline:
    """The timeline of a model; `calendar` saves reading it again for the next one.

    Raises:
        NotFoundError: this source has never shown the model; near names are suggested.
    """
    states = versions.states(connection, versions.model_id(connection, source_id, model))
    return Timeline(calendar or coverage.calendar(connection, source_id), states)


def agree(before: ModelState | None, after: ModelState | None, field: str | None) -> bool:
    """Whether two states of a model agree on the pricing, or on one field of it."""
    if before is None or after is None:
        return before is after
    if before.document == after.document:
        return True
    # Only now: the two sides are one state for most questions.
    from pricetrail.catalog.diffs import between  # noqa: PLC0415 - see above

    was, now = _pricing(before), _pricing(after)
    return not any(within(change.path, field) for change in between(was, now))


def _pricing(state: ModelState) -> Document:
    return {"pricing": loads(state.document).get("pricing")}


def _require_field(model: str, field: str, states: Sequence[ModelState | None]) -> None:
    paths = {path for s in states if s is not None for path in leaves(_pricing(s))}
    known = sorted(paths - {"/pricing"})
    if any(within(path, field) for path in known):
        return
    short = {dotted(path): path for path in known}
    near = get_close_matches(dotted(field), list(short), n=3, cutoff=0.5) or list(short)[:8]
    raise NotFoundError(
        f"{model} has no price {dotted(field)!r} then; it has: {', '.join(near) or 'none'}"
    )


def _too_early(connection: Connection, source: SourceState, at: datetime | None) -> str:
    first = versions.first_seen_before(connection, source.id)
    if first is None or at is None:
        return f"{source.name} has no snapshot yet: run `pricetrail poll`"
    return f"no snapshot of {source.name} at {rfc3339(at)}: the first is of {rfc3339(first)}"


def _not_visible(
    connection: Connection,
    source: SourceState,
    model_row: int,
    model: str,
    asked: datetime | None,
    moment: datetime,
) -> str:
    """Says when the model was last seen before, or first seen after, a time."""
    when = f"at {rfc3339(moment)}" if asked is not None else "any more"
    version = coverage.version_at(connection, source.id, moment) or 0
    began = t.model_version.c.valid_from
    mine = (t.model_version.c.source_id == source.id, t.model_version.c.model_id == model_row)
    query = select(func.max(t.model_version.c.valid_to)).where(*mine, began <= version)
    gone = connection.execute(query).scalar()
    if gone is not None:
        row = versions.get_version(connection, source.id, gone)
        seen = f"last seen {rfc3339(row.not_before or row.not_after)}"
    else:
        first = select(func.min(began)).where(*mine)
        row = versions.get_version(connection, source.id, connection.execute(first).scalar_one())
        seen = f"first seen {rfc3339(row.not_after)}"
    hint = "" if asked is not None else "; ask with --at for a time before"
    return f"{model} is not visible to this key {when}: {seen}{hint}"


def _side(name: str, version: FromClause, keyframe: FromClause) -> list[Label[object]]:
    """The columns of a state, each under its name and that of its side."""
    columns = versions.state_columns(version, keyframe)
    return [column.label(f"{name}_{part}") for part, column in zip(_STATE, columns, strict=True)]


_STATE = ("valid_from", "valid_to", "document", "keyframe")
_was, _was_keyframe = t.model_version.alias("was"), t.model_version.alias("was_keyframe")
_now, _now_keyframe = t.model_version.alias("now"), t.model_version.alias("now_keyframe")
# All of an answer at once: the polls around the instant, and the model's state on either side.
_ANSWER = (
    select(
        *coverage.sides,
        *_side("was", _was, _was_keyframe),
        *_side("now", _now, _now_keyframe),
        t.model.c.id.label("model_id"),
        t.snapshot.c.chain_hash.label("hash"),
    )
    .select_from(coverage.before.outerjoin(coverage.after, true()))
    .outerjoin(
        t.model,
        (t.model.c.source_id == bindparam("source")) & (t.model.c.name == bindparam("name")),
    )
    .outerjoin(_was, versions.in_force(_was, t.model, coverage.before.c.version))
    .outerjoin(_was_keyframe, versions.is_keyframe(_was_keyframe, _was))
    .outerjoin(_now, versions.in_force(_now, t.model, coverage.after.c.version))
    .outerjoin(_now_keyframe, versions.is_keyframe(_now_keyframe, _now))
    .outerjoin(
        t.snapshot,
        (t.snapshot.c.source_id == bindparam("source"))
        & (t.snapshot.c.version == coverage.before.c.version),
    )
)
