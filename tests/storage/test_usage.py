"""Quantities by model, day and price path: added exactly, once a file, over thirty days."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from pricetrail.catalog.aliases import NO_ALIASES, grouped
from pricetrail.catalog.changes import Change
from pricetrail.catalog.event_details import Heading, ModelChanged
from pricetrail.catalog.events import REPRICED, UPDATED, Event
from pricetrail.storage import usage
from pricetrail.storage.database import Database
from pricetrail.storage.errors import UnstorableError
from pricetrail.storage.usage import UsageFile
from tests.support.histories import build, catalog, model

NOW = datetime(2026, 3, 2, tzinfo=UTC)
PROMPT, COMPLETION = "/pricing/text/prompt", "/pricing/text/completion"


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    found = Database(database_url)
    yield found
    found.close()


def add(database: Database, number: int, *entries: tuple[str, str, str, str]) -> bool:
    quantities = {(model, day, path): Decimal(amount) for model, day, path, amount in entries}
    file = UsageFile(bytes([number]) * 32, f"{number}.csv", len(entries))
    with database.write() as connection:
        return usage.add(connection, file, quantities, NOW)


@pytest.mark.parametrize("model", ["m" * 513, "é" * 257, "m\x00", "m\ud800"])
def test_names_that_not_every_database_keeps_are_refused_on_both(
    database: Database, model: str
) -> None:
    with pytest.raises(UnstorableError, match="usage of a name") as refusal:
        add(database, 1, (model, "2026-03-01", PROMPT, "1"))
    assert len(str(refusal.value)) < 150
    assert add(database, 1, ("m" * 512, "2026-03-01", PROMPT, "1"))


def monthly(database: Database) -> usage.Quantities | None:
    with database.read() as connection:
        return usage.monthly_quantities(connection)


def test_files_add_up_exactly(database: Database) -> None:
    assert add(database, 1, ("a", "2026-03-01", PROMPT, "12345678901234567890.000000001"))
    assert add(
        database, 2, ("a", "2026-03-01", PROMPT, "0.1"), ("a", "2026-03-01", COMPLETION, "3")
    )
    total = Decimal("12345678901234567890.100000001")
    assert monthly(database) == {"a": {PROMPT: total, COMPLETION: Decimal(3)}}


def test_the_same_content_a_second_time_changes_nothing(database: Database) -> None:
    assert add(database, 1, ("a", "2026-03-01", PROMPT, "5"))
    assert not add(database, 1, ("a", "2026-03-01", PROMPT, "5"))
    assert monthly(database) == {"a": {PROMPT: Decimal(5)}}
    with database.read() as connection:
        assert usage.known_file(connection, b"\x01" * 32) == NOW
        assert usage.known_file(connection, b"\x02" * 32) is None


def test_a_month_is_thirty_days_up_to_the_latest(database: Database) -> None:
    assert monthly(database) is None
    add(
        database,
        1,
        ("a", "2026-01-29", PROMPT, "1"),
        ("a", "2026-01-30", PROMPT, "10"),
        ("a", "2026-02-28", PROMPT, "100"),
    )
    with database.read() as connection:
        assert usage.last_day(connection) == date(2026, 2, 28)
    assert monthly(database) == {"a": {PROMPT: Decimal(110)}}


def repriced(*changes: tuple[str, str | None, str | None], kind: str = REPRICED) -> Event:
    entries = ({"path": path, "old": old, "new": new} for path, old, new in changes)
    details = ModelChanged(Heading.of({}), tuple(map(Change.from_json, entries)))
    return Event("evt_1", "pipellm", 2, 0, kind, "a", NOW, details)


USED = {"a": {PROMPT: Decimal(1_000_000)}}


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        (repriced((PROMPT, "0.000003", "0.0000035")), "0.5"),
        (repriced((PROMPT, "0.000003", "0.000001"), (COMPLETION, "0.1", "0.2")), "-2"),
        (repriced((COMPLETION, "0.1", "0.2")), "0"),
        (repriced((COMPLETION, None, "0.2")), "0"),
        # What is used and has no price on one side has no difference.
        (repriced((PROMPT, None, "0.2")), None),
        (repriced((PROMPT, "0.1", None)), None),
        (repriced((PROMPT, "0.1", "0.2"), kind=UPDATED), None),
    ],
)
def test_a_change_costs_what_is_used_times_the_difference(
    event: Event, expected: str | None
) -> None:
    found = usage.monthly_difference(USED, event)
    assert found == (None if expected is None else Decimal(expected))
    assert usage.monthly_difference(None, event) is None


def test_usage_under_other_names_counts_where_its_source_lists_none_of_them(
    database: Database,
) -> None:
    aliases = grouped({"m": ["a", "openai/a", "old"]})
    build(database, "pipellm", [("10:00", catalog(model("a"), model("old")))])
    event = repriced((PROMPT, "0.000003", "0.000004"))
    used = {name: {PROMPT: Decimal(1_000_000)} for name in ("a", "m", "openai/a", "old", "other")}
    with database.read() as connection:
        assert usage.other_names(connection, event, aliases) == ("m", "openai/a")
        updated = repriced((PROMPT, "0.000003", "0.000004"), kind=UPDATED)
        assert usage.other_names(connection, updated, aliases) == ()
        assert usage.other_names(connection, event, NO_ALIASES) == ()
    assert usage.monthly_difference(used, event, ("m", "openai/a")) == 3
    assert usage.monthly_difference(used, event) == 1
