"""Random histories of polls, and what may be said of each time: a model written from the contract.

The world is known here: what the gateway served when, which polls there were, by which clock. The
model says in plain loops what the contract says in words, and shares nothing with the program.
`HYPOTHESIS_PROFILE=thorough` lives through 10,000 histories.
"""

import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from pricetrail.catalog.errors import NotFoundError
from pricetrail.jobs.planning import plan, planned_slot
from pricetrail.jobs.polls import reviewing
from pricetrail.jobs.polls.gateway import Answer, GatewayError
from pricetrail.jobs.polls.polling import Poller
from pricetrail.jobs.source import Source
from pricetrail.queries import price
from pricetrail.queries.price import Side
from pricetrail.storage import schema, sources
from pricetrail.storage.database import Database
from pricetrail.storage.history.prices import timeline
from pricetrail.storage.polls import coverage, quarantine
from tests.jobs.stage import KEY, listing, model
from tests.support.volume import seeds

pytestmark = pytest.mark.slow

CHUNKS = 10
IN_A_CHUNK = seeds(16, thorough=1_000)
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


def amount(side: Side) -> str:
    return str(side.prices[1].as_json()["amount"]) if side.prices else ABSENT


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
        off = ended - date if not began <= date <= ended else 0
        if abs(off) <= TOLERANCE:
            self.offset, self.repeated = None, 0
            return False
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

    def approve(self) -> bool:
        """The catalog set aside last is accepted as of the poll that brought it, if it may be."""
        since = max((n for n, p in enumerate(self.places) if isinstance(p, Seen)), default=-1)
        held = [n for n in range(since + 1, len(self.places)) if self.places[n] == "set aside"]
        if held:
            second = self.asides[-1]
            self.places.insert(held[-1] + 1, Seen(second, second, ABSENT))
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


