"""A history that is carried on says what a process says that reads it anew."""

import random
import shutil
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, text

from pricetrail.catalog.errors import NotFoundError
from pricetrail.queries import trail
from pricetrail.queries.model_history import find_subject, history_of
from pricetrail.queries.steps import Figures
from pricetrail.queries.trail import TrailAnswer
from pricetrail.storage.database import Database
from tests.support.histories import at, build, catalog, failed, model, poll, tokens
from tests.support.restless import AMOUNTS, PATHS
from tests.support.volume import seeds

NAMES = ("a", "b/x", "c")
HOUR = timedelta(hours=1)


@pytest.fixture
def database(sqlite_url: str) -> Iterator[Database]:
    opened = Database(sqlite_url)
    yield opened
    opened.close()


def told(
    database: Database, name: str, now: datetime, since: datetime | None = None
) -> TrailAnswer | None:
    with database.read() as transaction:
        try:
            return trail.ask(transaction, "s", name, now=now, since=since)
        except NotFoundError:
            return None


def anew(url: str, name: str, now: datetime, since: datetime | None = None) -> TrailAnswer | None:
    """What a process says that knows nothing yet."""
    other = Database(url)
    try:
        return told(other, name, now, since)
    finally:
        other.close()


def priced(amount: str, *others: str) -> dict[str, Any]:
    return catalog(model("m", tokens(amount, "2")), *map(model, others))


def changed(shown: dict[str, dict[str, Any]], chance: random.Random) -> dict[str, Any]:
    """The catalog after some of its models came, went, were renamed or have other prices."""
    for name in NAMES:
        dice = chance.random()
        if dice < 0.1:
            shown.pop(name, None)
        elif dice < 0.5:
            pricing: dict[str, Any] = {"kind": "token"}
            for path in chance.sample(PATHS, 3):
                place = pricing
                for key in path[:-1]:
                    place = place.setdefault(key, {})
                if (amount := chance.choice(AMOUNTS)) is not None:
                    place[path[-1]] = amount
            shown[name] = model(name, pricing, display_name=chance.choice(["One", "Two"]))
    return catalog(*shown.values())


@pytest.mark.parametrize("seed", seeds(2, 60))
def test_after_each_poll_it_says_what_is_said_by_who_reads_it_anew(
    database: Database, sqlite_url: str, seed: int
) -> None:
    chance, shown = random.Random(seed), dict[str, dict[str, Any]]()
    compared = 0
    for number in range(40):
        now = at("2026-03-01") + number * HOUR
        if chance.random() < 0.1:
            failed(database, "s", now)
        else:
            poll(database, "s", now, changed(shown, chance))
        # What came meanwhile is taken in by one that is asked seldom, too.
        if chance.random() < 0.5:
            continue
        since = chance.choice([None, now - HOUR * chance.randint(0, 30)])
        other = Database(sqlite_url)
        for name in NAMES:
            found = told(database, name, now, since)
            assert found == told(other, name, now, since)
            compared += found is not None
        other.close()
    assert compared > 20


def test_after_a_poll_that_left_a_model_alone_none_of_its_rows_are_read(
    database: Database,
) -> None:
    build(database, "s", [("10:00", priced("1")), ("11:00", priced("3")), ("12:00", priced("4"))])
    first = told(database, "m", at("13:00"))
    poll(database, "s", "13:00", priced("4", "n"))
    read: list[str] = []
    event.listen(
        database.engine,
        "before_cursor_execute",
        lambda _connection, _cursor, statement, *_: read.append(statement),
    )
    second = told(database, "m", at("13:00"))
    assert first is not None
    assert second is not None
    assert second.sameness is first.sameness
    assert (second.version, second.events) == (4, first.events)
    assert [one.steps for group in second.groups for one in group.prices] == [
        one.steps for group in first.groups for one in group.prices
    ]
    assert read
    for rows in ("FROM price", "event.body", "count("):
        assert not [statement for statement in read if rows in statement]
    # With one that changed it, it is another.
    poll(database, "s", "14:00", priced("5", "n"))
    third = told(database, "m", at("14:00"))
    assert third is not None
    assert third.sameness is not second.sameness
    assert [one.version for one in third.events] == [2, 3, 5]


def test_a_part_is_asked_for_before_the_whole(database: Database, sqlite_url: str) -> None:
    hours = [f"{hour}:00" for hour in range(10, 18)]
    build(database, "s", [(hour, priced(str(n))) for n, hour in enumerate(hours)])
    for since in (at("16:30"), at("15:00"), None, at("14:30")):
        found = told(database, "m", at("18:00"), since)
        assert found == anew(sqlite_url, "m", at("18:00"), since) is not None


def test_figures_are_carried_on_with_the_steps(database: Database) -> None:
    for number, hour in enumerate(("10:00", "11:00", "12:00", "13:00"), 1):
        poll(database, "s", hour, priced(str(number % 3)))
        with database.read() as transaction:
            subject = find_subject(transaction, "s", "m")
            found = history_of(transaction, subject, number, 0)
        assert found is not None
        assert found.figures == {path: Figures.of(steps) for path, steps in found.steps.items()}


def test_a_source_that_is_made_anew_has_its_new_history(
    database: Database, sqlite_url: str
) -> None:
    """It gets the row ids of the one before, and versions with the same numbers."""
    hours = ("10:00", "11:00", "12:00")
    build(database, "s", [(hour, priced(str(n))) for n, hour in enumerate(hours, 1)])
    assert told(database, "m", at("12:00")) is not None
    for others in ((), ("n",), ("n", "o")):
        with database.write() as connection:
            connection.execute(text("DELETE FROM source"))
        amounts = [(hour, priced(f"{n}.5", *others)) for n, hour in enumerate(hours, len(others))]
        build(database, "s", amounts)
        found = told(database, "m", at("12:00"))
        assert found == anew(sqlite_url, "m", at("12:00"))


def test_a_backup_in_the_files_place_is_what_is_told(database: Database, sqlite_url: str) -> None:
    path = Path(sqlite_url.removeprefix("sqlite:///"))
    backup, mended = path.with_suffix(".old"), path.with_suffix(".mended")
    build(database, "s", [("10:00", priced("1")), ("11:00", priced("3"))])
    shutil.copy(path, backup)
    poll(database, "s", "12:00", priced("5"))
    shutil.copy(path, mended)
    with database.write() as connection:
        connection.execute(text("UPDATE price SET amount = amount || '9' WHERE valid_from = 2"))
    wrong = told(database, "m", at("12:00"))
    # As it was, with the same head: nothing but the file tells that it is another.
    mended.replace(path)
    right = told(database, "m", at("12:00"))
    assert right == anew(sqlite_url, "m", at("12:00"))
    assert right != wrong
    backup.replace(path)
    older = told(database, "m", at("12:00"))
    assert older == anew(sqlite_url, "m", at("12:00"))
    assert older is not None
    assert older.version == 2


def test_what_another_process_writes_is_told(database: Database, sqlite_url: str) -> None:
    build(database, "s", [("10:00", priced("1"))])
    other = Database(sqlite_url)
    for number, hour in enumerate(("11:00", "12:00", "13:00"), 2):
        poll(other, "s", hour, priced(str(number)))
        found = told(database, "m", at(hour))
        assert found == told(other, "m", at(hour)) is not None
    other.close()
