"""A whole catalog around an instant, and since when its prices stand."""

from collections.abc import Iterator

import pytest

from pricetrail.storage.database import Database
from pricetrail.storage.history.price_catalogs import Since, find_catalog, since
from pricetrail.storage.history.prices import price_at
from pricetrail.storage.sources import choose
from tests.support.histories import at, build, catalog, failed, model, tokens

DEAR, CHEAP = model("a"), model("a", tokens("0.000001", "0.000015"))
RENAMED = {**CHEAP, "display_name": "A!"}
FREE = model("a", tokens("0.000001", "0"))


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    opened = Database(database_url)
    yield opened
    opened.close()


def test_every_model_is_as_price_says(database: Database) -> None:
    build(database, "s", [("10:00", catalog(DEAR, model("b"))), ("12:00", catalog(CHEAP))])
    failed(database, "s", "13:00")
    build(database, "s", [("14:00", catalog(RENAMED))])
    for moment in ("10:00", "11:00", "12:00", "13:00", "14:00", "15:00"):
        with database.read() as transaction:
            state = choose(transaction, None)
            found = find_catalog(transaction, state, at(moment))
            assert found is not None
            for name in found.models:
                assert found.price_at(name) == price_at(transaction, state, name, at(moment))


def test_there_is_none_before_the_first(database: Database) -> None:
    failed(database, "s", "09:00")
    with database.read() as transaction:
        assert find_catalog(transaction, choose(transaction, None)) is None
    build(database, "s", [("10:00", catalog(DEAR))])
    with database.read() as transaction:
        state = choose(transaction, None)
        assert find_catalog(transaction, state, at("09:30")) is None
        last = find_catalog(transaction, state)
        assert last is not None
        assert (last.at, set(last.models)) == (at("10:00"), {"a"})


def test_prices_stand_since_the_last_change_of_one_of_them(database: Database) -> None:
    steps = (DEAR, CHEAP, RENAMED, FREE)
    build(database, "s", [(f"{hour + 10}:00", catalog(step)) for hour, step in enumerate(steps)])
    build(database, "s", [("14:00", catalog()), ("15:00", catalog(FREE, model("b")))])

    def of(version: int, field: str | None = None, name: str | None = None) -> dict[str, Since]:
        with database.read() as transaction:
            return since(transaction, choose(transaction, None).id, version, field, name)

    assert of(1) == {"a": (None, at("10:00"))}
    assert of(2) == of(3) == {"a": (at("10:00"), at("11:00"))}
    assert of(4) == {"a": (at("12:00"), at("13:00"))}
    assert of(4, "/pricing/text/prompt") == of(2)
    assert of(4, "/pricing/text") == of(4)
    assert of(4, "/pricing/tex") == {}
    # What came back begins anew.
    assert of(6) == {name: (at("14:00"), at("15:00")) for name in ("a", "b")}
    assert list(of(6, name="b")) == ["b"]
