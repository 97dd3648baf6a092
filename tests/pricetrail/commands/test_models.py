"""`pricetrail models`: the catalog, as JSON and as a table."""

import json
import re

import pytest

from pricetrail.storage.database import Database
from tests.pricetrail.commands.running import URL, document, made_up_history, refused, run, shown
from tests.support.histories import build, catalog, model, tokens

DAY = "2026-03-01T"


@pytest.fixture(autouse=True)
def _history() -> None:
    made_up_history()


def test_models_are_in_the_gateways_own_shape_at_any_time() -> None:
    now = document("models")
    assert list(now) == ["object", "data", "total"]
    assert [one["id"] for one in now["data"]] == ["gpt-5", "new"]
    then = document("models", "--at", f"{DAY}11:30:00Z")
    assert (then["object"], then["total"]) == ("list", 2)
    assert then["data"][0]["pricing"]["text"]["prompt"] == "0.000003"
    table = shown("models")
    assert "$2.50" in table
    assert "2 models of s, version 3" in table
    assert "the first is of 2026-03-01" in refused(3, "models", "--at", "2026-02-01")


def test_of_many_other_prices_the_first_two_are_shown_and_the_rest_counted() -> None:
    cache = {"read": "0.0000003", "write": "0.000004", "write_1h": "0.000006"}
    database = Database(URL)
    more = model("more", tokens("0.000003", "1,5", cache=cache), type_target="gemini")
    build(database, "s", [("16:00", catalog(more))])
    database.close()
    row = shown("models").splitlines()[1]
    assert re.split(r" {2,}", row) == [
        *("more", "gemini", "$3.00", "–"),
        "cache read $0.30 /1M, cache write $4.00 /1M, and 1 more",
    ]


def test_an_empty_catalog_is_said_to_be_empty() -> None:
    database = Database(URL)
    build(database, "s", [("16:00", catalog())])
    database.close()
    assert shown("models").splitlines()[0] == "the catalog was empty"
    assert document("models") == {"object": "list", "data": [], "total": 0}


def test_an_unknown_source_is_exit_code_3() -> None:
    assert "no source 'x' here" in refused(3, "models", "--source", "x")


def test_several_sources_have_to_be_told_apart() -> None:
    database = Database(URL)
    build(database, "other", [("10:00", catalog(model("x")))])
    database.close()
    code, _, said = run("models")
    assert code == 2
    assert "name one with --source (other, s)" in said
    assert document("models", "--source", "other")["total"] == 1
    assert len(document("events")["events"]) == 4


def test_a_time_to_come_never_shows_today_in_silence() -> None:
    for asked in (["models"], ["export", "--as", "litellm"]):
        assert "2999-01-01T00:00:00Z is in the future" in refused(3, *asked, "--at", "2999-01-01")
    assert "is in the future" in refused(3, "diff", "baseline", "2999-01-01")
    code, out, err = run("price", "gpt-5", "--at", "2999-01-01", "--json")
    assert (code, json.loads(out)["certainty"]) == (0, "gap")
    assert err == "2999-01-01T00:00:00Z is in the future: the answer is what is known so far\n"
