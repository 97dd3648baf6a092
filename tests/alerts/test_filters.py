"""Which filter keeps which event back, and what filters cannot judge."""

from decimal import Decimal
from typing import Any

import pytest

from pricetrail.alerts.filters import WANTED, Verdict, verdict
from pricetrail.catalog import source_events
from pricetrail.catalog.changes import Change
from pricetrail.catalog.events import (
    ADDED,
    MODEL_TYPES,
    PAUSED,
    REPRICED,
    SCHEMA_CHANGED,
    UPDATED,
    Event,
)
from tests.alerts.made import AT, START, added, event, hook, removed, repriced

CUT = repriced("gpt-5", ("text/prompt", "0.000003", "0.0000025"))  # -16.67 %
RISE = repriced("gpt-5", ("cache/read", "0.000001", "0.0000011"))  # +10.00 %
MIXED = repriced(
    "gpt-5",
    ("text/prompt", "0.000003", "0.0000025"),
    ("tiers/over_200k/text/completion", "0.00001", "0.00002"),
)
FAILING = source_events.failing("pipellm", 3, at=AT, since=START, failures=3, error="HTTP 503")
QUARANTINED = source_events.quarantined(
    "pipellm", 3, at=AT, quarantine=1, reason="empty", models=0, counts={"removed": 60}
)
SCHEMA = event(SCHEMA_CHANGED, None, {"paths": ["/pricing/audio/in"], "kinds": [], "models": []})


def kept_back_by(event: Event, cost: Decimal | None = None, **settings: Any) -> str | None:
    """The rule that filters an event, after checking that the verdict agrees with itself."""
    found = verdict(hook(**settings), event, cost)
    assert found.wanted is (found.rule is None)
    return found.rule


@pytest.mark.parametrize("one", [CUT, RISE, added("x"), removed("x"), FAILING, SCHEMA])
def test_without_filters_everything_is_wanted(one: Event) -> None:
    assert verdict(hook(), one) == WANTED == Verdict(wanted=True, rule=None)


@pytest.mark.parametrize(
    ("rule", "settings"),
    [
        ("sources", {"sources": ("other",)}),
        ("sources", {"sources": ("*", "!pipellm")}),
        ("events", {"events": (ADDED,)}),
        ("events", {"events": ("source.*",)}),
        ("models", {"models": ("claude-*",)}),
        ("models", {"models": ("gpt-*", "!gpt-5")}),
        ("type_targets", {"type_targets": ("anthropic",)}),
        ("directions", {"directions": ("increase", "mixed")}),
        ("fields", {"fields": ("cache.*",)}),
        ("min_percent", {"min_percent": Decimal("16.68")}),
        ("min_monthly_usd", {"min_monthly_usd": Decimal(10)}),
    ],
)
def test_a_filter_names_itself(rule: str, settings: dict[str, Any]) -> None:
    assert kept_back_by(CUT, Decimal("-9.99"), **settings) == rule


@pytest.mark.parametrize(
    "settings",
    [
        {"sources": ("pipe*",)},
        {"events": ("model.*",)},
        {"models": ("gpt-*", "!gpt-4*")},
        {"type_targets": ("openai",)},
        {"directions": ("decrease",)},
        {"fields": ("text.*",)},
        {"min_percent": Decimal("16.67")},
        {"min_monthly_usd": Decimal("9.99")},
    ],
)
def test_a_filter_lets_through_what_it_names(settings: dict[str, Any]) -> None:
    assert kept_back_by(CUT, Decimal("-9.99"), **settings) is None


def test_the_first_filter_that_says_no_is_named() -> None:
    assert kept_back_by(CUT, models=("x",), directions=("increase",)) == "models"
    assert kept_back_by(CUT, directions=("increase",), fields=("cache.*",)) == "directions"


STRICT: dict[str, Any] = {
    "models": ("no-such-model",),
    "type_targets": ("no-such-family",),
    "directions": ("increase",),
    "fields": ("nothing",),
    "min_percent": Decimal(1000),
    "min_monthly_usd": Decimal(1_000_000),
}


@pytest.mark.parametrize("one", [FAILING, QUARANTINED, SCHEMA])
def test_filters_on_models_do_not_keep_back_what_happens_to_a_source(one: Event) -> None:
    assert kept_back_by(one, **STRICT) is None
    assert kept_back_by(one, sources=("other",)) == "sources"
    assert kept_back_by(one, events=MODEL_TYPES) == "events"


@pytest.mark.parametrize("one", [added("gpt-5"), removed("gpt-5"), event(UPDATED, "gpt-5", {})])
def test_filters_on_prices_judge_repricings_alone(one: Event) -> None:
    prices = {key: STRICT[key] for key in ("directions", "fields", "min_percent")}
    assert kept_back_by(one, **prices, min_monthly_usd=Decimal(1)) is None
    assert kept_back_by(one, models=STRICT["models"]) == "models"


def test_a_new_or_removed_model_is_judged_by_its_family() -> None:
    assert kept_back_by(added("x"), type_targets=("openai",)) is None
    assert kept_back_by(removed("x"), type_targets=("anthropic",)) == "type_targets"


