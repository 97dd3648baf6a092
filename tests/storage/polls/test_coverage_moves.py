"""A history that is exported and imported again covers the same times."""

import random
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from pricetrail.catalog.strict_json import dumps
from pricetrail.catalog.times import rfc3339
from pricetrail.jobs.imports import lines
from pricetrail.jobs.imports.importing import run
from pricetrail.jobs.imports.observations import Item, Observation, Report, Unreadable
from pricetrail.storage import sources
from pricetrail.storage import tables as t
from pricetrail.storage.database import Database
from pricetrail.storage.history import exports
from pricetrail.storage.polls import coverage
from pricetrail.storage.polls.certainty import GAP, OBSERVED
from pricetrail.storage.polls.coverage_moves import as_json, from_json
from tests.support import histories
from tests.support.histories import at, catalog, model, tokens

pytestmark = pytest.mark.slow

START = at("2026-03-01")
MINUTE = timedelta(minutes=1)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    found = Database(database_url)
    yield found
    found.close()


def live(database: Database, source: str, seed: int, polls: int, start: datetime) -> datetime:
    """A random life: polls that agree, differ, fail, are set aside, missed or imported."""
    chance = random.Random(seed)
    now, price = start, 1
    for _ in range(polls):
        now += MINUTE * chance.choice([1, 15, 15, 15, 47, 300]) + timedelta(
            milliseconds=chance.randrange(1000)
        )
        dice = chance.random()
        if dice < 0.2:
            histories.failed(database, source, now, chance.choice(["503", "a\nb", "é\u2028"]))
        elif dice < 0.3:
            histories.quarantined(database, source, now)
        else:
            price = chance.randrange(1, 4) if chance.random() < 0.4 else price
            histories.poll(
                database,
                source,
                now,
                catalog(model("m", tokens(f"0.00000{price}", "0.00001")), model("n")),
                imported=chance.random() < 0.1,
                took=timedelta(milliseconds=chance.choice([0, 700])),
                longest_pause=chance.choice([None, 20 * MINUTE]),
            )
    return now


def exported(database: Database, source: str) -> list[str]:
    """The lines of an export, as the command writes them."""
    written = []
    with database.read() as connection:
        state = sources.choose(connection, source)
        for found in exports.observations(connection, state.id):
            line: dict[str, Any] = {"observed_at": rfc3339(found.observed_at)}
            if found.stretches is not None:
                begun = None if found.not_before is None else rfc3339(found.not_before)
                stretches = [as_json(stretch) for stretch in found.stretches]
                line["coverage"] = {
                    "version": found.version,
                    "not_before": begun,
                    "stretches": stretches,
                }
            written.append(f'{dumps(line)[:-1]},"payload":{found.payload}}}\n')
    return written


def items(written: Sequence[str]) -> list[Item]:
    path = Path("exported.jsonl")
    path.write_text("".join(written), encoding="utf-8")
    return list(lines.read(path))


def moved(database: Database, source: str, copy: str) -> Report:
    return run(database, copy, items(exported(database, source)))


def kept(database: Database, source: str) -> list[Any]:
    """All that certainty and history rest on."""
    with database.read() as connection:
        state = sources.choose(connection, source)
        columns = [column for column in t.coverage.c if column.name not in ("id", "source_id")]
        query = select(*columns).where(t.coverage.c.source_id == state.id)
        found: list[Any] = [
            tuple(row) for row in connection.execute(query.order_by(t.coverage.c.id))
        ]
        snapshot = t.snapshot.c
        columns = [snapshot.version, snapshot.not_before, snapshot.not_after, snapshot.catalog_root]
        query = select(*columns).where(snapshot.source_id == state.id).order_by(snapshot.version)
        return found + [tuple(row) for row in connection.execute(query)]


def certainties(database: Database, source: str, moments: Sequence[datetime]) -> list[Any]:
    with database.read() as connection:
        state = sources.choose(connection, source)
        calendar = coverage.calendar(connection, state.id)
        asked = [coverage.around(connection, state.id, moment) for moment in moments]
        return [asked, [calendar.around(moment) for moment in moments]]


def test_an_import_that_was_cut_off_goes_on(database: Database) -> None:
    live(database, "s", 7, 40, START)
    written = exported(database, "s")
    for cut in range(0, 12, 2):
        run(database, f"copy-{cut}", items(written[: cut + 1]))
        run(database, f"copy-{cut}", items(written))
        assert kept(database, f"copy-{cut}") == kept(database, "s"), cut


def test_a_density_is_not_needed_and_not_heeded(database: Database) -> None:
    live(database, "s", 3, 30, START)
    run(database, "copy", items(exported(database, "s")), every=timedelta(hours=1))
    assert kept(database, "copy") == kept(database, "s")


