"""What a model cost at a time, and how certain that is, on both databases."""

from collections.abc import Iterator
from dataclasses import FrozenInstanceError
from decimal import Decimal
from typing import Any

import pytest

from pricetrail.catalog.errors import NotFoundError
from pricetrail.catalog.prices import Price
from pricetrail.queries.price import PriceAnswer, ask
from pricetrail.storage.database import Database
from pricetrail.storage.sources import SourceNeededError
from tests.support.histories import at, build, catalog, hourly, model, tokens

DEAR = model("a")
CHEAP = model("a", tokens("0.000001", "0.000015"))
OTHER, OTHER_CHEAP = model("b"), model("b", tokens("0", "0"))


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    opened = Database(database_url)
    yield opened
    opened.close()


def asked(
    database: Database, name: str, when: str | None = None, field: str | None = None
) -> PriceAnswer:
    with database.read() as transaction:
        return ask(transaction, None, name, at(when) if when else None, field)


def price(database: Database, name: str, when: str | None = None, field: str | None = None) -> Any:
    return asked(database, name, when, field).as_json()


def test_an_observed_price_has_the_shape_of_the_contract(database: Database) -> None:
    build(database, "s", hourly("09:00", [catalog(DEAR)] * 2))
    found = price(database, "a", "09:30")
    snapshot = found.pop("snapshot")
    assert snapshot.pop("hash").startswith("sha256:")
    assert snapshot == {"version": 1}
    assert found == {
        "source": "s",
        "model": "a",
        "at": "2026-03-01T09:30:00Z",
        "certainty": "observed",
        "observed": {"from": "2026-03-01T09:00:00Z", "until": "2026-03-01T10:00:00Z"},
        "pricing": DEAR["pricing"],
        "prices": [
            {"path": "/pricing/text/completion", "unit": "USD/token", "amount": "0.000015"},
            {"path": "/pricing/text/prompt", "unit": "USD/token", "amount": "0.000003"},
        ],
    }


def test_a_change_between_two_polls_is_bracketed_with_both_sides(database: Database) -> None:
    build(database, "s", hourly("09:00", [catalog(DEAR), catalog(CHEAP)]))
    found = price(database, "a", "09:30")
    assert (found["certainty"], found["pricing"]) == ("bracketed", DEAR["pricing"])
    assert found["prices"] == found["before"]["prices"]
    sides = [(found[side]["at"], found[side]["version"]) for side in ("before", "after")]
    assert sides == [("2026-03-01T09:00:00Z", 1), ("2026-03-01T10:00:00Z", 2)]
    assert found["after"]["pricing"] == CHEAP["pricing"]


def test_another_models_change_does_not_make_it_less_certain(database: Database) -> None:
    build(database, "s", hourly("09:00", [catalog(DEAR, OTHER), catalog(DEAR, OTHER_CHEAP)]))
    found = price(database, "a", "09:30")
    assert found["certainty"] == "observed"
    assert found["observed"] == {"from": "2026-03-01T09:00:00Z", "until": "2026-03-01T10:00:00Z"}
    assert price(database, "b", "09:30")["certainty"] == "bracketed"


def test_a_field_is_judged_by_itself(database: Database) -> None:
    build(database, "s", hourly("09:00", [catalog(DEAR), catalog(CHEAP)]))
    kept = price(database, "a", "09:30", "/pricing/text/completion")
    assert (kept["certainty"], len(kept["prices"])) == ("observed", 1)
    changed = price(database, "a", "09:30", "/pricing/text/prompt")
    assert changed["certainty"] == "bracketed"
    shown = [one["path"] for side in ("before", "after") for one in changed[side]["prices"]]
    assert shown == ["/pricing/text/prompt"] * 2
    assert price(database, "a", "09:30", "/pricing/text")["certainty"] == "bracketed"


def test_a_new_name_alone_leaves_the_price_observed(database: Database) -> None:
    renamed = {**DEAR, "display_name": "A!"}
    build(database, "s", hourly("09:00", [catalog(DEAR), catalog(renamed)]))
    assert price(database, "a", "09:30")["certainty"] == "observed"


def test_another_notation_of_a_price_is_no_difference(database: Database) -> None:
    same = model("a", tokens("3e-6", "0.0000150"), type_target="gemini")
    build(database, "s", hourly("09:00", [catalog(DEAR), catalog(same)]))
    assert price(database, "a", "09:30")["certainty"] == "observed"


def test_a_gap_gives_both_sides_even_where_they_agree(database: Database) -> None:
    build(database, "s", hourly("09:00", [catalog(DEAR), None, catalog(DEAR)]))
    found = price(database, "a", "10:30")
    assert (found["certainty"], found["why"]) == ("gap", "503 from the gateway")
    assert found["before"]["prices"] == found["after"]["prices"] != []


