"""When a price holds: from a day on, for a service tier, at a time, above a length of prompt.

In a document a condition is a path below `tiers`: `tiers.over_272k`, `tiers.batch`,
`tiers.utc_1630_0030`, `tiers.priority.over_200k` (contract, section 7.4). Of the prices whose
conditions are met, the one with the most conditions wins; among as many, a service tier goes
before a time of day, and that before a threshold; the highest threshold that is passed wins, and
of two times of day the shorter one, or else the one that starts later.

A day stands outside all others: `tiers.from_20260901.priority.over_200k`. What a day names, on
whatever conditions, goes from then on in place of all that the price of the same name was before,
on whatever conditions (`catalog.placed_prices`).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

BATCH = "batch"

# Any day that a month may have: of one that has fewer it is the first of the next one.
_FROM = re.compile(r"from_([1-9][0-9]{3}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01]))", re.ASCII)
_OVER = re.compile(r"over_([0-9]{1,12})(k|m)?", re.ASCII)
_WINDOW = re.compile(r"utc_([01][0-9]|2[0-3])([0-5][0-9])_([01][0-9]|2[0-3])([0-5][0-9])", re.ASCII)
_SERVICE = re.compile(r"[a-z][a-z0-9_-]{0,39}", re.ASCII)
# The groups of prices: what stands there is no condition.
_GROUPS = frozenset({"text", "cache", "multimodal", "generation", "native"})
_SCALE = {None: 1, "k": 1000, "m": 1_000_000}
_THOUSAND, _HOUR, _DAY = 1000, 60, 1440


@dataclass(frozen=True, slots=True)
class Window:
    """A time of day in UTC: minutes since midnight, from `start` on and before `end`.

    It lasts over midnight where it ends before it starts, and all day where both are the same.
    """

    start: int
    end: int

    def holds(self, at: datetime) -> bool:
        """Whether an instant (aware, UTC) lies in it."""
        return self.covers(at.hour * _HOUR + at.minute)

    def covers(self, minute: int) -> bool:
        """Whether a minute of the day lies in it, counted from midnight in UTC."""
        if self.start < self.end:
            return self.start <= minute < self.end
        return minute >= self.start or minute < self.end

    @property
    def length(self) -> int:
        """How many minutes of a day it lasts."""
        return (self.end - self.start) % _DAY or _DAY

    def __str__(self) -> str:
        """`16:30 to 00:30 UTC`."""
        return f"{_clock(self.start, ':')} to {_clock(self.end, ':')} UTC"


@dataclass(frozen=True, slots=True)
class Condition:
    """What must be so for a price to hold; nothing of it for the usual price.

    `service`: the service tier (`batch`, `priority`, `flex` …), "" for any. `window`: the time of
    day. `threshold`: the prompt has more tokens than this; 0 for any. `since`: from this day on
    (UTC), as the number 20260901; 0 for any.
    """

    service: str = ""
    window: Window | None = None
    threshold: int = 0
    since: int = 0

    def __bool__(self) -> bool:
        return bool(self.service or self.window or self.threshold or self.since)

    @property
    def undated(self) -> "Condition":
        """What must be so besides, once its day has come."""
        return replace(self, since=0) if self.since else self

    @property
    def segments(self) -> tuple[str, ...]:
        """Its place below `tiers`: `("priority", "over_200k")`."""
        window = self.window
        named = (
            self.since and f"from_{self.since}",
            self.service,
            window and f"utc_{_clock(window.start)}_{_clock(window.end)}",
            self.threshold and f"over_{threshold_name(self.threshold)}",
        )
        return tuple(name for name in named if name)

    @property
    def rank(self) -> tuple[int, int, bool, bool, int, int, int]:
        """Of the conditions that are met, the one of the highest rank wins; no two have the same.

        But for two service tiers, of which never both are met.
        """
        shape = len(self.segments), bool(self.service), self.window is not None, self.threshold
        return (
            self.since,
            *shape,
            *((-self.window.length, self.window.start) if self.window else (0, 0)),
        )

    @property
    def words(self) -> str:
        """`priority, 16:30 to 00:30 UTC, above 272k`; "" for the usual price."""
        return self._said()

    @property
    def heading(self) -> str:
        """As a name of its own: `priority, 16:30 to 00:30 UTC, prompt above 272k tokens`."""
        return self._said("prompt ", " tokens")

    def _said(self, prompt: str = "", tokens: str = "") -> str:
        above = f"{prompt}above {threshold_name(self.threshold)}{tokens}" if self.threshold else ""
        since = f"from {day_name(self.since)} on" if self.since else ""
        return ", ".join(filter(None, (since, self.service, str(self.window or ""), above)))


ALWAYS = Condition()


def day_name(day: int) -> str:
    """`2026-09-01` for 20260901."""
    return f"{day // 10_000}-{day // 100 % 100:02}-{day % 100:02}"


def day_of(at: datetime) -> int:
    """The day of an instant (aware, UTC) as the number of a condition's day."""
    return at.year * 10_000 + at.month * 100 + at.day


