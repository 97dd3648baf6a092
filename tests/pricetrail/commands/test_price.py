"""`pricetrail price`: how certain a price is, in JSON and in words."""

import pytest

from pricetrail.storage.database import Database
from tests.pricetrail.commands.running import document, made_up_history, refused, shown
from tests.support.histories import build, catalog, model

PROMPT = "/pricing/text/prompt"
DAY = "2026-03-01T"


@pytest.fixture(autouse=True)
def _history() -> None:
    made_up_history()


def test_a_price_between_polls_that_agree_is_observed() -> None:
    found = document("price", "gpt-5", "--at", f"{DAY}10:30:00Z")
    assert list(found) == [
        *("source", "model", "at", "certainty", "snapshot", "observed", "pricing", "prices"),
    ]
    assert (found["certainty"], found["snapshot"]["version"]) == ("observed", 1)
    assert found["snapshot"]["hash"].startswith("sha256:")
    assert found["observed"] == {"from": f"{DAY}10:00:00Z", "until": f"{DAY}11:00:00Z"}
    assert found["prices"][1] == {"path": PROMPT, "unit": "USD/token", "amount": "0.000003"}


def test_a_price_between_polls_that_differ_is_bracketed_with_both_sides() -> None:
    found = document("price", "gpt-5", "--at", f"{DAY}11:30:00Z", "--field", "text.prompt")
    assert found["certainty"] == "bracketed"
    assert [one["amount"] for one in found["prices"]] == ["0.000003"]
    assert found["before"]["at"] == f"{DAY}11:00:00Z"
    assert found["after"]["prices"][0]["amount"] == "0.0000025"
    words = shown("price", "gpt-5", "--at", f"{DAY}11:30:00Z")
    assert "it changed between 2026-03-01T11:00:00Z and 2026-03-01T12:00:00Z" in words
    # The other price is the same on both sides: of that one they are sure.
    other = document("price", "gpt-5", "--at", f"{DAY}11:30:00Z", "--field", "text.completion")
    assert other["certainty"] == "observed"


def test_a_price_around_a_failed_poll_is_a_gap_even_where_both_sides_agree() -> None:
    found = document("price", "gpt-5", "--at", f"{DAY}13:00:00Z")
    assert (found["certainty"], found["why"]) == ("gap", "503 from the gateway")
    assert found["before"]["prices"] == found["after"]["prices"]
    words = shown("price", "gpt-5", "--at", f"{DAY}13:00:00Z")
    assert "gap: no successful poll covers this time (503 from the gateway)" in words
    assert f"before, seen {DAY}12:00:00Z (version 2):" in words
    assert f"after, seen {DAY}14:00:00Z (version 3):" in words


def test_without_a_time_a_price_is_as_last_seen() -> None:
    found = document("price", "gpt-5")
    assert (found["at"], found["certainty"]) == (f"{DAY}15:00:00Z", "observed")
    assert "$2.50 /1M" in shown("price", "gpt-5")
    later = document("price", "gpt-5", "--at", "2026-03-02")
    assert (later["certainty"], later["after"]) == ("gap", None)
    assert "after: no good poll since" in shown("price", "gpt-5", "--at", "2026-03-02")


def test_a_model_on_one_side_only_is_said_not_to_be_visible_on_the_other() -> None:
    words = shown("price", "old", "--at", f"{DAY}13:00:00Z").splitlines()
    after = words.index(f"after, seen {DAY}14:00:00Z (version 3):")
    assert words[after + 1] == "  not visible to this key"


def test_a_model_that_is_listed_without_prices_is_not_called_invisible() -> None:
    database = Database("sqlite:///pricetrail.db")
    build(database, "bare", [("10:00", catalog({"id": "m"}, model("n", {})))])
    database.close()
    for name in ("m", "n"):
        words = shown("price", name, "--source", "bare").splitlines()
        assert "  listed without prices" in words
        assert "visible" not in "".join(words)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["price", "gpt-6"], "did you mean gpt-5?"),
        (["price", "old"], "not visible to this key any more"),
        (["price", "new", "--at", f"{DAY}10:30:00Z"], "first seen"),
        (["price", "gpt-5", "--field", "text.promt"], "text.prompt"),
        (["price", "gpt-5", "--at", "2026-02-01"], "no snapshot of s"),
    ],
)
def test_nothing_to_answer_from_is_exit_code_3(arguments: list[str], said: str) -> None:
    assert said in refused(3, *arguments)
