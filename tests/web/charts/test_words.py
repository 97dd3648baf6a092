"""What charts say, exact and calm."""

from decimal import Decimal

from pricetrail.catalog.changes import ABSENT, Change
from pricetrail.catalog.conditions import ALWAYS, Condition, Window
from pricetrail.queries.coverage import Gap
from pricetrail.queries.steps import PriceGroup
from pricetrail.queries.trail_events import TrailEvent
from pricetrail.web.charts.words import (
    essence,
    event_words,
    group_words,
    many_words,
    series_words,
    unit_words,
    when,
)
from tests.support.histories import at
from tests.web.charts.trails import BEGIN, COMPLETION, END, PROMPT, trail

WINDOW = (at("2026-08-22T17:16:00Z"), at("2026-08-22T18:16:00Z"))


def event(*changes: Change, kind: str = "model.repriced", first: bool = False) -> TrailEvent:
    return TrailEvent("e", kind, 2, None if first else WINDOW[0], WINDOW[1], changes)


def change(old: str | None, new: str | None, path: str = PROMPT) -> Change:
    sides = [ABSENT if side is None else Decimal(side) for side in (old, new)]
    return Change(path, sides[0], sides[1])


def test_a_change_is_told_with_its_window_its_exact_amounts_and_how_sure_it_is() -> None:
    assert event_words(event(change("0.00000003", "0.000000037"))) == (
        "22 Aug 2026 17:16–18:16 UTC: prompt $0.03 → $0.037 /1M (+23.3%) "
        "(exactly 0.00000003 → 0.000000037 USD/token), observed between two polls"
    )


def test_what_came_went_or_became_free_has_words_of_its_own() -> None:
    assert "prompt price appeared: $1.00 /1M (exactly 0.000001 USD/token)" in event_words(
        event(change(None, "0.000001"))
    )
    assert "prompt became free (was $1.00 /1M)" in event_words(event(change("0.000001", "0")))
    assert event_words(event(kind="model.added", first=True)) == (
        "by 22 Aug 2026 18:16 UTC: first visible"
    )
    assert "no longer visible to this key, obs" in event_words(event(kind="model.removed"))


def test_a_change_behind_a_gap_says_so() -> None:
    gap = Gap(at("2026-08-22T17:00:00Z"), at("2026-08-22T17:30:00Z"), "503")
    assert event_words(event(change("1", "2")), [gap]).endswith("somewhere in a gap of the polls")
    beside = Gap(at("2026-08-22T18:16:00Z"), at("2026-08-22T19:00:00Z"), "503")
    assert event_words(event(change("1", "2")), [beside]).endswith("between two polls")


def test_many_changes_are_counted() -> None:
    some = [change("1", "2", f"/pricing/native/{n}") for n in range(9)]
    assert "and 3 more" in event_words(event(*some))


def test_names_from_outside_are_inert() -> None:
    words = event_words(event(Change("/display_name\u202e", "a\x1b[1m", "b\n")))
    assert not set("\u202e\x1b\n") & set(words)
    assert series_words("/pricing/native/\u202eevil") == "native.\ufffdevil"


def test_windows_of_one_day_name_it_once() -> None:
    assert when(WINDOW) == "22 Aug 2026 17:16–18:16 UTC"
    assert when((at("2026-08-21T23:00:00Z"), WINDOW[1])) == (
        "21 Aug 2026 23:00 – 22 Aug 2026 18:16 UTC"
    )


def test_groups_and_units_are_named_for_people() -> None:
    def named(name: str, condition: Condition = ALWAYS) -> str:
        return group_words(PriceGroup(name, "USD/token", condition, ()))

    assert named("cache") == "Cache"
    assert named("tiers.over_200k", Condition(threshold=200_000)) == "Prompt above 200k tokens"
    night = Condition("priority", Window(990, 30))
    assert named("tiers.priority.utc_1630_0030", night) == "Priority, 16:30 to 00:30 UTC"
    assert named("strange\u202e") == "strange\ufffd"
    assert unit_words("USD/token") == "USD per million tokens"
    assert unit_words("USD") == "USD"
    # Its chart is of one tier alone.
    assert series_words("/pricing/tiers/over_200k/text/prompt") == "prompt"
    assert series_words("/pricing/tiers/batch/over_200k/cache/read") == "cache read"


def test_the_essence_is_each_price_at_first_in_between_and_now() -> None:
    answer = trail(
        {
            PROMPT: [
                (None, BEGIN, "0.000003"),
                (at("2026-04-01"), at("2026-04-02"), "0.000005"),
                (at("2026-05-01"), at("2026-05-02"), "0.0000045"),
            ],
            COMPLETION: [(None, BEGIN, "0.00001")],
        }
    )
    assert essence("m", answer.groups[0], BEGIN, END) == (
        "m, text prices in USD per million tokens, 1 Mar 2026 to 1 Aug 2026. "
        "prompt: $3.00 at first, between $3.00 and $5.00, now $4.50 /1M (+50%), 2 changes. "
        "completion: $10.00 /1M, unchanged."
    )


def test_many_events_are_told_by_what_they_come_to() -> None:
    answer = trail(
        {
            PROMPT: [
                (None, BEGIN, "0.000003"),
                (at("2026-04-01"), at("2026-04-02"), "0.000005"),
                (at("2026-05-01"), at("2026-05-02"), "0.0000045"),
            ]
        }
    )
    assert many_words(answer.events, answer.groups[0]) == (
        "2 events, 1 Apr 2026 00:00 – 2 May 2026 00:00 UTC: prompt $3.00 → $4.50 /1M"
    )
