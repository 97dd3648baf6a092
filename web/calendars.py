"""A calendar of coverage as drawings: months of days, and days of hours."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import groupby

from markupsafe import Markup, escape

from pricetrail.queries.coverage import Shares
from pricetrail.queries.coverage_parts import Part
from pricetrail.text.time_ranges import day as day_words
from pricetrail.text.time_ranges import month as month_words

# What a part of a drawing shows, and what it is called; a gap is on top, where it is seen first.
GAP, BRACKETED, OBSERVED, NONE = "gap", "bracketed", "observed", "none"
_CELL, _PITCH = 20, 22
# What there is of a gap is seen, however short it was.
_LEAST = 5
_FILLS = {name: f' fill="url(#{name})"' for name in (GAP, BRACKETED)}


@dataclass(frozen=True, slots=True)
class Band:
    """A piece of a drawing: what it shows, where it begins, how far it reaches."""

    shows: str
    start: int
    length: int
    title: str = ""


_ALL_OBSERVED = (Band(OBSERVED, 0, _CELL),)


@dataclass(frozen=True, slots=True)
class Day:
    """One day in its month's drawing; `bands` from top to bottom."""

    number: int
    x: int
    y: int
    title: str
    bands: tuple[Band, ...]


@dataclass(frozen=True, eq=False, slots=True)
class MonthName:
    """A month, by its first day."""

    first: date

    @property
    def key(self) -> str:
        """As it stands in an address."""
        return f"{self.first:%Y-%m}"

    @property
    def name(self) -> str:
        """As it is called."""
        return month_words(self.first)


@dataclass(frozen=True, eq=False, slots=True)
class Month(MonthName):
    """How a month's time divides, and its days; `gaps` counts those with one.

    `parts` are the days of which something is known.
    """

    parts: tuple[Part, ...]
    shares: Shares
    days: tuple[Day, ...]
    gaps: int


@dataclass(frozen=True, slots=True)
class Hours:
    """One day of a month's list: how its time divides, and its hours in a row."""

    at: datetime
    shares: Shares
    bands: tuple[Band, ...]


def months(
    days: Iterable[Part], since: datetime, until: datetime, known: Iterable[Month] = ()
) -> list[Month]:
    """The months from `since` up to `until`, newest last, with every day that they have.

    Args:
        known: what was drawn before; a month with the same days stays the same.
    """
    before = {month.first: month for month in known}
    by_month = {
        key: tuple(some) for key, some in groupby(days, lambda part: _day_of(part).replace(day=1))
    }
    first, found = since.astimezone(UTC).date().replace(day=1), []
    while datetime(first.year, first.month, 1, tzinfo=UTC) < until:
        parts, last = by_month.get(first, ()), before.get(first)
        found.append(last if last is not None and last.parts == parts else _month(first, parts))
        first = next_month(first)
    return found


def _day_of(part: Part) -> date:
    return part.since.astimezone(UTC).date()


def next_month(first: date) -> date:
    """The first day of the month after one."""
    return (first + timedelta(days=32)).replace(day=1)


def drawn(month: Month, address: str) -> Markup:
    """A month as SVG; each day leads to its place at an address.

    Written here and not by a template: a year of days costs a template forty milliseconds.
    """
    href, around = escape(address), 'viewBox="0 0 152 130" aria-hidden="true" focusable="false"'
    days = "".join(_drawn(day, href) for day in month.days)
    return Markup(f'<svg class="cal month" {around}>{days}</svg>')  # noqa: S704 - escaped, or numbers and words of ours


def _drawn(day: Day, href: str) -> str:
    bands = "".join(
        f'<rect x="{day.x}" y="{day.y + band.start}" width="{_CELL}" height="{band.length}" '
        f'class="{band.shows}"{_FILLS.get(band.shows, "")}/>'
        for band in day.bands
    )
    return (
        f'<a href="{href}#d{day.number}" tabindex="-1"><title>{day.title}</title>{bands}'
        f'<text x="{day.x + 10}" y="{day.y + 14}">{day.number}</text></a>\n'
    )


def hours(days: Sequence[Part], each_hour: Sequence[Part]) -> list[Hours]:
    """The days with the hours in them."""
    by_day = {key: list(some) for key, some in groupby(each_hour, lambda part: part.since.date())}
    return [Hours(day.since, day.shares, _strip(by_day[day.since.date()])) for day in days]


def words(shares: Shares) -> str:
    """`95.83 % observed, 4.17 % gap`; what is all of it without a number."""
    if not (shares.gap or shares.bracketed):
        return "all observed" if shares.observed else ""
    found = {
        "observed": shares.observed,
        "bracketed": shares.bracketed,
        "gap": shares.gap,
    }
    some = {name: length for name, length in found.items() if length}
    if len(some) == 1:
        return f"all {next(iter(some))}"
    return ", ".join(f"{shares.percent(length)}% {name}" for name, length in some.items())


def _month(first: date, parts: tuple[Part, ...]) -> Month:
    known = {_day_of(part): part for part in parts}
    days = []
    at, offset = first, first.weekday()
    while at.month == first.month:
        column, row = (offset + at.day - 1) % 7, (offset + at.day - 1) // 7
        days.append(_day(at, column * _PITCH, row * _PITCH, known.get(at)))
        at += timedelta(days=1)
    gaps = sum(1 for part in parts if part.shares.gap)
    return Month(first, parts, Shares.total(part.shares for part in parts), tuple(days), gaps)


def _day(at: date, x: int, y: int, part: Part | None) -> Day:
    if part is None:
        return Day(at.day, x, y, f"{_name(at)}: no data", (Band(NONE, 0, _CELL),))
    return Day(at.day, x, y, f"{_name(at)}: {words(part.shares)}", _bands(part.shares))


def _name(at: date) -> str:
    return day_words(datetime(at.year, at.month, at.day, tzinfo=UTC))


def _bands(shares: Shares) -> tuple[Band, ...]:
    """The shares from top to bottom, each that there is thick enough to be seen."""
    if not (shares.gap or shares.bracketed):
        return _ALL_OBSERVED  # as most days are
    whole = shares.observed + shares.bracketed + shares.gap
    some = {GAP: shares.gap, BRACKETED: shares.bracketed, OBSERVED: shares.observed}
    wanted = {
        name: max(_LEAST, round(_CELL * (length / whole)))
        for name, length in some.items()
        if length
    }
    widest = max(wanted, key=lambda name: wanted[name])
    wanted[widest] += _CELL - sum(wanted.values())
    bands, start = [], 0
    for name, thickness in wanted.items():
        bands.append(Band(name, start, thickness))
        start += thickness
    return tuple(bands)


def _strip(some: list[Part]) -> tuple[Band, ...]:
    """Hours in a row that show the same, as one band each; a unit is an hour."""
    bands = []
    for shows, group in groupby(some, _shows):
        run = list(group)
        start, end = run[0].since.hour, run[-1].since.hour + 1
        bands.append(Band(shows, start, end - start, f"{start:02}:00–{end:02}:00 {shows}"))
    return tuple(bands)


def _shows(part: Part) -> str:
    if part.shares.gap:
        return GAP
    return BRACKETED if part.shares.bracketed else OBSERVED
