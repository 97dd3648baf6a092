"""Whatever the polls saw: what is made of it passes, with every head that covers it."""

import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pricetrail.catalog.errors import NotFoundError
from pricetrail.catalog.saved_heads import SavedHead
from pricetrail.catalog.strict_json import dumps, loads
from pricetrail.queries.proofs import bundle
from pricetrail.storage import sources
from pricetrail.storage.database import Database
from pricetrail.storage.history import versions
from tests.catalog.evidence.checkers import by_package, by_script
from tests.support.histories import at, build, catalog, failed, model, poll, quarantined, tokens
from tests.support.volume import examples

CATALOGS = [
    catalog(model("a", tokens("1", "2")), model("b")),
    catalog(model("a", tokens("1", "3")), model("b"), model("c")),
    catalog(model("a", tokens("1.0", "2e0")), model("c", note=1)),
    catalog(model("b"), model("d", {"kind": "generation"}), model("e", None)),
]
POLLS = st.lists(st.sampled_from([0, 0, 1, 2, 3, "failed", "quarantined"]), min_size=1, max_size=9)
MINUTES = st.integers(0, 700)


def record(database: Database, polls: list[Any], imported: bool, took: timedelta) -> None:
    """A poll an hour from 10:00 on; each one takes a while."""
    for hour, found in enumerate(polls):
        when = at("10:00") + timedelta(hours=hour)
        if found == "failed":
            failed(database, "s", when)
        elif found == "quarantined":
            quarantined(database, "s", when)
        elif imported:
            build(database, "s", [(when, CATALOGS[found])], imported=True)
        else:
            poll(database, "s", when, CATALOGS[found], took=took)


def _while_a_poll_went_on(made: Any, took: timedelta) -> bool:
    """Whether the time asked about lies in the seconds between a request and its answer.

    The chain has its version until the request alone, and may not prove that.
    """
    into = (at(made["claim"]["at"]) - at("10:00")) % timedelta(hours=1)
    return timedelta(0) < into <= took


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    max_examples=examples(25),
)
@given(
    polls=POLLS,
    imported=st.booleans(),
    took=st.integers(0, 90).map(lambda seconds: timedelta(seconds=seconds)),
    asked=st.lists(st.tuples(st.sampled_from("abcde"), MINUTES), min_size=1, max_size=6),
)
def test_what_is_made_of_any_history_passes(
    sqlite_url: str,
    tmp_path: Path,
    polls: list[Any],
    imported: bool,
    took: timedelta,
    asked: list[tuple[str, int]],
) -> None:
    shutil.copyfile(sqlite_url.removeprefix("sqlite:///"), tmp_path / "random.db")
    database = Database(f"sqlite:///{tmp_path / 'random.db'}")
    record(database, polls, imported, took)
    with database.read() as connection:
        for name, minute in asked:
            try:
                source = sources.choose(connection, "s")
                made = bundle(connection, source, name, at("10:00") + timedelta(minutes=minute))
            except NotFoundError:
                continue
            found = loads(dumps(made))
            if _while_a_poll_went_on(found, took):
                continue
            last = max(proof["version"] for proof in found["proofs"])
            for row in versions.snapshots(connection, source.id):
                head = SavedHead(row.version, row.hash)
                ok, problems = by_package(found, head)
                assert ok == (row.version >= last), (problems, found["claim"])
                assert by_script(found, head)[0] == ok
    database.close()


@pytest.mark.parametrize("seconds", [0, 30])
def test_a_poll_that_takes_a_while_sees_until_it_began(sqlite_url: str, seconds: int) -> None:
    """`not_before` may then lie before the version's own first sighting."""
    database = Database(sqlite_url)
    record(database, [0, 1], imported=False, took=timedelta(seconds=seconds))
    with database.read() as connection:
        source = sources.choose(connection, "s")
        found = loads(dumps(bundle(connection, source, "a", at("10:01"))))
        head = SavedHead(source.head_version, source.head_hash)
    database.close()
    assert found["claim"]["certainty"] == "bracketed"
    assert by_package(found, head)[0]
    assert by_script(found, head)[0]
