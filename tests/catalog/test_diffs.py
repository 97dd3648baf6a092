"""Differences: exactly the leaves that a plain comparison finds, each said as what it is."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricetrail.catalog.changes import ABSENT
from pricetrail.catalog.diffs import changes
from pricetrail.catalog.strict_json import loads
from tests.support.histories import model, tokens

NAMES = st.sampled_from(["text", "cache", "prompt", "read", "a/b", "__private", "0"])
LEAVES = st.sampled_from(
    ['"0.1"', '"0.10"', "0.1", '"0.2"', '"-1"', '"free"', '""', "null", "true", "1", "0", '"0"']
)
TREES = st.recursive(
    LEAVES,
    lambda inner: (
        st.dictionaries(NAMES, inner, max_size=4).map(
            lambda members: "{" + ",".join(f'"{k}":{v}' for k, v in members.items()) + "}"
        )
        | st.lists(inner, max_size=3).map(lambda members: "[" + ",".join(members) + "]")
    ),
    max_leaves=8,
)


def plain_leaves(value: Any, path: str, priced: bool) -> dict[str, Any]:
    """The same as the catalog's, written in the plainest way."""
    members: list[tuple[str, Any]] = []
    if isinstance(value, dict):
        members = [(key.replace("~", "~0").replace("/", "~1"), one) for key, one in value.items()]
    elif isinstance(value, list):
        members = [(str(number), one) for number, one in enumerate(value)]
    if not members:
        is_number = isinstance(value, int | Decimal) and not isinstance(value, bool)
        if is_number or (priced and value in ("0.1", "0.10", "0.2", "0")):
            return {path: ("number", Decimal(value))}
        return {path: (type(value).__name__, value)}
    found: dict[str, Any] = {}
    for key, one in members:
        found |= plain_leaves(one, f"{path}/{key}", priced or f"{path}/{key}" == "/pricing")
    return found


@given(TREES, TREES, TREES, TREES)
def test_the_changed_leaves_are_those_of_a_plain_comparison(
    pricing: str, other: str, new_pricing: str, new_other: str
) -> None:
    one = loads(f'{{"id":"a","pricing":{pricing},"other":{other}}}')
    two = loads(f'{{"id":"a","pricing":{new_pricing},"other":{new_other}}}')
    was, now = plain_leaves(one, "", False), plain_leaves(two, "", False)
    expected = sorted(path for path in was.keys() | now.keys() if was.get(path) != now.get(path))
    found = changes({"a": one}, {"a": two})["a"].served
    assert [change.path for change in found] == expected
    assert [change.old is ABSENT for change in found] == [path not in was for path in expected]
    assert [change.new is ABSENT for change in found] == [path not in now for path in expected]


def test_many_models_are_compared_at_once_and_stay_apart() -> None:
    names = ["a", "b['x']", "root", "é/~"]
    old = {name: model(name, tokens("0.1", "0.2")) for name in names}
    new = {name: model(name, tokens(f"0.{n + 3}", "0.2")) for n, name in enumerate(names)}
    found = changes(old, new)
    assert {name: [change.new for change in found[name].compared] for name in names} == {
        name: [Decimal(f"0.{n + 3}")] for n, name in enumerate(names)
    }


def shown(old: Any, new: Any) -> list[dict[str, Any]]:
    found = changes({"a": model("a", old)}, {"a": model("a", new)})["a"].compared
    return [change.as_json() for change in found]


def test_a_price_is_said_with_its_unit_and_percentage() -> None:
    [entry] = shown(tokens("0.000003", "0.1"), tokens("2.5e-6", "0.10"))
    assert entry == {
        "path": "/pricing/text/prompt",
        "unit": "USD/token",
        "old": "0.000003",
        "new": "0.0000025",
        "percent": "-16.67",
    }


def test_a_price_in_a_tier_is_a_leaf_of_its_own() -> None:
    tiers = [{"over_200k": {"cache": {"read": amount}}} for amount in ("0.1", "0.2")]
    [entry] = shown(*(tokens("1", "1", tiers=tier) for tier in tiers))
    assert (entry["path"], entry["percent"]) == ("/pricing/tiers/over_200k/cache/read", "100.00")


@pytest.mark.parametrize(
    ("old", "new", "entry"),
    [
        ({}, {"x": "0.1"}, {"old": None, "new": "0.1"}),
        ({"x": "0.1"}, {}, {"old": "0.1", "new": None}),
        ({"x": "0"}, {"x": "0.1"}, {"old": "0", "new": "0.1"}),
        ({"x": None}, {"x": "0.1"}, {"old": None, "new": "0.1", "absent": []}),
        ({"x": "-1"}, {"x": "0.1"}, {"old": "-1", "new": "0.1", "flagged": ["old"]}),
        ({"x": "0.1"}, {"x": "free"}, {"old": "0.1", "new": "free", "flagged": ["new"]}),
    ],
)
def test_a_change_without_a_ratio_has_no_percentage(
    old: dict[str, Any], new: dict[str, Any], entry: dict[str, Any]
) -> None:
    prices = [{"kind": "token", "text": {"prompt": "1"}, "cache": one or {}} for one in (old, new)]
    found = [one for one in shown(*prices) if one["path"] == "/pricing/cache/x"]
    base = {"path": "/pricing/cache/x", "unit": "USD", "percent": None}
    assert found == [base | entry]


def test_null_is_told_from_absent() -> None:
    [entry] = shown({"kind": "token", "a": "1"}, {"kind": "token", "a": "1", "b": None})
    assert (entry["old"], entry["new"], entry["absent"]) == (None, None, ["old"])


@pytest.mark.parametrize(("old", "new"), [("-1", "-2"), (-1, -2), (Decimal("1e-50"), "free")])
def test_what_is_no_price_in_either_notation_is_never_a_reprice(old: Any, new: Any) -> None:
    pricings = [{"kind": "token", "text": {"prompt": one}} for one in (old, new)]
    found = changes({"a": model("a", pricings[0])}, {"a": model("a", pricings[1])})["a"].compared
    assert [change.repriced for change in found] == [False]
    assert found[0].as_json()["unit"] is None
