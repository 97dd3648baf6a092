"""Many changes as few lines: equal ones of many models, and one model's again and again."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from pricetrail.catalog.changes import Change
from pricetrail.catalog.events import ADDED, REMOVED, REPRICED, Event
from pricetrail.queries.timeline import Group
from pricetrail.text.time_ranges import Window

# A model that changed so often in what is shown is one line.
_OFTEN = 3
# So many models of one snapshot with the same to tell are one line.
_MANY = 4


@dataclass(frozen=True, slots=True)
class Line:
    """One event, or several that are told as one, oldest first; `changes` is what is shown.

    `times` is how often the one model changed, 1 where they are of several models.
    """

    events: tuple[Event, ...]
    changes: tuple[Change, ...]
    times: int = 1

    @property
    def event(self) -> Event:
        """The newest of them."""
        return self.events[-1]

    @property
    def models(self) -> tuple[str, ...]:
        """The models, each once, by name."""
        return tuple(sorted({event.model for event in self.events if event.model is not None}))

    @property
    def since(self) -> datetime:
        """When the first of them was seen."""
        return self.events[0].at


@dataclass(frozen=True, slots=True)
class Paragraph:
    """The lines of one snapshot, or of one thing that happened to a source."""

    group: Group
    lines: tuple[Line, ...]

    @property
    def window(self) -> Window:
        """The times between which it happened."""
        return self.group.window


def folded(groups: Sequence[Group], *, over_time: bool = False) -> list[Paragraph]:
    """Groups as lines, in their order.

    Args:
        over_time: also make one line of a model that changed again and again, at its newest.
    """
    often = _often(groups) if over_time else {}
    told: set[tuple[str, str | None]] = set()
    paragraphs = []
    for group in groups:
        lines = []
        for line in _lines(group.events):
            key = (group.source, line.event.model)
            if len(line.events) == 1 and line.event.type == REPRICED and key in often:
                if key in told:
                    continue
                told.add(key)
                line = _over_time(often[key])  # noqa: PLW2901 - the one line for all of them
            lines.append(line)
        if lines:
            paragraphs.append(Paragraph(group, tuple(lines)))
    return paragraphs


def _often(groups: Sequence[Group]) -> Mapping[tuple[str, str | None], list[Event]]:
    """The repriced events of each model that changed often, newest first."""
    by_model: dict[tuple[str, str | None], list[Event]] = defaultdict(list)
    for group in groups:
        for event in group.events:
            if event.type == REPRICED:
                by_model[group.source, event.model].append(event)
    return {key: events for key, events in by_model.items() if len(events) >= _OFTEN}


def _over_time(newest_first: Sequence[Event]) -> Line:
    """A model's changes as one: each price from where it stood first to where it stands now."""
    events = tuple(reversed(newest_first))
    joined: dict[str, Change] = {}
    for change in (change for event in events for change in event.changes):
        before = joined.get(change.path)
        joined[change.path] = Change(
            change.path, change.old if before is None else before.old, change.new
        )
    return Line(events, tuple(joined[path] for path in sorted(joined)), len(events))


def _lines(events: Sequence[Event]) -> Iterator[Line]:
    """One line for each event, but one for many that say the same."""
    alike: dict[object, list[Event]] = {}
    for event in events:
        alike.setdefault(_what(event), []).append(event)
    for some in alike.values():
        if len(some) >= _MANY:
            yield Line(tuple(some), some[0].changes)
        else:
            yield from (Line((event,), event.changes) for event in some)


def _what(event: Event) -> object:
    """What an event says, whatever the model."""
    if event.type in (ADDED, REMOVED):
        return event.type
    return (event.type, event.changes) if event.type == REPRICED else event.id
