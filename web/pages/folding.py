"""Many changes as few lines: equal ones of many models, and one model's again and again."""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from pricetrail.catalog.changes import Change
from pricetrail.catalog.event_details import ModelSunset
from pricetrail.catalog.events import ADDED, REMOVED, REPRICED, Event
from pricetrail.queries.timeline import Group, grouped
from pricetrail.text.retirements import retirement
from pricetrail.text.time_ranges import Window

# A source and one of its models.
_Key: TypeAlias = tuple[str, str | None]

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
    def key(self) -> Hashable:
        """What names it: an id stands for all that an event says but for its times."""
        return self.times, *((event.id, event.at, event.not_before) for event in self.events)

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

    @property
    def key(self) -> Hashable:
        """What names it."""
        group = self.group
        return group.source, group.version, self.window, *(line.key for line in self.lines)


def paragraphs_of(oldest_first: Sequence[Event]) -> list[Paragraph]:
    """Events as the timeline tells them, the newest first."""
    return folded(grouped(oldest_first[::-1]))


def folded(groups: Sequence[Group], *, over_time: bool = False) -> list[Paragraph]:
    """Groups as lines, in their order.

    Args:
        over_time: also make one line of a model that changed again and again, at its newest.
    """
    lines = [(group, list(_lines(group.events))) for group in groups]
    if not over_time:
        return [Paragraph(group, tuple(some)) for group, some in lines if some]
    keyed = [(group, [(line, _key(line)) for line in some]) for group, some in lines]
    often = _often(pair for _, some in keyed for pair in some)
    told: set[_Key] = set()
    paragraphs = []
    for group, pairs in keyed:
        shown = []
        for line, key in pairs:
            if key is None or key not in often:
                shown.append(line)
            elif key not in told:
                told.add(key)
                shown.append(_over_time(often[key]))
        if shown:
            paragraphs.append(Paragraph(group, tuple(shown)))
    return paragraphs


def _key(line: Line) -> _Key | None:
    """The source and the model of one change of prices; None for what is told otherwise."""
    event = line.event
    alone = event.type == REPRICED and len(line.events) == 1
    return (event.source, event.model) if alone else None


def _often(lines: Iterable[tuple[Line, _Key | None]]) -> Mapping[_Key, list[Event]]:
    """The changes of each model that changed often, newest first."""
    by_model: dict[_Key, list[Event]] = defaultdict(list)
    for line, key in lines:
        if key is not None:
            by_model[key].append(line.event)
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
    if isinstance(event.details, ModelSunset):
        return event.type, retirement(event.details)
    return (event.type, event.changes) if event.type == REPRICED else event.id