@dataclass
class Life:
    """One history: the program on one side, the model on the other."""

    database: Database
    clock: Callable[[datetime], None]
    name: str
    chance: random.Random
    model: Model = field(default_factory=Model)
    schedule: str = ""
    ahead: int = 0
    told: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.schedule = self.chance.choice(list(SCHEDULES))
        self.jumps = self.chance.random() < 0.5
        self.dates = self.chance.choice(["right", "none", "wrong"])
        self.gateway_off = self.chance.choice([3 * HOUR, -2 * DAY, YEAR])
        # The rhythm: how late in its slot each poll comes, or a little early.
        period = PERIOD[self.schedule] * MINUTE
        self.rhythm = self.chance.choice([0, period // 2, period - 70, period - 30, -40, 5])
        self.changes = sorted(self.chance.randrange(60 * PERIOD["@hourly"] * 20) for _ in range(6))

    def source(self) -> Source:
        url = "http://localhost/v1/models"
        return Source(name=self.name, url=url, api_key=KEY, schedule=self.schedule)

    def live(self) -> None:
        second = self.chance.randrange(DAY)
        for _ in range(self.chance.randint(3, 14)):
            second = self._next(second)
            self._maybe_change_settings(second)
            self._poll(second)
            if self.model.unsure:
                return
            if not self.jumps and self.chance.random() < 0.15:
                self._approve(second + 22)

    def _next(self, second: int) -> int:
        period = PERIOD[self.schedule] * MINUTE
        dice = self.chance.random()
        if dice < 0.2:
            return second + self.chance.randint(30, 3 * period)
        slots = self.chance.choice([1, 1, 1, 1, 1, 1, 2, 3])
        following = second + 30
        for _ in range(slots):
            following = Model().next_slot(following, self.schedule)
        late = self.rhythm + self.chance.choice([0, 0, 0, 1, 20])
        return max(second + 25, following + late)

    def _maybe_change_settings(self, second: int) -> None:
        if self.chance.random() < 0.12:
            self.schedule = self.chance.choice(list(SCHEDULES))
            if not self.jumps and self.model.latest is not None and self.chance.random() < 0.5:
                self._look(second - 20)
                if self.chance.random() < 0.3:
                    self.schedule = self.chance.choice(list(SCHEDULES))
                    self._look(second - 10)
        if self.jumps and self.chance.random() < 0.3:
            steps = [30, 200, -30, -200, HOUR, -HOUR, 7 * HOUR, 2 * DAY, -2 * DAY, 30 * YEAR, 0, 0]
            self.ahead = self.chance.choice(steps)
            self.told.append(f"the clock is {self.ahead} s ahead")

    def _look(self, second: int) -> None:
        """A service begins, or reads its settings again, and does not come to poll."""
        self.clock(moment(second))
        plan(self.database, [self.source()], planned_slot)
        self.model.know(self.schedule, second)
        self.told.append(f"{self.schedule} from {moment(second)}")

    def _approve(self, second: int) -> None:
        if not self.model.approve():
            return
        self.clock(moment(second))
        with self.database.read() as connection:
            state = sources.state(connection, self.name)
            assert state is not None
            number = max(one.id for one in quarantine.undecided(connection, state.id))
        reviewing.approve(self.database, {}, {self.name: self.source()}, number)
        self.told.append(f"approved at {moment(second)}")

    def _poll(self, second: int) -> None:
        took = self.chance.choice([0, 0, 1, 20])
        began, ended = second + self.ahead, second + self.ahead + took
        kind = self.chance.choices(["good", "failed", "set aside"], [12, 1, 1])[0]
        if not self.model.places and kind == "set aside":
            kind = "good"
        date = {"right": second + took, "wrong": second + took + self.gateway_off}.get(self.dates)
        price = f"0.00{1 + sum(change <= second for change in self.changes) % 3}"

        def fetch(*_: Any, **__: Any) -> Answer:
            self.clock(moment(ended))
            if kind == "failed":
                raise GatewayError("HTTP 503")
            body = listing(model("m", price)) if kind == "good" else listing()
            when = moment(date) if date is not None else None
            return Answer(200, json.dumps(body).encode(), None, date=when)

        self.clock(moment(began))
        result = Poller(self.database, {}, fetch=fetch).poll(self.source())
        self.told.append(
            f"{moment(began)} +{took} {kind} {price} {self.schedule} date {date}: {result}"
        )
        if kind == "failed":
            self.model.fail(ended, self.schedule)
            assert result.outcome == "failed"
            return
        seen = self.model.good_polls()
        if kind == "set aside" and seen and seen[-1].price == ABSENT:
            # An empty catalog after one that was approved is nothing odd.
            kind, price = "good", ABSENT
        served = price if kind == "good" else None
        fails = self.model.poll(began, ended, date, self.schedule, served)
        if self.model.unsure:
            return
        expected = {"good": ("changed", "unchanged"), "set aside": ("quarantined",)}[kind]
        assert (result.outcome in expected) if fails is None else result.outcome == "failed"

    def ask(self) -> None:
        """Ask at random times, near the edges of what is known above all."""
        seen = self.model.good_polls()
        edges = [edge for one in seen for edge in (one.began - 3, one.ended + 3)]
        times = [self.chance.choice(edges) for _ in range(4)] if edges else []
        for earlier, later in pairwise(seen):
            times.append(self.chance.randint(min(earlier.ended, later.began), later.began))
        times.append((seen[-1].ended if seen else 0) + self.chance.randint(5, DAY))
        with self.database.read() as connection:
            state = sources.state(connection, self.name)
            assert state is not None
            self._check_times(connection, state)
            for second in times:
                if not self.model.near_a_poll(second):
                    self._check(connection, state, second)
            if seen:
                self._check_last(connection, state, seen[-1])

    def _check_last(self, connection: Any, state: Any, seen: Seen) -> None:
        try:
            last = price.ask(connection, state.name, "m")
        except NotFoundError:
            assert seen.price == ABSENT
            return
        assert last.certainty == "observed"
        assert amount(last.before) == seen.price
        assert moment(seen.began) <= last.at <= moment(seen.ended)

    def _check(self, connection: Any, state: Any, second: int) -> None:
        word, before, after = self.model.certainty(second)
        try:
            found = price.ask(connection, state.name, "m", moment(second))
        except NotFoundError:
            assert before is None or {before, after} <= {ABSENT, None}, moment(second)
            return
        assert found.certainty == word, moment(second)
        assert amount(found.before) == before
        if word != "observed" and found.after is not None:
            assert amount(found.after) == after
        assert timeline(connection, state.id, "m").at(moment(second)).certainty == word

    def _check_times(self, connection: Any, state: Any) -> None:
        """No stretch is longer backwards than forwards, and none follows what it comes before."""
        rows = coverage.stretches(connection, state.id)
        assert all(row.first_at <= row.last_at for row in rows)
        good = [row for row in rows if row.seen]
        assert all(a.last_at <= b.first_at for a, b in pairwise(good))
        assert [row.id for row in good] == sorted(row.id for row in good)


@pytest.fixture(scope="module")
def world() -> Iterator[tuple[Database, Callable[[datetime], None]]]:
    """One database in memory, where each history is a source, and its clock."""
    now = [BASE]
    database = Database("sqlite://", clock=lambda: now[0])
    schema.ensure(database)
    yield database, lambda moment: now.__setitem__(0, moment)
    database.close()


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_certainty_is_what_the_contract_says(
    world: tuple[Database, Callable[[datetime], None]], chunk: int
) -> None:
    database, clock = world
    for number in IN_A_CHUNK:
        seed = chunk * 100_000 + number
        life = Life(database, clock, f"s{seed}", random.Random(seed))
        try:
            life.live()
            if not life.model.unsure:
                life.ask()
        except AssertionError as error:
            told = [f"history {seed}", *life.told, str(error)]
            raise AssertionError("\n".join(told)) from error
