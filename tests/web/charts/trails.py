"""Trails made by hand, and pictures read back."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from xml.etree import ElementTree as ET

from pricetrail.catalog.changes import Change
from pricetrail.queries.coverage import Gap
from pricetrail.queries.price_groups import grouped
from pricetrail.queries.steps import PriceTrail, Step, Visible, price_trail
from pricetrail.queries.trail import TrailAnswer
from pricetrail.queries.trail_events import TrailEvent
from pricetrail.web.charts.marks import Links
from tests.support.histories import at

BEGIN, END = at("2026-03-01"), at("2026-08-01")
PROMPT, COMPLETION = "/pricing/text/prompt", "/pricing/text/completion"
LINKS = Links(lambda name: f"/event/{name}", lambda begin, end: f"/timeline?{begin}&{end}")

# When it was last seen otherwise, when it was first seen, and what: None where it went.
Moves = Sequence[tuple[datetime | None, datetime, str | None]]


def steps(moves: Moves, name: str = "e") -> list[Step]:
    """The steps of a price; each but a first one without a window has an event."""
    return [
        Step(before, seen, _amount(value), None, number, f"{name}{number}" if before else None)
        for number, (before, seen, value) in enumerate(moves, 1)
    ]


def _amount(value: str | None) -> Decimal | None:
    return None if value is None else Decimal(value)


def trail(
    prices: dict[str, Moves],
    *,
    model: str = "m",
    gaps: Sequence[Gap] = (),
    visible: Sequence[Visible] | None = None,
    more: Sequence[TrailEvent] = (),
    since: datetime = BEGIN,
) -> TrailAnswer:
    """The answer for a model with these prices, of which each change is an event of its own."""
    found: list[PriceTrail] = []
    events: list[TrailEvent] = [*more]
    for place, (path, moves) in enumerate(prices.items()):
        some = steps(moves, f"evt_{place}_")
        found += filter(None, [price_trail(path, some, since, END)])
        for before, step in zip([None, *some], some, strict=False):
            if step.event_id is not None:
                change = Change(path, before.amount if before else None, step.amount)
                window = (step.not_before, step.not_after)
                events.append(
                    TrailEvent(step.event_id, "model.repriced", step.version, *window, (change,))
                )
    return TrailAnswer(
        source="s",
        model=model,
        version=1,
        since=since,
        until=END,
        tracked_since=BEGIN,
        document={},
        price=None,
        groups=grouped(found),
        visible=tuple(visible or [Visible((None, BEGIN), None, 1, None, baseline=True)]),
        gaps=tuple(gaps),
        seen_until=seen_until(END, gaps),
        events=tuple(sorted(events, key=lambda event: event.not_after)),
    )


def seen_until(end: datetime, gaps: Sequence[Gap]) -> datetime:
    """The last instant that polls have seen."""
    return gaps[-1].since if gaps and gaps[-1].until == end else end


def many(count: int, low: int = 10) -> Moves:
    """So many changes, evenly over the time, up and down."""
    apart = (END - BEGIN) / count
    values = [f"0.000{low + n * 7919 % 97:03d}" for n in range(count)]
    return [(None, BEGIN, values[0])] + [
        (BEGIN + n * apart - min(apart / 2, timedelta(hours=1)), BEGIN + n * apart, values[n])
        for n in range(1, count)
    ]


def parsed(markup: str) -> ET.Element:
    """The markup as XML, which it is: every tag is closed, every value escaped."""
    return ET.fromstring(markup)


def with_class(root: ET.Element, name: str) -> Iterator[ET.Element]:
    """Every element of a class."""
    return (one for one in root.iter() if name in one.get("class", "").split())


def picture(root: ET.Element, name: str = "wide") -> ET.Element:
    """One of the two pictures of a figure."""
    return next(with_class(root, name))


def points(d: str) -> list[list[tuple[float, float]]]:
    """The lines of a path, read back: its `M`, `L`, `H` and `V`, all absolute."""
    found: list[list[tuple[float, float]]] = []
    x = y = 0.0
    for command, given in _commands(d):
        numbers = [float(number) for number in given.split()]
        if command in "ML":
            x, y = numbers
        elif command == "H":
            (x,) = numbers
        else:
            (y,) = numbers
        if command == "M":
            found.append([])
        found[-1].append((x, y))
    return found


def _commands(d: str) -> Iterator[tuple[str, str]]:
    command, given = "", ""
    for letter in d.replace("h0", ""):
        if letter in "MLHV":
            if command:
                yield command, given
            command, given = letter, ""
        else:
            given += letter
    if command:
        yield command, given
