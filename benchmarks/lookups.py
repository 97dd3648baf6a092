"""Looking things up in a long history: beside `git show`, and early in it beside late."""

import json
import random
from collections.abc import Callable, Iterator
from itertools import cycle
from pathlib import Path

from benchmarks.keeping import SOURCE, Kept, opened
from benchmarks.tables import Row, at_least, at_most, medians, timed
from pricetrail.storage import sources
from pricetrail.storage.database import Database, Transaction
from pricetrail.storage.history import versions
from pricetrail.storage.history.prices import Timeline, price_at, timeline
from pricetrail.storage.polls.coverage import calendar
from pricetrail.storage.sources import SourceState

PLACES = {"early": 0.02, "middle": 0.5, "late": 0.98}
# Questions in a row: git's process would leave no cache warm for a single one.
IN_A_ROW = 50
QUESTIONS = 10_000


def prices(kept: Kept, rounds: int = 60) -> Iterator[Row]:
    """A price at a time, by itself and as one of many, in units of `git show`."""
    with opened(kept.path) as database, database.read() as connection:
        for place, share in PLACES.items():
            one, git = _asked(connection, kept, share)
            took = medians(rounds, git=git, one=one)
            yield Row(
                f"{kept.name}: a price at a time by itself, {place}",
                took["git"] / (took["one"] / IN_A_ROW),
                "x as fast as git show and json.loads",
                at_least(100),
            )
        many = timed(lambda: _many(connection, kept)) / QUESTIONS
        yield Row(
            f"{kept.name}: a price at a time, one of {QUESTIONS:,} of any model and time",
            took["git"] / many,
            "x as fast as git show and json.loads",
            at_least(100),
        )
        yield from _flat(connection, kept, rounds * 5)


def _many(connection: Transaction, kept: Kept) -> None:
    """Prices of any model at any time, as `audit` asks for them: nothing was read before."""
    chance = random.Random(4)
    names = sorted({name for share in PLACES.values() for name in _names(kept, share)})
    source = sources.choose(connection, SOURCE)
    days = calendar(connection, source.id)
    lives: dict[str, Timeline] = {}
    for _ in range(QUESTIONS):
        name = chance.choice(names)
        life = lives.get(name)
        if life is None:
            life = lives[name] = timeline(connection, source.id, name, days)
        life.at(chance.choice(kept.seen))


def catalogs(kept: Kept, rounds: int = 20) -> Iterator[Row]:
    """The whole catalog at a time, in units of `json.loads` of it."""
    with opened(kept.path) as database, database.read() as connection:
        source = sources.choose(connection, SOURCE)
        for place, share in PLACES.items():
            number = kept.version(share)
            body = kept.repository.show(kept.repository.commits[number])
            works = {
                "ours": lambda number=number: versions.catalog_at(
                    connection, source.id, number + 1
                ),
                "parse": lambda body=body: json.loads(body),
            }
            took = medians(rounds, **works)
            yield Row(
                f"{kept.name}: whole catalog at a time, {place}",
                took["ours"] / took["parse"],
                "x json.loads of it",
                at_most(3),
            )


def grown(kept: Kept, tenth: Path, rounds: int = 300) -> Iterator[Row]:
    """The same question to the whole history and to a copy of its first tenth."""
    with opened(kept.path) as whole, opened(tenth) as part:
        ask_whole = _one(whole, kept, 0.05)
        ask_part = _one(part, kept, 0.05)
        took = medians(rounds, whole=ask_whole, part=ask_part)
    yield Row(
        f"{kept.name}: a price, in ten times the history",
        took["whole"] / took["part"],
        "x the time",
        at_most(1.5),
    )


def _one(database: Database, kept: Kept, share: float) -> Callable[[], object]:
    names = cycle(_names(kept, share))

    def ask() -> object:
        with database.read() as connection:
            source = sources.choose(connection, SOURCE)
            return price_at(connection, source, next(names), kept.seen[kept.version(share)])

    return ask


def _asked(
    connection: Transaction, kept: Kept, share: float
) -> tuple[Callable[[], object], Callable[[], object]]:
    source = sources.choose(connection, SOURCE)
    number = kept.version(share)
    at, commit, names = kept.seen[number], kept.repository.commits[number], _names(kept, share)
    ours, theirs = cycle(names), cycle(names)

    def git() -> object:
        models = json.loads(kept.repository.show(commit))["data"]
        wanted = next(theirs)
        return next(model["pricing"] for model in models if model["id"] == wanted)

    return (
        lambda: [price_at(connection, source, next(ours), at) for _ in range(IN_A_ROW)],
        git,
    )


def _flat(connection: Transaction, kept: Kept, rounds: int) -> Iterator[Row]:
    source = sources.choose(connection, SOURCE)
    works = {place: _question(connection, source, kept, share) for place, share in PLACES.items()}
    took = medians(rounds, **works)
    yield Row(
        f"{kept.name}: a price, slowest place in the history beside the fastest",
        max(took.values()) / min(took.values()),
        "x the time",
        at_most(1.5),
    )


def _question(
    connection: Transaction, source: SourceState, kept: Kept, share: float
) -> Callable[[], object]:
    at, names = kept.seen[kept.version(share)], cycle(_names(kept, share))
    return lambda: price_at(connection, source, next(names), at)


def _names(kept: Kept, share: float) -> list[str]:
    """Models of the catalog then, in an order of chance: no page is read twice in a row."""
    commit = kept.repository.commits[kept.version(share)]
    names = [model["id"] for model in json.loads(kept.repository.show(commit))["data"]]
    random.Random(3).shuffle(names)
    return names