def begin_of(day: int) -> datetime:
    """The instant at which a condition's day begins."""
    year, month, number = day // 10_000, day // 100 % 100, day % 100
    first = date(year, month, 1)
    found = first + timedelta(days=number - 1)
    if found.month != month:
        found = found.replace(day=1)
    return datetime(found.year, found.month, found.day, tzinfo=UTC)


def threshold_name(tokens: int) -> str:
    """`272k` for 272,000; other numbers in full."""
    return f"{tokens // _THOUSAND}k" if tokens % _THOUSAND == 0 else str(tokens)


def window(start: int, end: int) -> Window:
    """A time of day from clock times as whole numbers, HHMM: 1630 is 16:30, 100 is 01:00.

    Raises:
        ValueError: one is no time of day; 2400 is midnight.
    """
    return Window(_minutes(start), _minutes(end))


@lru_cache(maxsize=4096)
def read(segments: tuple[str, ...]) -> tuple[Condition, tuple[str, ...]] | None:
    """The condition that the segments below `/pricing/tiers` begin with, and what comes after.

    None where they name none that is known. A service tier is a name; whichever is not yet known
    is one as well, unless it is the name of a group of prices.
    """
    rest = list(segments)
    service, hours, threshold, since = "", None, 0, 0
    if rest and (match := _FROM.fullmatch(rest[0])):
        since = int(match[1])
        rest.pop(0)
    if rest and rest[0] not in _GROUPS and _SERVICE.fullmatch(rest[0]) and not _is_other(rest[0]):
        service = rest.pop(0)
    if rest and (match := _WINDOW.fullmatch(rest[0])):
        numbers = [int(part) for part in match.groups()]
        hours = Window(numbers[0] * _HOUR + numbers[1], numbers[2] * _HOUR + numbers[3])
        rest.pop(0)
    if rest and (match := _OVER.fullmatch(rest[0])):
        threshold = int(match[1]) * _SCALE[match[2]]
        rest.pop(0)
    condition = Condition(service, hours, threshold, since)
    return (condition, tuple(rest)) if condition and rest else None


def split_condition(tokens: Sequence[str]) -> tuple[Condition, tuple[str, ...]]:
    """A price path's tokens (`pricing`, …) as its condition, and its path without it."""
    if tuple(tokens[:2]) == ("pricing", "tiers"):
        found = read(tuple(tokens[2:]))
        if found is not None:
            return found[0], ("pricing", *found[1])
    return ALWAYS, tuple(tokens)


def _is_other(segment: str) -> bool:
    return segment.startswith(("from_", "over_", "utc_"))


def _minutes(clock: int) -> int:
    hours, minutes = divmod(clock, 100)
    if not 0 <= clock <= 2400 or minutes >= _HOUR:
        raise ValueError(f"{clock} is no time of day as HHMM")
    return (hours * _HOUR + minutes) % _DAY


def _clock(minutes: int, between: str = "") -> str:
    return f"{minutes // _HOUR:02}{between}{minutes % _HOUR:02}"
