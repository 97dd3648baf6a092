"""What one use costs: by hand, by tier, and only from whole numbers."""

from decimal import Decimal

import pytest

from pricetrail.audit.one_use import Use, ask, filled_in
from pricetrail.catalog.errors import NotFoundError
from pricetrail.storage.database import Database
from tests.support.histories import at, build, catalog, model, tokens

THEN = tokens("0.000003", "0.000015", cache={"read": "0.0000003"})
NOW = tokens("0.0000025", "0.00001", tiers={"over_200k": {"text": {"prompt": "0.000005"}}})


@pytest.fixture
def database(sqlite_url: str) -> Database:
    opened = Database(sqlite_url)
    steps = [("10:00", catalog(model("gpt", THEN))), ("11:00", catalog(model("gpt", NOW)))]
    build(opened, "one", steps)
    return opened


def amounts(given: dict[str, str]) -> dict[str, Decimal]:
    written = filled_in(given)
    assert not written.problems
    return written.amounts


def cost(database: Database, given: dict[str, str], when: str | None = None) -> Decimal:
    with database.read() as transaction:
        use = ask(transaction, None, "gpt", Use(amounts(given)), at(when) if when else None)
    assert not use.bill.missing
    return use.bill.cost


def test_a_use_now_and_then(database: Database) -> None:
    used = {"prompt": "1,000", "completion": "2_000"}
    assert cost(database, used) == Decimal("0.0225")
    assert cost(database, used, "10:30") == Decimal("0.033")
    database.close()


def test_a_long_prompt_is_charged_by_its_tier(database: Database) -> None:
    assert cost(database, {"prompt": "200000"}) == Decimal("0.5")
    assert cost(database, {"prompt": "200001"}) == Decimal("1.000005")
    database.close()


def test_on_either_side_of_a_change_both_costs_are_told(database: Database) -> None:
    with database.read() as transaction:
        use = ask(transaction, None, "gpt", Use(amounts({"prompt": "1 M"})), at("10:30"))
        assert use.price.certainty == "bracketed"
        assert use.or_else is not None
        assert (use.bill.cost, use.or_else.cost) == (Decimal(3), Decimal(5))
        assert use.or_else is not None
        assert use.or_else.cost == Decimal(5)
        assert ask(transaction, None, "gpt", Use(amounts({"prompt": "1"}))).or_else is None
    database.close()


@pytest.mark.parametrize("text", ["3M", "3 M", "3000k", "3,000,000", "3_000_000", "3.0M"])
def test_millions_as_people_write_them(text: str) -> None:
    assert amounts({"prompt": text}) == {"prompt": Decimal(3_000_000)}


def test_what_has_no_price_is_said_and_not_counted(database: Database) -> None:
    with database.read() as transaction:
        use = ask(transaction, None, "gpt", Use(amounts({"cache_read": "5"})))
        assert (use.bill.parts, len(use.bill.missing)) == ((), 1)
        with pytest.raises(NotFoundError):
            ask(transaction, None, "gpt-6", Use({"prompt": Decimal(1)}))
    database.close()


@pytest.mark.parametrize("text", ["1.5", "-1", "1e3", "١", "many", "9" * 16])
def test_only_whole_numbers(text: str) -> None:
    written = filled_in({"prompt": text, "completion": "3"})
    assert written.amounts == {"completion": Decimal(3)}
    assert "is not a whole number: write 3000000" in written.problems["prompt"]


def test_what_is_left_empty_is_not_asked() -> None:
    assert amounts({"prompt": " ", "then": "x", "images": "3"}) == {"images": Decimal(3)}


def test_a_use_is_charged_by_the_price_of_its_day(sqlite_url: str) -> None:
    opened = Database(sqlite_url)
    dated = tokens("2", "3", tiers={"from_20260302": {"text": {"prompt": "5"}}})
    build(opened, "one", [("2026-03-01", catalog(model("gpt", dated)))])
    used = {"prompt": "1", "completion": "1"}
    with opened.read() as transaction:
        for now, paid in (("2026-03-01T23:59:59Z", 5), ("2026-03-02", 8)):
            use = ask(transaction, None, "gpt", Use(amounts(used)), now=at(now))
            assert use.bill.cost == paid
    opened.close()
