"""A map of prices beside a gateway's history."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from pricetrail.catalog.errors import NotFoundError
from pricetrail.queries.check_map import CheckMapAnswer, ask
from pricetrail.queries.map_names import Names
from pricetrail.queries.price_maps import PriceMap
from pricetrail.storage.database import Database
from pricetrail.text.renames import Rename
from tests.support.histories import at, build, catalog, model, tokens


def recorded(database: Database) -> None:
    """`a` costs 1, 2, 2 with noise, 3 and 4 a token; `b` never changes; `gone` goes."""
    noise = "2.0000000000000004"
    found = [
        (f"1{hour}:00", catalog(model("a", tokens(prompt, "9")), model("b"), *more))
        for hour, (prompt, more) in enumerate(
            [("1", [model("gone")]), ("2", []), (noise, []), ("3", []), ("4", [])]
        )
    ]
    build(database, "s", found)


@pytest.fixture
def database(with_history: Callable[..., str]) -> Iterator[Database]:
    opened = Database(with_history(recorded))
    yield opened
    opened.close()


def asked(
    database: Database, when: str | None = None, names: Names | None = None, **prices: Any
) -> CheckMapAnswer:
    return asked_by_name(database, prices, when, names)


def asked_by_name(
    database: Database,
    prices: Mapping[str, Any],
    when: str | None = None,
    names: Names | None = None,
) -> CheckMapAnswer:
    models = {name: model(name, pricing) for name, pricing in prices.items()}
    with database.read() as transaction:
        moment = at(when) if when else None
        return ask(transaction, None, PriceMap("litellm", models), moment, names)


def turn(version: int, before: str | None, after: str) -> dict[str, object]:
    times = [None if one is None else f"2026-03-01T{one}:00Z" for one in (before, after)]
    return {"version": version, "not_before": times[0], "not_after": times[1]}


def test_a_difference_says_how_much_since_when_and_until_when_the_map_was_right(
    database: Database,
) -> None:
    answer = asked(database, a=tokens("2", "9"), b=tokens("0.000003", "0.000015"), other=None)
    assert answer.as_json() == {
        "source": "s",
        "format": "litellm",
        "at": "2026-03-01T14:00:00Z",
        "version": 4,
        "compared": 2,
        "agreeing_prices": 3,
        "differences": [
            {
                "model": "a",
                "named": "a",
                "prices": [
                    {
                        "path": "/pricing/text/prompt",
                        "unit": "USD/token",
                        "map": "2",
                        "gateway": "4",
                        "percent": "100.00",
                        "since": turn(4, "13:00", "14:00"),
                        "right_until": turn(3, "12:00", "13:00"),
                    }
                ],
            }
        ],
        "only_in_map": ["other"],
        "only_at_gateway": [],
        "not_compared": [],
    }
    assert not answer.agrees
    assert answer.in_words() == "2 models compared: 1 differs, 1 only in the map, 0 only at s"


def test_at_an_earlier_time_it_is_held_against_the_prices_of_then(database: Database) -> None:
    then = asked(database, "12:30", a=tokens("2", "9"))
    assert (then.agrees, then.version, then.only_at_gateway) == (True, 2, ("b",))
    assert asked(database, "10:30", a=tokens("1", "9")).only_at_gateway == ("b", "gone")
    [one] = asked(database, "12:30", a=tokens("1", "9")).differences
    # What differs by noise alone began when the number did.
    assert one.prices[0].since.as_json() == turn(2, "10:00", "11:00")
    assert one.prices[0].right_until == one.prices[0].since


def test_a_price_that_the_gateway_never_had_was_never_right(database: Database) -> None:
    [one] = asked(database, b=tokens("7", "0.000015")).differences
    assert one.prices[0].right_until is None
    assert one.prices[0].since.as_json() == turn(1, None, "10:00")


def test_the_largest_difference_comes_first_and_what_is_missing_last(database: Database) -> None:
    priced = {"kind": "token", "text": {"prompt": "3.9"}}
    answer = asked(database, b=tokens("0", "0.00001"), a=priced)
    assert [one.model for one in answer.differences] == ["b", "a"]
    assert [str(price.percent) for one in answer.differences for price in one.prices] == [
        "None",
        "50.00",
        "2.56",
        "None",
    ]


def test_names_are_told_by_the_source_and_by_a_person(database: Database) -> None:
    assert asked_by_name(database, {"s/b": None}).compared == 1
    named = Names((Rename("openai/*", "*"),))
    answer = asked_by_name(database, {"openai/a": tokens("4", "8")}, names=named)
    assert [(one.model, one.named) for one in answer.differences] == [("a", "openai/a")]


@pytest.mark.parametrize(
    ("name", "remedy"), [("openai/a", r"--model 'openai/\*=\*'"), ("x", "--model old=new")]
)
def test_where_no_model_is_in_both_it_says_what_to_do(
    database: Database, name: str, remedy: str
) -> None:
    with pytest.raises(NotFoundError, match=remedy):
        asked_by_name(database, {name: None})
