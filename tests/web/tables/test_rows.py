"""The cells of a row."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from pricetrail.queries.model_listings import (
    Begin,
    ModelListing,
    Moment,
    PriceListing,
    Step,
    Steps,
)
from pricetrail.storage.history.trails import Window
from pricetrail.web.tables.rows import NONE, Cells, Row
from tests.support.histories import at

NOW = at("2026-03-10T12:00:00Z")
OLD = Window(at("2025-10-01T10:00:00Z"), at("2025-10-01T11:00:00Z"))
LATE = Window(at("2026-03-09T10:00:00Z"), at("2026-03-09T11:00:00Z"))
# An age is counted when it is read: the row is kept.
_AGE = 'changed <time datetime="2026-03-09T11:00:00Z" data-ago="live">9 Mar 2026, 11:00 UTC</time>'
ONE = Decimal(1)
CAME = Begin(1, OLD, silent=False)
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
    fields = {"display_name": "M", "type_target": "openai", "kind": "token"}
    steps = {item.path: _steps(item) for item in prices} | more.pop("gone", {})
    model = ModelListing(id="m", prices=prices, came=CAME, steps=steps, **{**fields, **more})
    return Row(model)


def _steps(item: PriceListing) -> Steps:
    since = Begin(2, item.held_since, silent=False) if item.held_since == LATE else CAME
    now = Step(since, item.amount, None)
    return (now,) if item.previous is None else (now, Step(CAME, item.previous, None))


def cells(*prices: PriceListing, at: datetime = NOW, **more: Any) -> Cells:
    return Cells(row(*prices, **more), Moment(at, 0))


def test_a_change_says_its_direction_and_when() -> None:
    up, down = price(PROMPT, "3", "2"), price(COMPLETION, "3", "4")
    assert "▲" in str(cells(up).changed)
    assert "▼" not in str(cells(up).changed)
    assert "▲" in str(cells(up, down).changed)
    assert "▼" in str(cells(up, down).changed)
    assert _AGE in str(cells(up).changed)
    assert cells(price(PROMPT, "3")).changed is None


def test_a_price_that_appeared_has_no_direction() -> None:
    changed = str(cells(price(PROMPT, "3", since=LATE)).changed)
    assert _AGE in changed
    assert "▲" not in changed


def test_where_the_price_that_changed_is_gone_that_is_said() -> None:
    gone = {COMPLETION: (Step(Begin(2, LATE, silent=False), None, None), Step(CAME, ONE, None))}
    assert cells(price(PROMPT, "3"), gone=gone).changed == "a price was withdrawn"


def test_a_change_is_recent_for_seven_days() -> None:
    late = cells(price(PROMPT, "3", "2"), at=LATE[1] + timedelta(days=7))
    assert "▲" not in late.cell(PROMPT, exact=False)


def test_the_rate_of_reasoning_that_follows_completion_goes_without_saying() -> None:
    same = cells(price(COMPLETION, "3"), price(REASONING, "3"))
    assert same.others((PROMPT, COMPLETION), exact=False) == ""
    other = cells(price(COMPLETION, "3"), price(REASONING, "4"))
    assert "reasoning" in other.others((PROMPT, COMPLETION), exact=False)


def test_of_many_other_prices_the_rest_is_counted() -> None:
    many = cells(*(price(f"/pricing/native/{n}", "1") for n in range(8)))
    assert many.others((PROMPT,), exact=True).endswith("and 3 more")
    assert 'class="others only"' in many.around_spark((PROMPT, COMPLETION), exact=False)[1]
    assert 'class="others"' in cells(price(PROMPT, "1")).around_spark((PROMPT,), exact=False)[1]


def test_what_is_missing_or_strange_has_a_word() -> None:
    assert row(type_target=None).type == NONE
    assert row(type_target={"a": 1}).type == "{'a': 1}"
    assert cells(display_name=7).display_name == ""
    assert cells(display_name="Other", type_target=None).about == "Other"
    assert cells(display_name="<b>").about == "openai · &lt;b&gt;"


def test_a_row_is_told_once_and_anew_where_it_would_be_told_differently() -> None:
    """Of what happened within seven days the words depend on the time, within ninety the line."""
    old, late = row(price(PROMPT, "3")), row(price(PROMPT, "3", "2"))
    days = [timedelta(days=number) for number in (0, 3, 6, 7, 30, 80, 89, 90, 91, 400)]
    times = [since + after for since in (OLD[1], LATE[1]) for after in days]
    for one in (old, late):
        # There and back: what is kept of one time is not told at another.
        for time in [*times, *reversed(times)]:
            moment = Moment(time, 0)
            anew = Row(one.model).told((PROMPT,), False, moment)
            assert one.told((PROMPT,), False, moment) == anew
            assert one.told((), False, moment) == Row(one.model).told((), False, moment)
    told = {late.told((PROMPT,), False, Moment(time, 0)) for time in times if time > LATE[1]}
    assert len(told) > len(days) // 2
