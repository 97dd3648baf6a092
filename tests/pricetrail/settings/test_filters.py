"""Filters that can match nothing are told; those that match are not."""

from pathlib import Path
from typing import Any

import pytest

from pricetrail.settings.files import Raw
from pricetrail.settings.filters import Known, remarks, unknown_sources, warnings
from pricetrail.settings.loading import Settings, read

KNOWN = Known(frozenset({"gpt-5", "openai/o3", "x[y]"}), frozenset({"openai", "gemini"}))
EXTRA = Known(KNOWN.models, KNOWN.type_targets, frozenset({"text.prompt", "native.extra"}))


def settings(**table: Any) -> Settings:
    tables = {
        "sources": {
            "prod-a": {"api_key": "k", "labels": {"team": "search"}},
            "prod-b": {"api_key": "k"},
        },
        "webhooks": {"w": {"url": "https://h.example.com/"} | table},
    }
    return read(Raw("p.toml", tables, Path(), from_file=True), {"MODELS": "canary"})


def warned(known: Known = KNOWN, **table: Any) -> list[str]:
    made = settings(**table)
    assert made.problems == ()
    return [
        f"{it.key.removeprefix('webhooks.w.')}: {it.text}"
        for it in warnings(made, made.webhooks["w"], known)
    ]


@pytest.mark.parametrize(
    ("given", "unknown"),
    [
        (["*"], []),
        (["prod-*", "old"], []),
        (["team=search"], []),
        (["!prod-b", "prod-a"], []),
        ("prod-a", []),
        (["nosuch"], ["nosuch"]),
        (["prod-c", "prod-a", "!prod-d"], ["prod-c", "!prod-d"]),
        (["team=sale"], ["team=sale"]),
        ([""], [""]),
    ],
)
def test_a_source_that_is_nowhere_is_told(given: object, unknown: list[str]) -> None:
    found = unknown_sources(settings(sources=given), {"old": {}})
    assert [it.text.split("'")[1] for it in found] == unknown
    assert {it.key for it in found} <= {"webhooks.w.sources"}


def test_a_near_source_is_named() -> None:
    [problem] = unknown_sources(settings(sources=["prd-a"]), {})
    assert problem.text.endswith("; did you mean prod-a?")


def test_labels_of_a_source_that_is_not_sound_are_known_too() -> None:
    tables = {
        "sources": {"a": {"labels": {"team": "x"}}},
        "webhooks": {"w": {"url": "https://h.example.com/", "sources": ["team=x", "team=*", "b"]}},
    }
    found = unknown_sources(read(Raw("p", tables, Path(), from_file=True), {}), {})
    assert [it.text.split("'")[1] for it in found] == ["b"]


@pytest.mark.parametrize(
    "table",
    [
        {},
        {"models": ["gpt-*", "!*o3"], "type_targets": ["openai"], "events": ["model.*"]},
        {"models": ["x[y]"], "fields": ["text.*", "cache.read", "generation.video.*", "kind"]},
        {"fields": ["tiers.over_200k.*"], "events": ["!model.updated"]},
        {"fields": ["tiers.*.text.prompt", "tiers.batch.*", "tiers.priority.over_200k.*"]},
        # Any threshold and any time of day may come, and whatever holds on it.
        {"fields": ["tiers.over_131072.text.prompt"]},
        {"fields": ["tiers.utc_0100_0415.*"]},
        {"fields": ["tiers.flex.utc_0100_0415.over_32k.cache.*", "!tiers.utc_*"]},
    ],
)
def test_what_matches_something_is_no_warning(table: dict[str, Any]) -> None:
    assert warned(**table) == []


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ({"models": ["gtp-5"]}, "models: 'gtp-5' matches nothing known; did you mean gpt-5?"),
        ({"models": ["gpt-5", "nosuch*"]}, "models: 'nosuch*' matches nothing known; there are: "),
        ({"models": ["gpt-[45]"]}, "models: 'gpt-[45]' matches nothing known"),
        ({"models": ["!nosuch"]}, "models: '!nosuch' matches nothing known"),
        ({"models": ["!*"]}, "models: excludes all that it selects: nothing known is left"),
        ({"models": [""]}, "models: '' matches nothing known: remove it, or write \"*\""),
        ({"models": ["!"]}, "models: '!' matches nothing known: remove it, or write \"*\""),
        ({"models": []}, "models: is empty, which means every model: leave it out, or fill it"),
        ({"sources": []}, "sources: is empty, which means every source"),
        ({"directions": []}, "directions: is empty, which means every direction"),
        ({"events": []}, "events: is empty, which means every type that its format usually gets"),
        ({"fields": ["txt.*"]}, "fields: 'txt.*' matches nothing known"),
        ({"fields": ["tiers.over_131072.text.promt"]}, "fields: 'tiers.over_131072.text.promt' ma"),
        ({"fields": ["tiers.batsh.*"]}, "fields: 'tiers.batsh.*' matches nothing known"),
        ({"fields": ["tiers.over_200.000.*"]}, "fields: 'tiers.over_200.000.*' matches nothing"),
        ({"fields": ["text.promt"]}, "fields: 'text.promt' matches nothing known; did you mean"),
        ({"type_targets": ["OpenAI"]}, "type_targets: 'OpenAI' matches nothing known; did you me"),
        ({"events": ["model.repricd"]}, "events: 'model.repricd' matches nothing known; did you"),
        ({"models": "env:MODELS"}, "models: a pattern matches nothing known"),
    ],
)
def test_what_matches_nothing_is_a_warning(table: dict[str, Any], said: str) -> None:
    [warning] = warned(**table)
    assert warning.startswith(said)
    assert "canary" not in warning


def test_brackets_are_explained_where_no_name_has_any() -> None:
    [warning] = warned(Known(frozenset({"gpt-5"})), models=["gpt-[45]"])
    assert "brackets stand for themselves" in warning


def test_of_what_nobody_knows_nothing_is_told() -> None:
    assert warned(Known(), models=["nosuch"], type_targets=["nosuch"]) == []
    assert warned(EXTRA, fields=["native.*"]) == []


@pytest.mark.parametrize(
    ("table", "told"),
    [
        ({"directions": ["increase"]}, True),
        ({"directions": ["increase", "mixed"], "events": ["model.*"]}, True),
        ({"directions": ["increase"], "events": ["model.repriced"]}, False),
        ({"directions": ["increase"], "events": ["model.repriced", "source.*"]}, False),
        ({"directions": ["increase", "decrease", "mixed", "none"]}, False),
        ({}, False),
    ],
)
def test_directions_leave_additions_alone_and_say_so(table: dict[str, Any], told: bool) -> None:
    made = settings(**table)
    found = [it.text for it in remarks(made, made.webhooks["w"])]
    assert bool(found) == told
    assert all('write events = ["model.repriced"]' in text for text in found)