def test_a_model_without_a_family_matches_only_exclusions() -> None:
    nameless = event(ADDED, "x", {"model": {"id": "x", "type_target": None}})
    assert kept_back_by(nameless, type_targets=("openai",)) == "type_targets"
    assert kept_back_by(nameless, type_targets=("!openai",)) is None


@pytest.mark.parametrize("direction", ["increase", "decrease", "none"])
def test_mixed_is_a_direction_of_its_own(direction: str) -> None:
    assert kept_back_by(MIXED, directions=(direction,)) == "directions"
    assert kept_back_by(MIXED, directions=(direction, "mixed")) is None


@pytest.mark.parametrize("rise", [RISE, CUT])
def test_min_percent_looks_at_the_size_not_the_sign(rise: Event) -> None:
    assert kept_back_by(rise, min_percent=Decimal(10)) is None
    assert kept_back_by(rise, min_percent=Decimal(17)) == "min_percent"


def test_the_largest_leaf_decides_min_percent() -> None:
    assert kept_back_by(MIXED, min_percent=Decimal(100)) is None
    assert kept_back_by(MIXED, min_percent=Decimal("100.01")) == "min_percent"


def test_min_percent_looks_at_the_wanted_fields_alone() -> None:
    assert kept_back_by(MIXED, fields=("text.*",), min_percent=Decimal(50)) == "min_percent"
    assert kept_back_by(MIXED, fields=("tiers.*",), min_percent=Decimal(50)) is None


@pytest.mark.parametrize(
    ("old", "new"), [(None, "0.000001"), ("0.000001", None), ("0", "0.000001")]
)
def test_a_change_without_a_ratio_is_large_enough(old: str | None, new: str | None) -> None:
    one = repriced("gpt-5", ("cache/read", old, new))
    assert kept_back_by(one, min_percent=Decimal(1_000_000)) is None


def test_a_new_kind_of_pricing_is_large_enough() -> None:
    changes = [Change("/pricing/kind", "token", "generation")]
    one = event(REPRICED, "veo-3", {"changes": changes})
    assert kept_back_by(one, min_percent=Decimal(50)) is None
    assert kept_back_by(one, fields=("text.*",)) == "fields"
    assert kept_back_by(one, fields=("kind",)) is None


@pytest.mark.parametrize(
    ("globs", "rule"),
    [
        (("tiers.*",), None),
        (("*.completion",), None),
        (("tiers.over_200k.text.completion",), None),
        (("text.completion",), "fields"),
        (("!text.*",), None),
        (("!text.*", "!tiers.*"), "fields"),
    ],
)
def test_one_wanted_field_is_enough(globs: tuple[str, ...], rule: str | None) -> None:
    assert kept_back_by(MIXED, fields=globs) == rule


@pytest.mark.parametrize("cost", [Decimal(10), Decimal(-10), Decimal("10.01"), None])
def test_what_costs_enough_or_an_unknown_sum_passes(cost: Decimal | None) -> None:
    assert kept_back_by(RISE, cost, min_monthly_usd=Decimal(10)) is None


@pytest.mark.parametrize("cost", [Decimal("9.99"), Decimal("-9.99"), Decimal(0)])
def test_what_costs_less_does_not(cost: Decimal) -> None:
    assert kept_back_by(RISE, cost, min_monthly_usd=Decimal(10)) == "min_monthly_usd"


def test_people_are_not_told_of_updates_unless_they_ask() -> None:
    update = event(UPDATED, "gpt-5", {})
    assert verdict(hook("slack"), update) == Verdict(wanted=False, rule="events")
    assert verdict(hook("slack", events=(UPDATED,)), update).wanted
    assert verdict(hook("json"), update).wanted


def test_notices_about_pricetrail_itself_are_no_subscription() -> None:
    assert kept_back_by(event(PAUSED, None, {"text": "paused"})) == "events"


LABELS = {"pipellm": {"team": "search", "env": "prod-eu"}, "other": {"team": "ads"}}


@pytest.mark.parametrize(
    ("sources", "wanted"),
    [
        (("team=search",), True),
        (("team=s*",), True),
        (("team=ads", "env=prod-*"), True),
        (("team=ads",), False),
        (("team=ads", "pipellm"), True),
        (("*", "!team=search"), False),
        (("!team=ads",), True),
        (("team=search", "!pipellm"), False),
        # A label is named in full, and no other glob looks at labels.
        (("te*=search",), False),
        (("*search",), False),
        (("search",), False),
        (("team",), False),
    ],
)
def test_a_source_is_selected_by_its_labels_too(sources: tuple[str, ...], wanted: bool) -> None:
    rule = None if wanted else "sources"
    for one in (CUT, FAILING):
        assert kept_back_by(one, sources=sources, labels=LABELS) == rule


def test_a_label_of_a_source_without_it_selects_nothing() -> None:
    assert kept_back_by(CUT, sources=("team=search",)) == "sources"
    # A name may hold the sign as well.
    named = repriced("m", ("text/prompt", "1", "2"), source="team=search")
    assert kept_back_by(named, sources=("team=se?rch",), labels=LABELS) is None