def test_a_catalog_that_was_set_aside_first_is_as_certain_in_the_copy(database: Database) -> None:
    """Its version dates from when it was first seen; polls after that had set it aside."""
    histories.build(database, "s", [("10:00", catalog(model("a"))), ("11:00", catalog(model("a")))])
    histories.quarantined(database, "s", "12:00")
    histories.quarantined(database, "s", "12:30")
    histories.poll(database, "s", "13:00", catalog(model("b")))
    with database.write() as connection:
        connection.execute(
            t.snapshot.update().where(t.snapshot.c.version == 2).values(not_after=at("12:00"))
        )
    moved(database, "s", "copy")
    assert kept(database, "copy") == kept(database, "s")
    moved(database, "s", "copy")
    assert kept(database, "copy") == kept(database, "s")


def test_nothing_is_claimed_of_the_time_between_two_histories(database: Database) -> None:
    histories.build(database, "s", [("10:00", catalog(model("a"))), ("11:00", catalog(model("a")))])
    histories.build(database, "t", [("14:00", catalog(model("a"))), ("15:00", catalog(model("a")))])
    moved(database, "t", "s")
    (found,) = certainties(database, "s", [at("12:30")])[0]
    assert found.certainty == GAP
    (found,) = certainties(database, "s", [at("14:30")])[0]
    assert found.certainty == OBSERVED


def test_polls_of_the_copys_own_are_not_talked_over(database: Database) -> None:
    histories.build(database, "s", [("10:00", catalog(model("a"))), ("10:30", catalog(model("a")))])
    moved(database, "s", "copy")
    histories.failed(database, "copy", "11:00")
    histories.poll(database, "s", "12:00", catalog(model("a")))
    moved(database, "s", "copy")
    (found,) = certainties(database, "copy", [at("11:30")])[0]
    assert found.certainty == GAP


def test_an_import_that_knows_no_coverage_passes_over_it(database: Database) -> None:
    live(database, "s", 5, 30, START)
    points: list[Item] = [
        Observation(item.observed_at, item.body, item.origin)
        for item in items(exported(database, "s"))
        if isinstance(item, Observation)
    ]
    report = run(database, "points", points)
    assert report.versions == moved(database, "s", "copy").versions


GOOD = {
    "outcome": "good",
    "version": 1,
    "first_at": "2026-03-01T10:00:00Z",
    "last_at": "2026-03-01T11:00:00Z",
    "polls": 2,
}


def test_a_stretch_is_the_same_after_a_round_trip() -> None:
    whole = GOOD | {"longest_gap_ms": 3_600_000, "why": "503\nfrom the gateway"}
    assert as_json(from_json(whole)) == whole
    # Of what is not said, the gap is 0 and the reason none.
    assert as_json(from_json(GOOD)) == GOOD | {"longest_gap_ms": 0}


@pytest.mark.parametrize(
    ("member", "said"),
    [
        ("[]", "not as `pricetrail export` writes it"),
        ('{"version":1,"stretches":[]}', "not as `pricetrail export` writes it"),
        ({"stretches": []}, "not those of the version"),
        ({"version": 2}, "not those of the version"),
        ({"stretches": [GOOD, GOOD | {"version": 7}]}, "not those of the version"),
        ({"stretches": [GOOD | {"outcome": "observed"}]}, "the `outcome` of a stretch is"),
        ({"stretches": [GOOD | {"polls": -1}]}, "the `polls` of a stretch is"),
        ({"stretches": [GOOD | {"polls": True}]}, "the `polls` of a stretch is"),
        ({"stretches": [GOOD | {"polls": 1 << 40}]}, "the `polls` of a stretch is"),
        ({"stretches": [GOOD | {"last_at": "2026-03-01T09:00:00Z"}]}, "ends before it begins"),
        ({"stretches": [GOOD | {"last_at": "soon"}]}, "is not a time"),
        ({"stretches": [GOOD | {"first_at": "2026-03-01T09:00:00Z"}]}, "before it was observed"),
        ({"not_before": "2026-03-01T10:00:01Z"}, "before it was observed"),
        ({"stretches": [{"outcome": "good", "version": 1}]}, "has no `first_at`"),
        ({"stretches": [GOOD | {"why": "x" * 20_000}]}, "the `why` of a stretch is"),
        ({"stretches": [3]}, "not as `pricetrail export` writes it"),
    ],
)
def test_coverage_that_no_export_writes_is_named(member: str | dict[str, Any], said: str) -> None:
    whole = {"version": 1, "not_before": None, "stretches": [GOOD]}
    text = member if isinstance(member, str) else dumps(whole | member)
    payload = '"payload":{"object":"list","data":[],"total":0}'
    (item,) = items([f'{{"observed_at":"2026-03-01T10:00:00Z","coverage":{text},{payload}}}\n'])
    assert isinstance(item, Unreadable)
    assert said in item.reason


def test_coverage_of_times_to_come_is_refused(sqlite_url: str) -> None:
    database = Database(sqlite_url, clock=lambda: at("10:30"))
    member = dumps({"version": 1, "not_before": None, "stretches": [GOOD]})
    payload = dumps(catalog(model("a")))
    line = f'{{"observed_at":"2026-03-01T10:00:00Z","coverage":{member},"payload":{payload}}}\n'
    report = run(database, "s", items([line]), skip_bad=True)
    assert (report.refused, report.versions) == (1, 0)
    database.close()
