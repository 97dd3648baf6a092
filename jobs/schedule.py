"""When a source is due: a crontab in its time zone, or a plain interval.

cronsim reads the crontab and walks the wall clock; what daylight saving makes of a wall time is
decided here, so that each slot is one instant and no instant comes twice.
"""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache

from cronsim import CronSim, CronSimError

from pricetrail.catalog.errors import InvalidInputError
from pricetrail.catalog.times import TimeError, duration, find_zone
from pricetrail.jobs.wallclock import first_change, instant, offset_at, wall

MIN_PERIOD = timedelta(seconds=10)
MAX_PERIOD = timedelta(days=366)
MAX_JITTER = timedelta(seconds=60)
_SECOND = timedelta(seconds=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EVERY = re.compile(r"every\s+(\S.*)", re.IGNORECASE | re.DOTALL)
_NAMED = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}
# Of a crontab: what a field is called, how many there are of it, and in what.
_FIELDS = (
    ("minute", 60, "an hour"),
    ("hour", 24, "a day"),
    ("day", 31, "a month"),
    ("month", 12, "a year"),
    ("weekday", 7, "a week"),
)
# A service asks every second what comes next: until that slot has come, the answer stays.
_last_answers: dict["Schedule", tuple[datetime, datetime]] = {}
_MANY = 256
_LONG_ENOUGH_AGO = datetime(1900, 1, 1)  # noqa: DTZ001 - a wall time


