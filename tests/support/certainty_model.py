"""What may be said of a time, by a plain model of the contract: it shares nothing with the program.

It is told which polls there were, when by the clock here, and what they saw; it says in plain
loops what the contract says in words. It counts in seconds since `BASE`.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise

# What a model costs that is not in the catalog.
ABSENT = ""
BASE = datetime(2026, 3, 1, tzinfo=UTC)
MINUTE, HOUR, DAY, YEAR = 60, 3600, 86_400, 365 * 86_400
TOLERANCE = 5 * MINUTE
# Each as it is written, and by hand: the minutes of a day at which it has a slot.
SCHEDULES = {
    "every 15m": set(range(0, 1440, 15)),
    "*/15 * * * *": set(range(0, 1440, 15)),
    "@hourly": set(range(0, 1440, 60)),
    "every 2h": set(range(0, 1440, 120)),
    "7,37 * * * *": {60 * hour + minute for hour in range(24) for minute in (7, 37)},
    "30 9,17 * * *": {9 * 60 + 30, 17 * 60 + 30},
    "every 1m": set(range(1440)),
    "every 3m": set(range(0, 1440, 3)),
}
PERIOD = {"every 15m": 15, "*/15 * * * *": 15, "@hourly": 60, "every 2h": 120}
PERIOD |= {"7,37 * * * *": 30, "30 9,17 * * *": 960, "every 1m": 1, "every 3m": 3}


def moment(second: float) -> datetime:
    return BASE + timedelta(seconds=second)


@dataclass(frozen=True)
class Seen:
    """A poll that counts, by the clock here: when it began and ended, and the price it saw."""

    began: int
    ended: int
    price: str
    # When it really began by the clock here, where it is filed later than that.
    asked: int | None = None


@dataclass
class Model:
    """What may be said. `places` holds good polls, and between them the reasons for a gap."""

    places: list[Seen | str] = field(default_factory=list)
    # Which schedule was known to be in force since when.
    in_force: list[tuple[int, str]] = field(default_factory=list)
    asides: list[int] = field(default_factory=list)
    latest: int | None = None
    offset: int | None = None
    repeated: int = 0
    # Whether it was too close a call for a model that counts in seconds.
    unsure: bool = False

    def good_polls(self) -> list[Seen]:
        return [place for place in self.places if isinstance(place, Seen)]

    def know(self, schedule: str, second: int) -> None:
        if not self.in_force or self.in_force[-1][1] != schedule:
            self.in_force.append((second, schedule))

    def slots(self, since: int, until: int) -> list[int]:
        """The slots in `since < slot <= until`, each of the schedule in force at that time."""
        found = []
        for minute in range(since // MINUTE, until // MINUTE + 1):
            second = minute * MINUTE
            known = [name for start, name in self.in_force if start < second]
            name = known[-1] if known else self.in_force[0][1]
            if since < second <= until and minute % 1440 in SCHEDULES[name]:
                found.append(second)
        return found

    def next_slot(self, second: int, schedule: str) -> int:
        minute = second // MINUTE + 1
        while minute % 1440 not in SCHEDULES[schedule]:
            minute += 1
        return minute * MINUTE

    def missed(self, earlier: Seen, later: Seen) -> bool:
        """A slot without a poll before the next slot; a minute early serves the slot ahead."""
        since = earlier.began if earlier.asked is None else earlier.asked
        if later.began - since > 30 * DAY:
            return True
        slots = self.slots(since, later.began)
        was_early = bool(slots) and slots[0] - since <= MINUTE
        ahead = self.next_slot(later.began, self.in_force[-1][1])
        is_early = ahead - later.began <= MINUTE
        for slot, following in pairwise(slots):
            # Neither poll lies in [slot, following); only the earlier one may have come early.
            if not (slot == slots[0] and was_early) and following <= later.began:
                return True
        # Polls that come early at both ends are for the slots that they precede.
        return was_early and is_early and len(slots) > 1

    def clock_fails(self, began: int, ended: int, date: int | None) -> bool:
        """Whether three clocks (here, the gateway's, the last poll) say that this one is wrong."""
        if date is None:
            return False
        # The date is of any second of the fetch: of all differences the nearest to what is known.
        off = min(max(0, began - date), ended - date)
        if abs(off) <= TOLERANCE:
            self.offset, self.repeated = None, 0
            return False
        if self.offset is not None:
            nearest = min(max(self.offset, began - date), ended - date)
            off = nearest if abs(nearest - self.offset) <= TOLERANCE else off
        same = self.offset is not None and abs(off - self.offset) <= TOLERANCE
        last = self.good_polls()[-1].ended if self.good_polls() else None
        runaway = off > DAY and last is not None and 10 * abs(date - last) < date + off - last
        accepted = same and self.repeated >= 3
        self.repeated = self.repeated + 1 if same else 1
        self.offset = off
        if runaway and not accepted:
            self.repeated = min(self.repeated, 2)
        return self.repeated < 3

    def given_up(self, now: int) -> int:
        """How much observed time lies after now."""
        total = 0
        for earlier, later in pairwise(self.places):
            if isinstance(earlier, Seen) and isinstance(later, Seen):
                observed = earlier.price == later.price
                total += max(0, later.began - max(now, earlier.ended)) if observed else 0
        return total

    def poll(
        self, began: int, ended: int, date: int | None, schedule: str, price: str | None
    ) -> str | None:
        """A poll that got an answer; `price` None: it was set aside. Why it fails, if it does."""
        asked = None
        confirmed = date is not None and abs(ended - date) <= TOLERANCE
        if self.clock_fails(began, ended, date):
            return self._doubt(ended, date, schedule)
        if self.latest is not None and began < self.latest:
            lost = self.given_up(began)
            self.unsure |= abs(lost - DAY) < 20 * MINUTE
            if lost > DAY and not confirmed:
                return self._doubt(ended, None, schedule)
            filed = self._step_back(began, confirmed=confirmed)
            asked = began
            self.know(schedule, ended)
            began, ended = (filed, max(filed, ended)) if filed is not None else (began, ended)
        else:
            self.know(schedule, ended)
        self.latest = ended
        if price is None:
            self.places.append("set aside")
            self.asides.append(ended)
            return None
        seen = Seen(began, ended, price, asked)
        last = self.places[-1] if self.places else None
        if isinstance(last, Seen) and self.missed(last, seen):
            self.places.append("missed")
        self.places.append(seen)
        return None

    def _step_back(self, now: int, *, confirmed: bool) -> int | None:
        """What was recorded for later does not count; when the poll is filed, if not now."""
        seen = self.good_polls()
        self.unsure |= any(one.began <= now < one.ended for one in seen)
        self.places = [p for p in self.places if isinstance(p, str) or p.began <= now]
        self.places.append("the clock was set back")
        self.in_force = [(min(start, now), name) for start, name in self.in_force]
        # Which clock was right is not known: of a day and less nothing is said at all.
        near = self.latest is not None and self.latest - now <= DAY
        return self.latest if near and not confirmed else None

    def _doubt(self, ended: int, date: int | None, schedule: str) -> str:
        sane = min(ended, date) if date is not None else None
        options = [one for one in (self.latest, sane) if one is not None]
        self.latest = max(options)
        self.know(schedule, self.latest)
        self.places.append("a clock was wrong")
        return "clock"

    def fail(self, ended: int, schedule: str) -> None:
        self.latest = max(ended, self.latest if self.latest is not None else ended)
        self.know(schedule, self.latest)
        self.places.append("failed")

    def approve(self, price: str = ABSENT) -> bool:
        """The catalog set aside last is accepted as of the poll that brought it, if it may be."""
        since = max((n for n, p in enumerate(self.places) if isinstance(p, Seen)), default=-1)
        held = [n for n in range(since + 1, len(self.places)) if self.places[n] == "set aside"]
        if held:
            second = self.asides[-1]
            self.places.insert(held[-1] + 1, Seen(second, second, price))
        return bool(held)

    def certainty(self, second: float) -> tuple[str, str | None, str | None]:
        """What is to be said of a time: the word, and the prices before and after."""
        before = after = None
        broken = False
        for place in self.places:
            if isinstance(place, str):
                broken = broken or before is not None
            elif place.ended <= second:
                before, broken = place, False
            else:
                after = place
                break
        if before is None:
            return "nothing", None, None
        if after is None:
            return "gap", before.price, None
        if broken:
            return "gap", before.price, after.price
        word = "observed" if before.price == after.price else "bracketed"
        return word, before.price, after.price

    def near_a_poll(self, second: float) -> bool:
        return any(one.began - 2 <= second <= one.ended + 2 for one in self.good_polls())
