"""The events of one model, put together from rows: no document is read for them."""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from pricetrail.catalog import event_types as kinds
from pricetrail.catalog.changes import ABSENT, Change, direction
from pricetrail.queries.steps import Step
from pricetrail.storage.history.trails import EventRow, Window


class TrailEvent(NamedTuple):
    """An event of a model: as the log tells it, without the documents of those added or removed.

    It happened between `not_before`, None where nothing was seen before, and `not_after`.
    """

    id: str
    type: str
    version: int
    not_before: datetime | None
    not_after: datetime
    changes: tuple[Change, ...]

    @property
    def window(self) -> tuple[datetime | None, datetime]:
        """The times between which it happened."""
        return self.not_before, self.not_after

    @property
    def key(self) -> Hashable:
        """What names it: an id stands for all that an event says but for its times."""
        return self.id, self.window

    @property
    def direction(self) -> str | None:
        """`increase`, `decrease`, `mixed` or `none`; None for a model that came or went."""
        told = self.type in (kinds.REPRICED, kinds.UPDATED, kinds.SUNSET)
        return direction(self.changes) if told else None


def trail_events(
    rows: Sequence[EventRow],
    windows: Mapping[int, Window],
    steps: Mapping[str, Sequence[Step]],
) -> tuple[TrailEvent, ...]:
    """The events that rows tell of, oldest first.

    Args:
        steps: of each path: amounts that changed, and nothing else, are told by them alone.
    """
    implied = _implied(rows, steps)
    found = []
    for row in rows:
        not_before, not_after = windows[row.version]
        changes = row.changes
        if changes is None:
            changes = implied.get(row.version, ()) if row.type == kinds.REPRICED else ()
        found.append(TrailEvent(row.id, row.type, row.version, not_before, not_after, changes))
    return tuple(found)


def _implied(
    rows: Iterable[EventRow], steps: Mapping[str, Sequence[Step]]
) -> dict[int, tuple[Change, ...]]:
    """What changed at the versions of which only the rows of prices tell, by path."""
    wanted = {row.version for row in rows if row.type == kinds.REPRICED and row.changes is None}
    found: dict[int, list[Change]] = {}
    for path in sorted(steps):
        before: Step | None = None
        for step in steps[path]:
            if step.version in wanted and _is_amounts(before, step):
                old = ABSENT if before is None or before.amount is None else before.amount
                new = ABSENT if step.amount is None else step.amount
                found.setdefault(step.version, []).append(Change(path, old, new))
            before = step
    return {version: tuple(changes) for version, changes in found.items()}


def _is_amounts(before: Step | None, step: Step) -> bool:
    """Whether an amount came, went or moved, and no text stood on either side."""
    if step.flagged is not None or (before is not None and before.flagged is not None):
        return False
    return step.amount is not None or (before is not None and before.amount is not None)


def event_ids(rows: Iterable[EventRow]) -> dict[tuple[int, bool], str]:
    """The event of each version that tells of amounts (True), and the one that does not.

    One of a date of retirement tells of no price, and of nothing that stands where one should.
    """
    return {
        (row.version, row.type != kinds.UPDATED): row.id for row in rows if row.type != kinds.SUNSET
    }
