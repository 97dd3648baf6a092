"""Tables held to their shapes: the first problem, in the words of where it was written."""

from datetime import date
from pathlib import Path

import pytest
from pydantic import BaseModel

from pricetrail.settings.checking import Where, near, shaped
from pricetrail.settings.errors import SettingsError
from pricetrail.settings.files import ENVIRONMENT, Raw
from pricetrail.settings.shapes import SourceTable, WebhookTable, WebTable

FILE = Raw("prices.toml", {}, Path(), from_file=True)
VARIABLES = Raw(ENVIRONMENT, {}, Path(), from_file=False)


@pytest.mark.parametrize(
    ("raw", "table", "key", "said"),
    [
        (FILE, "web", "port", "prices.toml: web.port: wrong"),
        (FILE, "sources.s", "api_key", "prices.toml: sources.s.api_key: wrong"),
        (VARIABLES, "web", "port", "the environment: PRICETRAIL_WEB_PORT: wrong"),
        (VARIABLES, "web", "tokens.environment", "the environment: PRICETRAIL_WEB_TOKEN: wrong"),
        (VARIABLES, "sources.pipellm", "hold", "the environment: PRICETRAIL_HOLD: wrong"),
        (VARIABLES, "sources.pipellm", "api_key", "the environment: PIPELLM_API_KEY: wrong"),
    ],
)
def test_a_problem_is_told_where_it_was_written(raw: Raw, table: str, key: str, said: str) -> None:
    assert str(Where(raw, table).error(key, "wrong")) == said


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, 'api_key: is missing: write api_key = "env:NAME"'),
        ({"api_key": "k", "shedule": "x"}, "shedule: unknown key; did you mean schedule?"),
        (
            {"api_key": "k", "max_models": "x"},
            "max_models: not a whole number: write one such as 20",
        ),
        ({"api_key": "k", "hold": "soon"}, "hold: "),
    ],
)
def test_the_first_problem_names_its_key(given: dict[str, object], said: str) -> None:
    with pytest.raises(SettingsError) as refusal:
        shaped(Where(FILE, "sources.s"), SourceTable, given)
    assert str(refusal.value).startswith(f"prices.toml: sources.s.{said}")


# Whatever a file may hold where something else is wanted.
ODD: list[object] = [
    *(5, -1, 10**30, 1.5, float("nan"), float("inf"), True),
    *("x", "", "\ud800", [], [5], {}, {"a": 5}, None, date(2026, 3, 1)),
]


@pytest.mark.parametrize("shape", [SourceTable, WebhookTable, WebTable])
def test_every_kind_of_wrong_value_is_told_in_our_words(shape: type[BaseModel]) -> None:
    said: set[str] = set()
    for key in shape.model_fields:
        for value in ODD:
            try:
                shaped(Where(FILE, "t"), shape, {"url": "u", "api_key": "k"} | {key: value})
            except SettingsError as error:
                said.add(str(error))
    of_keys = [text for text in said if "unknown key" not in text]
    assert len(of_keys) >= len(shape.model_fields) / 2
    for text in of_keys:
        assert "nput should" not in text
        assert "unable to parse" not in text
        assert "can be used here" not in text


def test_what_is_sound_is_given_in_its_types() -> None:
    assert shaped(Where(FILE, "web"), WebTable, {"port": 9000}).port == 9000


def test_a_misspelt_key_is_guessed_else_all_are_told() -> None:
    assert near("prot", ["port", "host"]) == "; did you mean port?"
    assert near("x", ["port", "host"], prefix="P_") == "; there are: P_host, P_port"
