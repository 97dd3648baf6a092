"""What every page costs over a long history, in units of a bare page of the same framework."""

import json
import random
import shutil
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from itertools import count
from pathlib import Path
from statistics import median
from time import thread_time

from benchmarks import markets
from benchmarks.addresses import CHANGING, addresses_of
from benchmarks.catalogs import body, repriced
from benchmarks.keeping import opened
from benchmarks.markets import MAIN, Market
from benchmarks.notes import note
from benchmarks.serving import Served, served
from benchmarks.tables import Goal, Row, at_least, at_most
from pricetrail.catalog.times import rfc3339
from pricetrail.jobs.imports.importing import run as import_all
from pricetrail.jobs.imports.observations import Observation
from pricetrail.queries.price_files import FORMATS
from pricetrail.storage import sources
from pricetrail.storage.database import Database
from pricetrail.storage.history import bodies

BARE = "x a bare page of the same framework"
PARSED = "x json.loads of the catalog"
# A poll that brings something new changes so much of the models.
_CHANGED = 0.01


def run(market: Market, rounds: int = 20, polls: int = 3) -> Iterator[Row]:
    """Every page, made anew, given again, and for the first reader after a change."""
    path = markets.database_of(market)
    with tempfile.TemporaryDirectory() as name:
        copy = Path(shutil.copyfile(path, Path(name) / "market.db"))
        pages = addresses_of(copy, market)
        with (
            served(f"sqlite:///{copy}", market.end + timedelta(hours=1)) as both,
            opened(copy) as database,
        ):
            yield from _made_anew(both, pages, rounds)
            again = {
                name: _share(both, partial(both.page.get, path), rounds)
                for name, path in pages.items()
            }
            yield _slowest(again, "given again, nothing was committed", at_most(10))
            yield from catalogs(both, market, rounds)
            yield from _downloads(both, market, rounds)
            yield _unchanged(both, rounds * 10)
            changing = Changing(database, market)
            some = {name: path for name, path in pages.items() if name in CHANGING}
            for page, where in some.items():
                note(f"{where}, after a change")
                share = _first(both, where, polls, changing.poll)
                yield Row(f"{page}, first after a change", share, BARE, at_most(10))
            note("each page, where nothing is known yet")
            first = {name: _first(both, path, polls, both.forget) for name, path in some.items()}
            yield _slowest(first, "first of a process")


def _made_anew(both: Served, pages: dict[str, str], rounds: int) -> Iterator[Row]:
    """What another reader waits for who asks for the like: no page is given as it was made."""
    for name, path in pages.items():
        note(path)
        size = len(both.page.get(path))
        share = _share(both, partial(anew, both, path), rounds)
        yield Row(name, share, BARE, at_most(10))
        if name.startswith("model"):
            yield Row(f"{name}: its size", size / 1000, "kB", at_most(150))


_numbers: defaultdict[str, Iterator[int]] = defaultdict(lambda: count(1))


def anew(both: Served, path: str) -> bytes:
    """The page by an address at which nobody asked for it before."""
    # Another address, and the same question.
    return both.page.get(path + ("" if "?" in path else "?") + "&" * next(_numbers[path]))


def _share(
    both: Served,
    asking: Callable[[], object],
    rounds: int,
    before: Callable[[], object] = lambda: None,
) -> float:
    """What the server works for something, in units of a bare page, which is asked for in turn."""
    took: dict[str, list[float]] = {"bare": [], "page": []}
    for _ in range(rounds):
        asking()
        before()
        took["bare"].append(both.cost(partial(both.bare.get, "/")))
        took["page"].append(both.cost(asking))
    return median(took["page"]) / median(took["bare"])


def _slowest(shares: dict[str, float], words: str, goal: Goal | None = None) -> Row:
    name = max(shares, key=lambda name: shares[name])
    return Row(f"the slowest page {words}: {name}", shares[name], BARE, goal)


