"""What every page costs over a long history, in units of a bare page of the same framework."""

import json
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from statistics import median

from benchmarks import markets
from benchmarks.addresses import addresses_of
from benchmarks.catalogs import body, repriced
from benchmarks.keeping import opened
from benchmarks.markets import MAIN, Market
from benchmarks.notes import note
from benchmarks.serving import Served, served
from benchmarks.tables import Row, at_least, at_most, medians, timed
from pricetrail.catalog.times import rfc3339
from pricetrail.jobs.imports.importing import run as import_all
from pricetrail.jobs.imports.observations import Observation
from pricetrail.storage import sources
from pricetrail.storage.database import Database
from pricetrail.storage.history import bodies

BARE = "x a bare page of the same framework"
# A poll that brings something new changes so much of the models.
_CHANGED = 0.01


def run(market: Market, rounds: int = 30, polls: int = 5) -> Iterator[Row]:
    """Every page: asked again, by the first reader after a change, and by the first of all."""
    path = markets.database_of(market)
    with tempfile.TemporaryDirectory() as name:
        copy = Path(shutil.copyfile(path, Path(name) / "market.db"))
        pages = addresses_of(copy, market)
        with served(copy, market.end + timedelta(hours=1)) as both, opened(copy) as database:
            yield from _again(both, pages, rounds)
            yield from _lists(both, market, rounds)
            yield _unchanged(both, rounds * 10)
            changing = _Changing(database, market)
            yield from _first(both, pages, polls, "first after a poll", changing.poll)
            yield from _first(both, pages, polls, "first of a process", both.forget, goal=False)


def _again(both: Served, pages: dict[str, str], rounds: int) -> Iterator[Row]:
    """What a second reader waits for: nothing is new, and the reader knows nothing."""
    for name, path in pages.items():
        note(path)
        size = len(both.page.get(path))
        took = _turns(both, path, rounds)
        yield Row(name, took["page"] / took["bare"], BARE, at_most(10))
        if name.startswith("model"):
            yield Row(f"{name}: its size", size / 1000, "kB", at_most(150))


def _turns(both: Served, path: str, rounds: int) -> dict[str, float]:
    return medians(rounds, bare=lambda: both.bare.get("/"), page=lambda: both.page.get(path))


def _first(
    both: Served,
    pages: dict[str, str],
    rounds: int,
    words: str,
    before: Callable[[], object],
    *,
    goal: bool = True,
) -> Iterator[Row]:
    """What the first reader waits for, after something that makes of what is known less."""
    for name, path in pages.items():
        note(f"{path}, {words}")
        took: dict[str, list[float]] = {"bare": [], "page": []}
        for _ in range(rounds):
            both.page.get(path)
            before()
            both.bare.get("/")
            for kind, seconds in _turns(both, path, 1).items():
                took[kind].append(seconds)
        share = median(took["page"]) / median(took["bare"])
        yield Row(f"{name}, {words}", share, BARE, at_most(10) if goal else None)


def _lists(both: Served, market: Market, rounds: int) -> Iterator[Row]:
    """The catalog at a time as the API has it, in units of `json.loads` of it."""
    for words, share in (("early", 0.1), ("middle", 0.5), ("late", 0.99)):
        at = market.at(int(market.hours * share))
        path = f"/v1/models?source={MAIN}&at={rfc3339(at)}"
        note(path)
        found = both.page.get(path)
        for kind, before in (("asked again", _nothing), ("first of a process", both.forget)):
            times: list[float] = []
            parses: list[float] = []
            for _ in range(rounds):
                before()
                both.bare.get("/")
                # What a reader of anything waits for is no part of it.
                around = timed(lambda: both.bare.get("/"))
                times.append(timed(lambda path=path: both.page.get(path)) - around)
                parses.append(timed(lambda found=found: json.loads(found)))
            yield Row(
                f"/v1/models?at=, {words}, {kind}",
                median(times) / median(parses),
                "x json.loads of it, less a bare page",
                at_most(3),
            )


def _nothing() -> None:
    """Let it know what it knows."""


def _unchanged(both: Served, rounds: int) -> Row:
    """How many 304s a second, beside a bare route that does nothing else."""
    path = f"/timeline?source={MAIN}"
    both.page.get(path)
    ours = both.page.etag
    both.bare.get("/unchanged")
    theirs = both.bare.etag
    took = medians(
        rounds,
        bare=lambda: both.bare.get("/unchanged", theirs, status=304),
        page=lambda: both.page.get(path, ours, status=304),
    )
    return Row("304s", took["bare"] / took["page"], "x the rate of a bare 304 route", at_least(0.8))


@dataclass
class _Changing:
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