def test_later_than_the_last_poll_is_a_gap_unless_no_time_was_asked(database: Database) -> None:
    build(database, "s", hourly("09:00", [catalog(DEAR), None]))
    later = price(database, "a", "12:00")
    assert (later["certainty"], later["after"]) == ("gap", None)
    assert later["prices"] == later["before"]["prices"] != []
    now = price(database, "a")
    assert (now["certainty"], now["at"]) == ("observed", "2026-03-01T09:00:00Z")


def test_a_model_on_one_side_only_is_bracketed_with_nothing_there(database: Database) -> None:
    build(database, "s", hourly("09:00", [catalog(OTHER), catalog(DEAR, OTHER), catalog(OTHER)]))
    coming, going = price(database, "a", "09:30"), price(database, "a", "10:30")
    assert (coming["certainty"], going["certainty"]) == ("bracketed", "bracketed")
    assert (coming["pricing"], coming["prices"], coming["before"]["pricing"]) == (None, [], None)
    assert coming["after"]["pricing"] == going["before"]["pricing"] == DEAR["pricing"]
    assert going["after"]["pricing"] is None
    for time, before, after in (("09:30", False, True), ("10:30", True, False)):
        found = asked(database, "a", time)
        assert found.after is not None
        assert (found.before.visible, found.after.visible) == (before, after)


@pytest.mark.parametrize(
    ("name", "when", "said"),
    [
        ("a", "08:00", "the first is of 2026-03-01T09:00:00Z"),
        ("a", "09:00", "first seen 2026-03-01T10:00:00Z"),
        ("a", "12:00", "last seen 2026-03-01T10:00:00Z"),
        ("a", None, "last seen 2026-03-01T10:00:00Z; ask with --at"),
        ("bb", None, "did you mean b"),
    ],
)
def test_nothing_to_answer_from_is_said(
    database: Database, name: str, when: str | None, said: str
) -> None:
    build(database, "s", hourly("09:00", [catalog(OTHER), catalog(DEAR, OTHER), catalog(OTHER)]))
    with pytest.raises(NotFoundError) as caught:
        price(database, name, when)
    assert said in str(caught.value)


def test_an_unknown_field_is_answered_with_near_ones(database: Database) -> None:
    build(database, "s", hourly("09:00", [catalog(DEAR)]))
    with pytest.raises(NotFoundError, match=r"it has: text\.prompt"):
        price(database, "a", None, "/pricing/text/promt")


def test_what_is_no_amount_is_shown_as_it_came_and_has_none(database: Database) -> None:
    odd = model("a", tokens("1,5", "0.000015"))
    build(database, "s", hourly("09:00", [catalog(odd)]))
    flagged = price(database, "a", None, "/pricing/text/prompt")["prices"]
    assert flagged == [
        {"path": "/pricing/text/prompt", "unit": "USD/token", "amount": None, "flagged": "1,5"}
    ]


def test_amounts_are_exact_numbers_and_the_answer_stays_as_it_is(database: Database) -> None:
    fine = model("a", tokens("3.00000000000001e-6", "1,5"))
    build(database, "s", hourly("09:00", [catalog(fine)]))
    found = asked(database, "a")
    assert found.before.prices == (
        Price("/pricing/text/completion", "USD/token", None, "1,5"),
        Price("/pricing/text/prompt", "USD/token", Decimal("0.00000300000000000001")),
    )
    with pytest.raises(FrozenInstanceError):
        found.certainty = "gap"  # type: ignore[misc]  # that it cannot be done is the test


def test_where_there_are_several_sources_one_is_to_be_named(database: Database) -> None:
    build(database, "s", hourly("09:00", [catalog(DEAR)]))
    build(database, "t", hourly("09:00", [catalog(CHEAP)]))
    with database.read() as transaction:
        assert ask(transaction, "t", "a").before.prices[1].amount == Decimal("0.000001")
        with pytest.raises(SourceNeededError, match="s, t"):
            ask(transaction, None, "a")


@pytest.mark.parametrize("day", ["2026-09-01", "2027-01-31"])
def test_a_date_of_retirement_is_told_where_there_is_one(database: Database, day: str) -> None:
    ends = model("a", sunset_at=f"{day}T00:00:00Z")
    build(database, "s", hourly("09:00", [catalog(ends, OTHER)] * 2))
    assert price(database, "a", "09:30")["sunset_at"] == f"{day}T00:00:00Z"
    assert "sunset_at" not in price(database, "b", "09:30")
