"""The cells of a row."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from pricetrail.queries.listing import ModelListing, PriceListing
from pricetrail.web.tables.rows import NONE, Row
from tests.support.histories import at

NOW = at("2026-03-10T12:00:00Z")
OLD = (at("2026-01-01T10:00:00Z"), at("2026-01-01T11:00:00Z"))
LATE = (at("2026-03-09T10:00:00Z"), at("2026-03-09T11:00:00Z"))
PROMPT, COMPLETION = "/pricing/text/prompt", "/pricing/text/completion"
REASONING = "/pricing/text/internal_reasoning"


def price(path: str, amount: str, previous: str | None = None, **more: Any) -> PriceListing:
    was = None if previous is None else Decimal(previous)
    return PriceListing(
        path,
        "USD/token",
        Decimal(amount),
        None,
        more.get("since", OLD if previous is None else LATE),
        was,
    )


def row(*prices: PriceListing, **more: Any) -> Row:
    fields = {
        "display_name": "M",
        "type_target": "openai",
        "kind": "token",
        "visible_since": OLD,
        "new": False,
        "changed": any(item.previous is not None for item in prices),
    }
    return Row(ModelListing(id="m", prices=prices, spark=None, **{**fields, **more}), NOW)


def test_a_change_says_its_direction_and_when() -> None:
    up, down = price(PROMPT, "3", "2"), price(COMPLETION, "3", "4")
    assert "▲" in str(row(up).changed)
    assert "▼" not in str(row(up).changed)
    assert "▲" in str(row(up, down).changed)
    assert "▼" in str(row(up, down).changed)
    assert "changed 1 day ago" in str(row(up).changed)
    assert row(price(PROMPT, "3")).changed is None


def test_a_price_that_appeared_has_no_direction() -> None:
    changed = str(row(price(PROMPT, "3", since=LATE), changed=True).changed)
    assert "changed 1 day ago" in changed
    assert "▲" not in changed


def test_where_the_price_that_changed_is_gone_that_is_said() -> None:
    assert row(price(PROMPT, "3"), changed=True).changed == "a price was withdrawn"


def test_a_change_is_recent_for_seven_days() -> None:
    late = row(price(PROMPT, "3", "2"))
    late.at = LATE[1] + timedelta(days=7)
    assert "▲" not in late.cell(PROMPT, exact=False)


def test_the_rate_of_reasoning_that_follows_completion_goes_without_saying() -> None:
    same = row(price(COMPLETION, "3"), price(REASONING, "3"))
    assert same.others((PROMPT, COMPLETION), exact=False) == ""
    other = row(price(COMPLETION, "3"), price(REASONING, "4"))
    assert "reasoning" in other.others((PROMPT, COMPLETION), exact=False)


def test_of_many_other_prices_the_rest_is_counted() -> None:
    many = row(*(price(f"/pricing/native/{n}", "1") for n in range(8)))
    assert many.others((PROMPT,), exact=True).endswith("and 3 more")
    assert 'class="others only"' in many.told((PROMPT, COMPLETION), exact=False)
    assert 'class="others"' in row(price(PROMPT, "1")).told((PROMPT, COMPLETION), exact=False)


def test_what_is_missing_or_strange_has_a_word() -> None:
    assert row(type_target=None).type == NONE
    assert row(type_target={"a": 1}).type == "{'a': 1}"
    assert row(display_name=7).display_name == ""
    assert row(display_name="<b>").about == "openai · &lt;b&gt;"
