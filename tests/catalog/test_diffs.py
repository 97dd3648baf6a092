"""Differences: exactly the leaves that a plain comparison finds, each said as what it is."""

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricetrail.catalog.catalogs import Catalog, read
from pricetrail.catalog.changes import ABSENT
from pricetrail.catalog.diffs import Difference, between, changes, compare, same_catalog
from pricetrail.catalog.ignored import NOTHING, parse
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


def catalog_of(*models: dict[str, Any]) -> Catalog:
    """A catalog of models, in the order that they are given."""
    return read(json.dumps({"object": "list", "data": models, "total": len(models)}).encode())


def listed(**prompts: str) -> Catalog:
    """A catalog of models by their prompt prices."""
    return catalog_of(*(model(name, tokens(price, "1")) for name, price in prompts.items()))


@pytest.mark.parametrize(
    ("old", "new", "added", "removed", "changed"),
    [
        ({"b": "1", "a": "1"}, {"b": "1", "a": "1"}, [], [], []),
        ({"b": "1", "a": "1", "c": "3"}, {"b": "2", "a": "2", "c": "3"}, [], [], ["a", "b"]),
        ({"b": "1", "a": "1"}, {"b": "1", "d": "1", "c": "1"}, ["c", "d"], ["a"], []),
        ({"a": "1", "c": "1", "b": "1"}, {"b": "2", "a": "1"}, [], ["c"], ["b"]),
        ({"z": "1", "y": "1"}, {}, [], ["y", "z"], []),
    ],
)
def test_models_that_came_went_and_changed_are_told_by_id_and_hash(
    old: dict[str, str],
    new: dict[str, str],
    added: list[str],
    removed: list[str],
    changed: list[str],
) -> None:
    found = compare(listed(**old), listed(**new))
    assert found == Difference(added, removed, changed)
    assert bool(found) is (old != new)
    assert same_catalog(listed(**old), listed(**new), NOTHING) is (old == new)
    assert compare(None, listed(**new)) == Difference(sorted(new), [], [])


def test_catalogs_that_differ_in_noise_and_what_is_ignored_are_the_same() -> None:
    old, new = {"id": "a", "x": {"y": "1"}}, {"id": "a", "x": {"z": 2}}
    was, noise = tokens("0.0000002", "1"), tokens("0.00000020000000000000002", "1")
    before = catalog_of({**old, "pricing": was})
    after = catalog_of({**new, "pricing": noise})
    assert same_catalog(before, after, parse(["/x"]))
    assert not same_catalog(before, after, parse(["/x/y"]))
    assert not same_catalog(before, after, NOTHING)
    assert not same_catalog(before, catalog_of({**new, "pricing": tokens("3", "1")}), parse(["/x"]))


def test_a_change_of_which_one_side_alone_is_ignored_is_compared() -> None:
    """What is empty in place of an ignored field is as good as none; what stands there is not."""
    with_value = {"id": "a", "x": "words"}
    for other in ({"id": "a", "x": {}}, {"id": "a", "x": {"y": 1}}):
        for before, after in ((with_value, other), (other, with_value)):
            found = changes({"a": before}, {"a": after}, parse(["/x/y"]))["a"]
            assert "/x" in [change.path for change in found.compared]
            assert len(found.served) >= len(found.compared)


def test_what_is_empty_once_a_field_is_ignored_is_as_good_as_none() -> None:
    sides: list[dict[str, Any]] = [{"id": "a"}, {"id": "a", "x": {}}, {"id": "a", "x": {"y": 1}}]
    for before in sides:
        for after in sides:
            found = changes({"a": before}, {"a": after}, parse(["/x/y"]))["a"]
            assert (found.compared, bool(found.served)) == ([], before != after)
            assert bool(changes({"a": before}, {"a": after})["a"].compared) is (before != after)


@pytest.mark.parametrize(
    ("old", "new", "compared"),
    [
        (["b", "a"], ["a", "b"], []),
        (["a", "b"], ["b", "a", "c"], [("/tags/2", ABSENT, "c")]),
        (["a", "a", "b"], ["b", "a"], [("/tags/1", "a", ABSENT)]),
        (["c", "a"], ["a", "d"], [("/tags/0", "c", ABSENT), ("/tags/1", ABSENT, "d")]),
        (["c", "a"], ["d", "a"], [("/tags/0", "c", "d")]),
    ],
)
def test_words_in_a_list_are_compared_whatever_their_order(
    old: list[str], new: list[str], compared: list[tuple[str, Any, Any]]
) -> None:
    before, after = ({"id": "a", "tags": tags, "zone": tags[0]} for tags in (old, new))
    expected = [*compared, ("/zone", old[0], new[0])] if old[0] != new[0] else compared
    served = changes({"a": before}, {"a": after})["a"].compared
    assert [(one.path, one.old, one.new) for one in served] == expected
    assert between(before, after) == served


@pytest.mark.parametrize("other", [1, {"0": "b"}, ["a", 1]])
def test_a_list_of_words_beside_something_else_is_compared_place_by_place(other: Any) -> None:
    before, after = {"id": "a", "tags": ["b", "a"]}, {"id": "a", "tags": other}
    found = changes({"a": before}, {"a": after})["a"]
    assert found.compared == found.served
    assert between(before, after) == found.served


@given(TREES, TREES)
def test_what_is_read_again_is_what_was_worked_out(old: str, new: str) -> None:
    one, two = (loads(f'{{"id":"a","pricing":{tree},"other":{tree}}}') for tree in (old, new))
    assert between(one, two) == changes({"a": one}, {"a": two})["a"].compared
