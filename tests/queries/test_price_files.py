"""Price files of a source at a time."""

from collections.abc import Iterator
from decimal import Decimal

import pytest

from pricetrail.catalog.errors import InvalidInputError, NotFoundError
from pricetrail.catalog.strict_json import loads
from pricetrail.queries.price_files import FORMATS, PriceFileAnswer, ask
from pricetrail.storage.database import Database
from pricetrail.storage.sources import SourceNeededError
from tests.support.histories import at, build, catalog, model, tokens

DEAR = model("a")
CHEAP = model("a", tokens("0.0000001", "0.000015"))


@pytest.fixture
def database(sqlite_url: str) -> Iterator[Database]:
    opened = Database(sqlite_url)
    odd = model("b\u009b", tokens("free", "0.1"))
    build(opened, "s", [("10:00", catalog(DEAR)), ("12:00", catalog(CHEAP, odd, model("c", {})))])
    yield opened
    opened.close()


def asked(
    database: Database, form: str, when: str | None = None, source: str | None = None
) -> PriceFileAnswer:
    with database.read() as transaction:
        return ask(transaction, source, form, at(when) if when else None)


@pytest.mark.parametrize("form", FORMATS)
def test_the_text_is_the_document_digit_for_digit_and_always_the_same(
    database: Database, form: str
) -> None:
    answer = asked(database, form)
    text = answer.as_text()
    assert loads(text) == answer.as_json()
    assert text == asked(database, form, "23:00").as_text()
    assert text.endswith("\n")
    assert text.replace("\n", "").isprintable()
    assert (answer.source, answer.version, answer.first_seen) == ("s", 2, at("12:00"))
    assert (answer.format, answer.models) == (form, 3)


def test_a_line_is_a_model(database: Database) -> None:
    assert asked(database, "litellm").as_text() == (
        "{\n"
        '  "a": {"litellm_provider":"openai","mode":"chat","input_cost_per_token":0.0000001,'
        '"output_cost_per_token":0.000015},\n'
        '  "b\\u009b": {"litellm_provider":"openai","mode":"chat","output_cost_per_token":0.1}\n'
        "}\n"
    )
    assert asked(database, "litellm", "10:00").as_json() == {
        "a": {
            "litellm_provider": "openai",
            "mode": "chat",
            "input_cost_per_token": Decimal("0.000003"),
            "output_cost_per_token": Decimal("0.000015"),
        }
    }


def test_last_updated_is_the_day_by_which_the_prices_were_seen(database: Database) -> None:
    build(database, "s", [("2026-03-07", catalog({**CHEAP, "display_name": "New"}, model("z")))])
    text = asked(database, "models.dev").as_text()
    updated = {name: one["last_updated"] for name, one in loads(text)["s"]["models"].items()}
    assert updated == {"a": "2026-03-01", "z": "2026-03-07"}


def test_what_is_left_out_is_counted_by_price_and_reason(database: Database) -> None:
    assert asked(database, "litellm").left_out_in_words() == [
        "1 × models: no price that the format has a place for",
        "1 × text.prompt: it is no amount",
    ]
    assert asked(database, "litellm", "10:00").left_out_in_words() == []


def test_an_empty_catalog_is_an_empty_file(database: Database) -> None:
    build(database, "s", [("20:00", catalog())])
    assert asked(database, "litellm").as_text() == "{}\n"
    assert loads(asked(database, "genai-prices").as_text())[0]["models"] == []


def test_an_unknown_format_or_time_is_refused(database: Database) -> None:
    with pytest.raises(InvalidInputError) as caught:
        asked(database, "xml")
    assert str(caught.value) == (
        "'xml' is no format; it must be one of litellm, models.dev, genai-prices"
    )
    with pytest.raises(NotFoundError, match="the first is of"):
        asked(database, "litellm", "09:00")


def test_prices_of_a_day_are_those_of_the_day_that_is_asked_for(database: Database) -> None:
    later = {"from_20260305": {"text": {"prompt": "0.000007"}}}
    build(database, "s", [("20:00", catalog(model("a", tokens("0.5", "0.25", tiers=later))))])
    days = ("2026-03-04T23:59:59Z", "2026-03-05T00:00:00Z", "2026-04-01T00:00:00Z")
    found = [loads(asked(database, "litellm", day).as_text())["a"] for day in days]
    assert [one["input_cost_per_token"] for one in found] == [
        Decimal("0.5"),
        Decimal("0.000007"),
        Decimal("0.000007"),
    ]


def test_without_a_time_they_are_those_of_the_day_on_which_they_were_last_seen(
    database: Database,
) -> None:
    later = {"from_20260305": {"text": {"prompt": "0.000007"}}}
    same = catalog(model("a", tokens("0.5", "0.25", tiers=later)))
    for last, prompt in (("2026-03-04", "0.5"), ("2026-03-06", "0.000007")):
        build(database, "s", [("20:00", same), (last, same)])
        found = loads(asked(database, "litellm").as_text())["a"]
        assert found["input_cost_per_token"] == Decimal(prompt)


def test_a_file_is_of_the_source_that_is_named_and_says_where_its_list_is(
    database: Database,
) -> None:
    build(database, "t", [("10:00", catalog(model("z")))])
    answer = asked(database, "models.dev", source="t")
    assert (answer.source, answer.models) == ("t", 1)
    assert loads(answer.as_text())["t"]["doc"] == "http://127.0.0.1/v1/models"
    with pytest.raises(SourceNeededError, match="s, t"):
        asked(database, "models.dev")


@pytest.mark.parametrize(
    ("levels", "text"),
    [
        (0, '{"a":[1,{"b":{"c":2}}],"d":[]}\n'),
        (1, '{\n  "a": [1,{"b":{"c":2}}],\n  "d": []\n}\n'),
        (2, '{\n  "a": [\n    1,\n    {"b":{"c":2}}\n  ],\n  "d": []\n}\n'),
        (
            3,
            '{\n  "a": [\n    1,\n    {\n      "b": {"c":2}\n    }\n  ],\n  "d": []\n}\n',
        ),
    ],
)
def test_the_outer_levels_have_a_line_for_each_member(levels: int, text: str) -> None:
    document = {"a": [1, {"b": {"c": 2}}], "d": []}
    answer = PriceFileAnswer("s", "any", 1, at("10:00"), 0, (), document, levels)
    assert answer.as_text() == text