def _first(both: Served, path: str, rounds: int, before: Callable[[], object]) -> float:
    """What the first reader waits for, after something that makes of what is known less."""
    return _share(both, partial(anew, both, path), rounds, before)


def catalogs(both: Served, market: Market, rounds: int) -> Iterator[Row]:
    """The catalog at a time as the API has it, each time another one, by `json.loads` of it."""
    rounds = min(rounds, 12)
    chance = random.Random(6)
    # So far apart that it is another version.
    hours = {
        words: [int(market.hours * share) + number * 80 for number in range(rounds)]
        for words, share in (("early", 0.05), ("middle", 0.5), ("late", 0.95))
    }
    hours["whenever"] = [chance.randrange(market.hours) for _ in range(rounds)]
    for words, some in hours.items():
        took: dict[str, list[float]] = {"first": [], "again": [], "parse": []}
        for hour in some:
            path = f"/v1/models?source={MAIN}&at={rfc3339(market.at(hour))}"
            took["first"].append(both.cost(partial(both.page.get, path)))
            took["again"].append(both.cost(partial(both.page.get, path)))
            took["parse"].append(_parsed(both.page.get(path)))
        parse = median(took["parse"])
        yield Row(f"/v1/models?at=, {words}", median(took["first"]) / parse, PARSED, at_most(3))
        yield Row(f"the same again, {words}", median(took["again"]) / parse, PARSED, at_most(3))


def _downloads(both: Served, market: Market, rounds: int) -> Iterator[Row]:
    """The catalog as files, by `json.loads` of it; price files each time of another version."""
    rounds = min(rounds, 12)
    listed = both.page.get(f"/v1/models?source={MAIN}")
    parse = median(_parsed(listed) for _ in range(rounds))
    path = f"/catalog.csv?source={MAIN}"
    anew(both, path)
    took = [both.cost(partial(anew, both, path)) for _ in range(rounds)]
    yield Row("/catalog.csv", median(took) / parse, PARSED, at_most(10))
    for form in FORMATS:
        note(f"the prices for {form}")
        first, again = [], []
        for number in range(rounds):
            at = rfc3339(market.at(market.hours - 1 - number * 80))
            path = f"/api/v1/prices/{form}.json?source={MAIN}&at={at}"
            first.append(both.cost(partial(both.page.get, path)))
            again.append(both.cost(partial(both.page.get, path)))
        yield Row(f"/api/v1/prices/{form}.json?at=", median(first) / parse, PARSED, at_most(10))
        yield Row(f"the same again, {form}", median(again) / parse, PARSED, at_most(10))


def _parsed(content: bytes) -> float:
    """How many seconds Python's own reader takes for a JSON text."""
    start = thread_time()
    json.loads(content)
    return thread_time() - start


def _unchanged(both: Served, rounds: int) -> Row:
    """How many 304s a second, beside a bare route that does nothing else."""
    path = f"/timeline?source={MAIN}"
    both.page.get(path)
    ours = both.page.etag
    both.bare.get("/unchanged")
    theirs = both.bare.etag
    bare = partial(both.bare.get, "/unchanged", theirs, status=304)
    page = partial(both.page.get, path, ours, status=304)
    # Each is short: a few would tell of the machine.
    took = [(both.cost(bare), both.cost(page)) for _ in range(10 * rounds)]
    share = median(one for one, _ in took) / median(one for _, one in took)
    return Row("304s", share, "x the rate of a bare 304 route", at_least(0.8))


@dataclass
class Changing:
    """Polls that bring something new each time."""

    database: Database
    market: Market
    number: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        with self.database.read() as transaction:
            source = sources.choose(transaction, MAIN)
            last = bodies.body_of(transaction, source.id, source.head_version)
        self.catalog = json.loads(last)

    def poll(self) -> None:
        """Write one more version."""
        self.number += 1
        self.catalog = repriced(self.catalog, _CHANGED, self.number)
        at = self.market.end + self.number * timedelta(seconds=10)
        import_all(self.database, MAIN, [Observation(at, body(self.catalog), "benchmark")])
