"""Offers as rows, each price with how it stands beside the others."""

from collections.abc import Iterator

import pytest

from pricetrail.queries import compare
from pricetrail.storage.database import Database
from pricetrail.web.tables.offers import Comparison, comparison, matching, winners
from tests.support.histories import build, catalog, model, tokens


@pytest.fixture
def found(sqlite_url: str) -> Iterator[Comparison]:
    database = Database(sqlite_url)
    shops = {
        "one": [model("a", tokens("0.000003", "0.000015")), model("b"), model("alone")],
        "two": [model("a", tokens("0.000002", "0.000015")), model("b", tokens("0", "0.000015"))],
        "ten": [model("a", tokens("0.000002", "0.00003")), model("free", tokens("0", "0"))],
        "far": [model("free", tokens("0", "0")), model("odd", tokens("free", "0.1"))],
        "out": [
            model("odd", {"kind": "token", "text": {"completion": "0.1"}, "cache": {"read": "1"}})
        ],
    }
    for name, models in shops.items():
        build(database, name, [("10:00", catalog(*models))])
    with database.read() as transaction:
        yield comparison(compare.ask(transaction))
    database.close()


def told(found: Comparison, name: str) -> dict[str, list[str]]:
    """The columns of each source's offer, without markup."""
    (row,) = (row for row in found.rows if row.model == name)
    return {
        offer.source: [cell.striptags() for cell in (*offer.cells, offer.others)]
        for offer in row.offers
    }


def test_each_price_says_in_words_how_it_stands(found: Comparison) -> None:
    assert told(found, "a") == {
        "two": ["cheapest $2.00", "cheapest $15.00", ""],
        "ten": ["cheapest $2.00", "+100% $30.00", ""],
        "one": ["+50% $3.00", "cheapest $15.00", ""],
    }
    assert told(found, "b")["one"] == ["free elsewhere $3.00", "same $15.00", ""]


def test_an_offer_without_prices_says_so(sqlite_url: str) -> None:
    database = Database(sqlite_url)
    build(database, "one", [("10:00", catalog({"id": "m"}))])
    build(database, "two", [("10:00", catalog(model("m", tokens("0.000002", "0"))))])
    with database.read() as transaction:
        compared = comparison(compare.ask(transaction))
    database.close()
    assert told(compared, "m") == {"two": ["$2.00", "$0.00", ""], "one": ["", "", "no prices"]}


def test_a_price_that_one_source_alone_has_is_not_compared(found: Comparison) -> None:
    odd = told(found, "odd")
    assert odd["out"][0] == ""
    assert odd["out"][2] == "cache read $1,000,000.00 /1M"
    assert odd["far"][1] == "same $100,000.00"


def test_it_counts_for_how_many_each_source_is_the_cheapest(found: Comparison) -> None:
    assert [row.model for row in found.rows] == ["a", "b", "free", "odd"]
    assert dict(found.winners.wins) == {"one": 0, "two": 2, "ten": 1, "far": 0, "out": 0}
    assert found.winners.same == 2


def test_of_some_models_it_counts_those_alone(found: Comparison) -> None:
    some = matching(found.rows, "b", by_spread=False)
    assert winners(some, ["one", "two"]) == ([("one", 0), ("two", 1)], 0)


def test_the_largest_difference_comes_first_on_demand(found: Comparison) -> None:
    ordered = matching(found.rows, "", by_spread=True)
    assert [row.model for row in ordered] == ["b", "a", "free", "odd"]
    assert [row.model for row in matching(found.rows, "D o", by_spread=False)] == ["odd"]
