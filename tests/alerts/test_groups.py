"""Models that changed alike are one line."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricetrail.alerts.groups import FIRST_NAMES, MOST_NAMES, SAME_RATIO
from pricetrail.alerts.report import Context, report
from pricetrail.catalog.changes import Change
from pricetrail.catalog.events import REMOVED, UPDATED, Event
from pricetrail.text.lines import Line, flat
from tests.alerts.made import event, removed, repriced

CUT = ("text/prompt", "0.000003", "0.0000025")
CUT_WORDS = "prompt $3.00 → $2.50 /1M (−16.7%)"


def lines(events: list[Event], **costs: Decimal) -> list[Line]:
    """The lines about what changed; `costs` by model."""
    known = {one.id: costs[one.model] for one in events if one.model in costs}
    return [line for part in report(events, Context(known)).sections for line in part.lines]


def said(events: list[Event], **costs: Decimal) -> list[str]:
    return [flat(line) for line in lines(events, **costs)]


@pytest.mark.parametrize(
    ("count", "names"),
    [
        (1, "m000 —"),
        (2, "m000 and m001:"),
        (MOST_NAMES, "m000, m001, m002 and m003:"),
        (MOST_NAMES + 1, "m000, m001, m002 and 2 more:"),
        (300, "m000, m001, m002 and 297 more:"),
    ],
)
def test_the_same_change_is_one_line_with_first_names_and_a_count(count: int, names: str) -> None:
    [line] = lines([repriced(f"m{place:03}", CUT) for place in range(count)])
    assert flat(line) == f"▼ {names} {CUT_WORDS}"
    assert line.count == count


def test_what_differs_in_anything_is_a_line_of_its_own() -> None:
    events = [
        repriced("a", CUT),
        repriced("b", ("text/prompt", "0.0000030", "2.5e-6")),
        repriced("c", ("text/completion", "0.000003", "0.0000025")),
        repriced("d", CUT, ("cache/read", None, "1")),
        repriced("e", ("cache/read", None, "1")),
        repriced("f", ("text/prompt", "0.000003", "0")),
        repriced("g", ("text/prompt", "0.000003", "0")),
    ]
    assert said(events) == [
        f"▼ d — {CUT_WORDS} · cache read price appeared: $1,000,000.00 /1M",
        "• e — cache read price appeared: $1,000,000.00 /1M",
        "▼ f and g: prompt became free (was $3.00 /1M)",
        f"▼ a and b: {CUT_WORDS}",
        f"▼ c — {CUT_WORDS.replace('prompt', 'completion')}",
    ]


def test_a_groups_cost_is_its_sum_and_gives_it_its_place() -> None:
    events = [repriced("dear", ("text/prompt", "1", "2"))]
    events += [repriced(name, CUT) for name in ("a", "b", "c")]
    dear, a, b = Decimal(50), Decimal(-20), Decimal(-40)
    assert said(events, dear=dear, a=a, b=b) == [
        f"▼ b, a and c: {CUT_WORDS} · about −$60 a month together",
        "▲ dear — prompt $1,000,000.00 → $2,000,000.00 /1M (+100%) · about +$50 a month",
    ]


def test_a_margin_on_many_different_prices_is_one_line_too() -> None:
    few = [
        repriced(f"m{place:02}", *((path, str(10 * place), str(11 * place)) for path in paths))
        for place in range(1, SAME_RATIO)
        for paths in [("text/prompt", "cache/read")[: 1 + place % 2]]
    ]
    assert len(lines(few)) == len(few)
    [line] = lines([*few, repriced("z", ("generation/image/per_image", "100", "110"))])
    assert flat(line) == (
        f"▲ m01, m02, m03 and {SAME_RATIO - 3} more: {len(few) + (len(few) + 1) // 2 + 1} prices, "
        "+10% each, such as prompt $10,000,000.00 → $11,000,000.00 /1M (+10%) of m01"
    )
    assert line.count == SAME_RATIO


def test_other_fields_are_folded_as_well_and_never_by_ratio() -> None:
    def renamed(model: str, new: str) -> Event:
        return event(UPDATED, model, {"changes": [Change("/family", "a", new)]})

    events = [renamed(f"m{place:02}", "b") for place in range(20)]
    assert said(events) == ["• m00, m01, m02 and 17 more: family a → b"]
    assert len(lines([renamed(f"m{place:02}", str(place)) for place in range(20)])) == 20


def test_a_digest_folds_what_was_seen_together_of_one_source() -> None:
    events = [
        repriced("a", CUT),
        repriced("b", CUT),
        repriced("a", CUT, source="other"),
        removed("gone", source="other"),
    ]
    assert said(events) == [
        f"▼ a — {CUT_WORDS} · other, 23 Nov 09:00–10:00 UTC",
        f"▼ a and b: {CUT_WORDS} · pipellm, 23 Nov 09:00–10:00 UTC",
        "gone (other)",
    ]


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(1, 5)), max_size=60))
def test_every_change_is_counted_once(moves: list[tuple[int, int]]) -> None:
    events = [
        repriced(f"m{place}", ("text/prompt", str(10 * size), str((10 + kind) * size)))
        if kind
        else event(REMOVED, f"m{place}", {"model": {"id": f"m{place}"}})
        for place, (kind, size) in enumerate(moves)
    ]
    found = lines(events)
    assert sum(line.count for line in found) == len(events)
    assert all(len(line.spans) > FIRST_NAMES for line in found if line.count > 1)
