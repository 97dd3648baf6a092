"""Ten made-up years of a market as real ones are: few models move, and one of them every hour."""

import random
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import update

from benchmarks.catalogs import catalog, priced_anew
from benchmarks.decades import HOUR, START, as_body, as_text
from benchmarks.keeping import opened
from benchmarks.notes import note
from pricetrail.jobs.imports.importing import run as import_all
from pricetrail.jobs.imports.observations import Item, Observation, Pause
from pricetrail.storage.database import Database
from pricetrail.storage.history import events
from pricetrail.storage.outbox import deliveries
from pricetrail.storage.outbox.deliveries import NewDelivery
from pricetrail.storage.schema import HEAD
from pricetrail.storage.tables import delivery

MAIN, OTHER = "market", "reseller"
WEBHOOKS = ("team", "archive")
# A history that is kept from another run was made by this very code.
_MADE_BY = 1
_KEPT = Path(__file__).resolve().parents[1] / "build" / "benchmarks"
# Of the models: so many change at all, so many of those once, and these make half of the changes.
_CHANGING, _ONCE, _BUSIEST = 0.6, 0.73, 10
# How often the other busy ones change, and of the rest those that change more than once.
_BUSY, _OFTEN = 200, 60
# Of the models: so many came after the beginning, and so many went for a while.
_LATE, _AWAY = 0.3, 0.05


@dataclass(frozen=True, slots=True)
class Market:
    """How large: hours of history, models, and messages in the outbox."""

    hours: int
    models: int
    messages: int
    gaps: int = 40

    def at(self, hour: int) -> datetime:
        """The time of an hour."""
        return START + hour * HOUR

    @property
    def end(self) -> datetime:
        """When it was seen last."""
        return self.at(self.hours - 1)


FULL = Market(hours=87_600, models=1_000, messages=100_000)
QUICK = Market(hours=1_000, models=100, messages=200, gaps=3)


def database_of(market: Market) -> Path:
    """The file with a market's history and outbox; made once, and kept in `build/`."""
    size = f"{market.hours}-{market.models}-{market.messages}-{market.gaps}"
    path = _KEPT / f"market-{_MADE_BY}-{HEAD}-{size}.db"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_suffix(".unfinished")
        unfinished.unlink(missing_ok=True)
        note(f"a market of {market.models:,} models over {market.hours:,} hours")
        with opened(unfinished) as database:
            import_all(database, MAIN, observations(market), every=HOUR)
            import_all(database, OTHER, _elsewhere(market), every=HOUR)
            _fill_outbox(database, market)
        unfinished.rename(path)
    return path


def name_of(number: int) -> str:
    """The id of a model; the lower, the busier, and 0 changes every other hour."""
    return str(catalog(number + 1)["data"][number]["id"])


def observations(market: Market) -> Iterator[Item]:
    """What was seen whenever the catalog changed, and pauses in which nobody looked."""
    chance = random.Random(5)
    moves, there = _moves(market), _presence(market)
    gaps = _gaps(market)
    documents = catalog(market.models)["data"]
    texts = [as_text(document) for document in documents]
    at_last, shown = market.hours - 1, there[0]
    for hour in range(market.hours):
        for number in sorted(moves.get(hour, ())):
            documents[number] = priced_anew(documents[number], chance)
            texts[number] = as_text(documents[number])
        if hour in moves or hour in there or hour in gaps or hour in (0, at_last):
            shown = there.get(hour, shown)
            yield _seen(hour, as_body([texts[number] for number in shown]))
        if hour in gaps and hour != at_last:
            yield Pause("benchmark")


def changes_by_model(market: Market) -> Mapping[int, int]:
    """How often each model that changes does, by its number."""
    found: dict[int, int] = defaultdict(int)
    for numbers in _moves(market).values():
        for number in numbers:
            found[number] += 1
    return found


def _moves(market: Market) -> dict[int, set[int]]:
    """The models that change their price, by hour."""
    chance = random.Random(7)
    moments = _moments(market)
    moves: dict[int, set[int]] = defaultdict(set)
    for hour in range(market.hours * 4 // 5, market.hours):
        if chance.random() < 0.5:
            moves[hour].add(0)
    often = dict.fromkeys(range(1, _BUSIEST), _BUSY)
    rest = list(range(_BUSIEST, market.models))
    chance.shuffle(rest)
    changing = rest[: round(len(rest) * _CHANGING)]
    once = round(len(changing) * _ONCE)
    often |= dict.fromkeys(changing[:once], 1)
    often |= {number: 2 + int(chance.expovariate(1 / _OFTEN)) for number in changing[once:]}
    for number, times in often.items():
        for hour in chance.sample(moments, min(times, len(moments))):
            moves[hour].add(number)
    return moves


def _moments(market: Market) -> list[int]:
    """The hours in which somebody changes prices: several models at once."""
    return sorted(random.Random(8).sample(range(1, market.hours), market.hours // 35))


def _presence(market: Market) -> dict[int, list[int]]:
    """The models that are listed from an hour on, for each hour in which that changes."""
    chance = random.Random(9)
    moments = _moments(market)
    comes: dict[int, set[int]] = defaultdict(set)
    goes: dict[int, set[int]] = defaultdict(set)
    for number in range(_BUSIEST, market.models):
        lot = chance.random()
        if lot < _LATE:
            comes[chance.choice(moments)].add(number)
        elif lot < _LATE + _AWAY:
            away, back = sorted(chance.sample(moments, 2))
            goes[away].add(number)
            comes[back].add(number)
    late = set().union(*comes.values()) - set().union(*goes.values())
    listed = set(range(market.models)) - late
    found = {0: sorted(listed)}
    for hour in sorted({*comes, *goes}):
        listed = (listed | comes[hour]) - goes[hour]
        found[hour] = sorted(listed)
    return found


def _gaps(market: Market) -> set[int]:
    """The hours after which nobody looked until the next change."""
    return set(random.Random(10).sample(range(1, market.hours - 1), market.gaps))


def _elsewhere(market: Market) -> Iterator[Item]:
    """A third of the models somewhere else, at prices that moved once."""
    documents = catalog(market.models)["data"][: market.models // 3]
    yield _seen(0, as_body([as_text(document) for document in documents]))
    chance = random.Random(12)
    dearer = [priced_anew(document, chance) for document in documents]
    yield _seen(market.hours // 2, as_body([as_text(document) for document in dearer]))
    yield _seen(market.hours - 1, as_body([as_text(document) for document in dearer]))


def _seen(hour: int, body: bytes) -> Observation:
    return Observation(START + hour * HOUR, body, "benchmark")


def _fill_outbox(database: Database, market: Market) -> None:
    """Messages of which most were taken, some were given up and the newest wait."""
    with database.write() as connection:
        ids = [event.id for _, event in events.read(connection, events.EventFilter(limit=1_000))]
        owed = (
            NewDelivery(f"dlv_{n}", WEBHOOKS[n % 2], (ids[n % len(ids)],))
            for n in range(market.messages)
        )
        deliveries.enqueue(connection, owed, market.end)
        number = delivery.c.number
        old = number <= market.messages * 99 // 100
        connection.execute(update(delivery).where(old).values(state=deliveries.DELIVERED))
        dead = old & (number % 1_000 == 0)
        connection.execute(update(delivery).where(dead).values(state=deliveries.DEAD))
