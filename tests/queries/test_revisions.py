"""How a person names a version, on both databases."""

from collections.abc import Iterator

import pytest

from pricetrail.catalog.errors import InvalidInputError, NotFoundError
from pricetrail.queries.revisions import is_settled, version_of
from pricetrail.storage.database import Database
from pricetrail.storage.sources import choose, remember_key
from tests.support.histories import at, build, catalog, failed, hourly, model, tokens

FOUR = [catalog(model("a", tokens(price, "0.1"))) for price in ("0.1", "0.2", "0.3", "0.4")]


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    found = Database(database_url)
    yield found
    found.close()


def chosen(database: Database, text: str) -> int:
    with database.read() as connection:
        return version_of(connection, choose(connection, "s"), text)


def test_a_version_is_named_by_number_by_age_or_by_a_time(database: Database) -> None:
    build(database, "s", hourly("10:00", FOUR))
    named = {
        "2": 2,
        " 2 ": 2,
        "latest": 4,
        "latest~0": 4,
        "latest~3": 1,
        "baseline": 1,
        "2026-03-01T12:00:00Z": 3,
        "2026-03-01T12:59:59.999Z": 3,
        "2026-03-01T13:30:00+01:00": 3,
        "2026-03-02": 4,
        "2026-03-01T12:00": 3,
        "2026-03-01 12:59": 3,
    }
    assert {text: chosen(database, text) for text in named} == named


def test_the_baseline_is_the_present_accounts(database: Database) -> None:
    build(database, "s", hourly("10:00", FOUR))
    with database.write() as connection:
        remember_key(connection, choose(connection, "s").id, "another", 3)
    assert chosen(database, "baseline") == 3


def test_a_time_to_come_is_refused_and_not_answered_with_the_newest(database: Database) -> None:
    build(database, "s", hourly("10:00", FOUR))
    with pytest.raises(NotFoundError, match=r"2999-01-01T00:00:00Z is in the future: .* latest"):
        chosen(database, "2999-01-01")
    # What was seen was seen, though the clock has been set back since.
    build(database, "ahead", [("2999-01-02", FOUR[0])])
    with database.read() as connection:
        assert version_of(connection, choose(connection, "ahead"), at("2999-01-02")) == 1


def test_a_version_that_is_not_there_is_nothing_to_answer_from(database: Database) -> None:
    build(database, "s", hourly("10:00", FOUR))
    for text in ("9", "0", "latest~4", "2026-03-01T09:59:59Z"):
        with pytest.raises(NotFoundError, match="no snapshot"):
            chosen(database, text)


def test_anything_else_is_refused_with_the_forms_that_there_are(database: Database) -> None:
    build(database, "s", hourly("10:00", FOUR))
    for text in ("", "first", "latest~", "latest~-1", "-1", "1.5", "२", "2026-13-01"):
        with pytest.raises(InvalidInputError, match="latest~3 or baseline"):
            chosen(database, text)


def test_before_the_first_good_poll_the_remedy_is_named(database: Database) -> None:
    failed(database, "s", "10:00")
    for text in ("latest", "latest~1", "baseline"):
        with pytest.raises(NotFoundError, match="no snapshot yet: run `pricetrail poll`"):
            chosen(database, text)


def test_a_time_before_the_first_snapshot_tells_when_that_was(database: Database) -> None:
    build(database, "s", hourly("10:00", FOUR))
    with database.read() as connection, pytest.raises(NotFoundError, match="03-01T10:00:00Z"):
        version_of(connection, choose(connection, "s"), at("09:00"))


def test_a_program_may_give_a_time_as_a_value_and_none_for_the_latest(database: Database) -> None:
    build(database, "s", hourly("10:00", FOUR))
    with database.read() as connection:
        source = choose(connection, "s")
        assert version_of(connection, source, at("11:30")) == 2
        assert version_of(connection, source, None) == 4


def test_a_number_and_a_time_before_the_newest_began_are_settled(database: Database) -> None:
    build(database, "s", hourly("10:00", FOUR[:1]))
    with database.read() as connection:
        assert not is_settled(connection, choose(connection, "s"), at("09:00"))
    build(database, "s", hourly("11:00", FOUR[1:3]))
    with database.read() as connection:
        state = choose(connection, "s")
        for revision in ("1", " 3 ", "2026-03-01T10:59:59Z", at("10:30")):
            assert is_settled(connection, state, revision)
        for revision in ("latest", "latest~1", "baseline", "2026-03-01T11:00:00Z", at("12:00")):
            assert not is_settled(connection, state, revision)
        assert not is_settled(connection, state, None)