class ScheduleError(InvalidInputError, ValueError):
    """A schedule or time zone that cannot be read. The text does not repeat what was given."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """Slots in time; made by `Schedule.parse`.

    A crontab with a fixed minute and hour follows Debian's cron at daylight saving: a slot whose
    hour does not exist moves to the first instant after the gap, one whose hour comes twice runs
    the first time only. A crontab whose minute or hour begins with `*` follows elapsed time: it
    matches what the clock on the wall shows, in both passes of a doubled hour.
    Intervals are aligned to the epoch and know no time zone.
    """

    text: str
    zone: tzinfo
    crontab: str | None
    interval: timedelta | None

    @classmethod
    def parse(cls, text: str, timezone: str = "UTC") -> "Schedule":
        """Read five crontab fields, `@hourly` and its like, or `every 15m` (10 s to 366 days).

        Raises:
            ScheduleError: anything else, a crontab that never comes (30 February), or a time
                zone that this machine does not know.
        """
        zone = parse_timezone(timezone)
        every = _EVERY.fullmatch(text.strip())
        if every:
            return cls(text.strip(), zone, None, _interval(every[1]))
        schedule = cls(text.strip(), zone, _crontab(text), None)
        if next(_walk(schedule.crontab or "", _LONG_ENOUGH_AGO), None) is None:
            raise ScheduleError("this crontab never comes: check its day and month")
        return schedule

    def next_after(self, moment: datetime) -> datetime:
        """The first slot strictly after an aware `moment`, in UTC."""
        moment = moment.astimezone(UTC)
        if self.interval is not None:
            return _EPOCH + ((moment - _EPOCH) // self.interval + 1) * self.interval
        since, slot = _last_answers.get(self, (moment, moment))
        if since <= moment < slot:
            return slot
        slot = self._next_after(moment)
        if len(_last_answers) >= _MANY:
            _last_answers.clear()
        _last_answers[self] = (moment, slot)
        return slot

    def _next_after(self, moment: datetime) -> datetime:
        slot = self._fixed(moment) if self._is_fixed() else self._elapsed(moment)
        if slot is None:
            raise ScheduleError("this crontab does not come any more: check its day and month")
        return slot

    def period(self, moment: datetime) -> timedelta:
        """The time between the next two slots after `moment`."""
        first = self.next_after(moment)
        return self.next_after(first) - first

    def period_from(self, slot: datetime) -> timedelta:
        """The time from a slot to the one after it."""
        return self.interval or _period_from(self, slot)

    def slots(self, start: datetime, end: datetime) -> Iterator[datetime]:
        """Every slot with `start < slot <= end`, in order."""
        slot = self.next_after(start)
        while slot <= end:
            yield slot
            slot = self.next_after(slot)

    def _is_fixed(self) -> bool:
        minute, hour, *_ = (self.crontab or "").split()
        return not (minute.startswith("*") or hour.startswith("*"))

    def _fixed(self, moment: datetime) -> datetime | None:
        for slot in _walk(self.crontab or "", wall(moment, self.zone)):
            slot_at = instant(slot, self.zone)
            if slot_at > moment:
                return slot_at
        return None

    def _elapsed(self, moment: datetime) -> datetime | None:
        """Walk the wall clock under one offset at a time."""
        offset = offset_at(moment, self.zone)
        start = (moment + offset).replace(tzinfo=None)
        while True:
            slot = next(_walk(self.crontab or "", start), None)
            if slot is None:
                return None
            slot_at = slot.replace(tzinfo=UTC) - offset
            change = first_change(moment, slot_at, self.zone)
            if change is None:
                return slot_at
            # The change itself may be a slot: look again from just before it, on the new clock.
            moment, offset = change, offset_at(change, self.zone)
            start = (change + offset - _SECOND).replace(tzinfo=None)


def parse_timezone(name: str) -> tzinfo:
    """An IANA time zone. Raises `ScheduleError`."""
    zone = find_zone(name)
    if zone is None:
        raise ScheduleError("not a known time zone: write one such as Europe/Berlin")
    return zone


def jitter(source_name: str, period: timedelta) -> timedelta:
    """How long after a crontab's slot a source is polled: the same for ever, spread among sources.

    Less than 60 s and less than a tenth of the period.
    """
    return min(MAX_JITTER, period / 10) * _share(source_name)


def phase(source_name: str, interval: timedelta) -> timedelta:
    """Where in an interval a source has its slot: the same for ever, spread among sources.

    In the last tenth none has: a poll that is a little late there would look like the next one's.
    """
    return interval // _SECOND * 9 // 10 * _share(source_name) // 1 * _SECOND


@lru_cache(maxsize=_MANY)
def _period_from(schedule: Schedule, slot: datetime) -> timedelta:
    # Beside the memory of last answers, which this one is not.
    return schedule._next_after(slot) - slot  # noqa: SLF001 - of this module


@lru_cache(maxsize=4096)
def _share(source_name: str) -> float:
    digest = hashlib.sha256(source_name.encode()).digest()
    return int.from_bytes(digest[:8]) / 2**64


def _interval(text: str) -> timedelta:
    try:
        interval = duration(text)
    except TimeError:
        raise ScheduleError("after `every` comes a duration such as 90s, 15m or 1h") from None
    if not MIN_PERIOD <= interval <= MAX_PERIOD:
        raise ScheduleError("an interval is at least 10 s and at most 366 days: write `every 15m`")
    return interval


def _crontab(text: str) -> str:
    crontab = _NAMED.get(text.strip().lower(), text)
    if len(crontab) > 500 or len(crontab.split()) != 5:
        raise ScheduleError(
            "write five crontab fields (minute hour day month weekday, such as */15 * * * *), "
            "@hourly, or `every 15m`"
        )
    _check_steps(crontab)
    try:
        CronSim(crontab, _LONG_ENOUGH_AGO)
    except (CronSimError, ValueError) as error:  # ValueError: a number of thousands of digits
        field = str(error).removeprefix("Bad ") if isinstance(error, CronSimError) else "number"
        raise ScheduleError(
            f"the crontab's {field} cannot be read, or never comes: write five fields such as "
            "*/15 * * * *"
        ) from None
    return crontab


def _check_steps(crontab: str) -> None:
    """Refuse `*/90` minutes: a step beyond the field's end comes as often as no step at all."""
    for field, (name, size, within) in zip(crontab.split(), _FIELDS, strict=True):
        for step in re.findall(r"/([0-9]{1,9})(?=,|$)", field):
            if int(step) > size:
                raise ScheduleError(
                    f"the crontab's {name} goes by steps of {step}, and {within} has {size}: "
                    "it would begin anew with each; write `every 90m` or the like"
                )


def _walk(crontab: str, after: datetime) -> Iterator[datetime]:
    """Wall times (naive) strictly after `after` that match."""
    return CronSim(crontab, after)
