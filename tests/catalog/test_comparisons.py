"""What is compared: noise of floats, ignored fields and the order of words tell nothing."""

import copy
import random
from collections import Counter
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pricetrail.catalog.amounts import same_price
from pricetrail.catalog.catalogs import Catalog, read
from pricetrail.catalog.comparisons import compare_catalogs
from pricetrail.catalog.diffs import between, same_catalog
from pricetrail.catalog.diffs import changes as model_changes
from pricetrail.catalog.documents import compared_text, model_hash
from pricetrail.catalog.ignored import NOTHING, Ignored, parse
from pricetrail.catalog.prices import prices_of
from pricetrail.catalog.strict_json import dumps, loads
from tests.support.histories import catalog, model, tokens

AMOUNTS = st.decimals("1e-9", "10", allow_nan=False, allow_infinity=False, places=12)


def contents(*models: dict[str, Any]) -> Catalog:
    return read(dumps(catalog(*models)).encode())


def told(one: Any, other: Any, ignored: Ignored = NOTHING) -> list[tuple[str, Any, Any]]:
    """The changes of one model, as (path, old, new)."""
    [found] = model_changes({"a": one}, {"a": other}, ignored).values()
    return [(entry["path"], entry["old"], entry["new"]) for entry in map(shown, found.compared)]


def shown(change: Any) -> dict[str, Any]:
    entry: dict[str, Any] = change.as_json()
    return entry


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("0.0000002", "0.00000020000000000000002", True),
        ("0.00000020000000000000002", "0.00000020000000000000004", True),
        ("3", "2.9999999999999996", True),
        ("0.3", "0.30000000000000004", True),
        # Noise of a price whose thirteenth digit is a five, which is not rounded away.
        ("0.000004760128752555", "0.000004760128752554999", True),
        # Fifteen digits are enough for noise, fourteen are not.
        ("1", "1.00000000000001", True),
        ("1", "1.0000000000001", False),
        ("0.123456789012", "0.123456789013", False),
        # A rise in the twelfth digit is a rise, whatever noise is behind it.
        ("0.300000000001", "0.30000000000000004", False),
        ("0.000003", "0.0000029999", False),
        ("0", "0.00000000000000000000000000001", False),
        ("1", "10", False),
    ],
)
def test_two_amounts_are_one_price_to_twelve_digits_of_fifteen(
    one: str, other: str, same: bool
) -> None:
    assert same_price(Decimal(one), Decimal(other)) is same
    assert same_price(Decimal(other), Decimal(one)) is same


@given(AMOUNTS)
def test_the_noise_of_a_float_is_never_a_change(amount: Decimal) -> None:
    # As gateways do: a price per million, divided in binary floats.
    noisy = format(Decimal(repr(float(amount) / 1e6 * 1e6 / 1e6)), "f")
    exact = format(amount.scaleb(-6), "f")
    old, new = (model("a", tokens(text, "1")) for text in (exact, noisy))
    longest = max(len(Decimal(text).normalize().as_tuple().digits) for text in (exact, noisy))
    if Decimal(exact) != Decimal(noisy) and longest < 15:
        return
    assert told(old, new) == []
    assert between(old, new) == []
    assert same_catalog(contents(old), contents(new), NOTHING)


@given(AMOUNTS, AMOUNTS, st.booleans())
@example(old=Decimal(1), new=Decimal("1.000000000001"), noisy=True)
def test_a_change_beyond_noise_is_never_swallowed(old: Decimal, new: Decimal, noisy: bool) -> None:
    # Behind the 15th digit of the smallest, and within the 28 that a sum keeps of the largest.
    tail = Decimal("1e-26") if noisy else Decimal(0)
    moved = format(new + tail, "f")
    found = told(model("a", tokens(str(old), "1")), model("a", tokens(moved, "1")))
    same = old == new or (noisy and f"{old:.11e}" == f"{new:.11e}")
    assert [path for path, _, _ in found] == ([] if same else ["/pricing/text/prompt"])


def test_noise_is_kept_as_served() -> None:
    old, new = (
        model("a", tokens(text, "1")) for text in ("0.0000002", "0.00000020000000000000002")
    )
    assert model_hash(old) != model_hash(new)
    [found] = model_changes({"a": old}, {"a": new}).values()
    assert [change.path for change in found.served] == ["/pricing/text/prompt"]
    assert found.compared == []


def test_a_number_of_sixteen_digits_is_read_to_twelve_and_a_text_is_not() -> None:
    document = loads(
        '{"id":"a","pricing":{"kind":"token","text":'
        '{"prompt":2.9999999999999996e-6,"completion":"0.0000029999999999999996",'
        '"internal_reasoning":0.00000299999999999}}}'
    )
    amounts = {price.path.rpartition("/")[2]: price.amount for price in prices_of(document)}
    assert amounts == {
        "prompt": Decimal("0.000003"),
        "completion": Decimal("0.0000029999999999999996"),
        "internal_reasoning": Decimal("0.00000299999999999"),
    }


WORDS = st.lists(st.sampled_from(["text", "image", "audio", "1", ""]), max_size=5)


@given(WORDS, WORDS)
def test_lists_of_words_are_compared_as_sets_that_count(old: list[str], new: list[str]) -> None:
    one, other = model("a", tags=old), model("a", tags=new)
    found = told(one, other)
    if old and new:
        gone = Counter(value for _, value, _ in found if value is not None)
        come = Counter(value for _, _, value in found if value is not None)
        assert gone == Counter(old) - Counter(new)
        assert come == Counter(new) - Counter(old)
        assert len({path for path, _, _ in found}) == len(found)
    else:
        assert bool(found) == (old != new)
    assert (found == []) == (Counter(old) == Counter(new))
    assert [change.path for change in between(one, other)] == [path for path, _, _ in found]


@given(st.permutations(["text", "image", "audio"]), st.integers(0, 3))
def test_a_word_more_is_told_alone(order: list[str], place: int) -> None:
    more = [*order[:place], "video", *order[place:]]
    found = told(model("a", deep={"x": ["text", "image", "audio"]}), model("a", deep={"x": more}))
    assert [(old, new) for _, old, new in found] == [(None, "video")]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ([1, 2], [2, 1]),
        (["a", 1], [1, "a"]),
        ([["a"], ["b"]], [["b"], ["a"]]),
        (["a", "a", "b"], ["a", "b", "b"]),
        ({"0": "a", "1": "b"}, {"0": "b", "1": "a"}),
        (["a"], {"0": "a", "1": "b"}),
    ],
)
def test_other_lists_keep_their_order(old: Any, new: Any) -> None:
    assert told(model("a", tags=old), model("a", tags=new)) != []


def test_the_order_of_prices_in_a_list_counts() -> None:
    old, new = (tokens("1", "1", bands=bands) for bands in (["0.1", "0.2"], ["0.2", "0.1"]))
    assert len(told(model("a", old), model("a", new))) == 2
    old, new = (tokens("1", "1", modes=modes) for modes in (["fast", "slow"], ["slow", "fast"]))
    assert told(model("a", old), model("a", new)) == []


def test_ignored_fields_tell_nothing_and_prices_do() -> None:
    old = model("a", tokens("1", "1"), stats={"p50": 1, "p99": 2}, note="x")
    new = model("a", tokens("2", "1"), stats={"p50": 3, "p99": 4}, note="y")
    ignored = parse(["/stats/*", "/display_name"])
    assert [path for path, _, _ in told(old, new, ignored)] == ["/note", "/pricing/text/prompt"]


def noisy(document: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    """The same model, in everything that is compared."""
    other = copy.deepcopy(document)
    chance.shuffle(other["tags"])
    other["created_at"] = str(chance.random())
    text = other["pricing"]["text"]
    for name, amount in text.items():
        text[name] = amount + "000000000000000" + str(chance.randrange(1, 10))
    return other


@given(st.randoms(use_true_random=False))
def test_what_is_the_same_has_one_text_and_what_is_not_has_another(chance: random.Random) -> None:
    ignored = parse(["/created_at"])
    document = model("a", tokens("0.25", "1.5"), tags=["x", "y", "y"])
    one, other = noisy(document, chance), noisy(document, chance)
    assert same_catalog(contents(one), contents(other), ignored)
    assert compared_text(one, ignored.covers) == compared_text(other, ignored.covers)
    changes: list[dict[str, Any]] = [
        {"tags": ["x", "x", "y"]},
        {"display_name": "B"},
        {"tags": []},
        {"new": None},
    ]
    for change in changes:
        changed = other | change
        assert not same_catalog(contents(one), contents(changed), ignored)
        assert compared_text(one, ignored.covers) != compared_text(changed, ignored.covers)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"stats": {}}, {"stats": {"latency": 5}}),
        ({"stats": {}}, {}),
        ({"tags": []}, {"tags": ["new", "fast"]}),
        ({"stats": {"week": {"latency": {}}}}, {"stats": {"week": {}}}),
    ],
)
def test_what_holds_only_ignored_fields_is_as_good_as_empty(one: Any, other: Any) -> None:
    ignored = parse(["/stats/latency", "/tags/*", "/stats/week/latency"])
    was, now = model("a", **one), model("a", **other)
    assert (told(was, now, ignored), told(now, was, ignored)) == ([], [])
    assert compared_text(was, ignored.covers) == compared_text(now, ignored.covers)
    # That a price's group is empty is news, whatever is ignored.
    emptied = model("a", {"kind": "token", "text": {}, **one})
    assert told(emptied, model("a", {"kind": "token"}), ignored) != []


def test_a_comparison_has_the_documents_of_what_differs_and_no_others() -> None:
    before = contents(model("a", tokens("1", "1")), model("b", tokens("1", "1")), model("gone"))
    text = dumps(catalog(model("a", tokens("2", "1")), model("b", tokens("1", "1")), model("new")))
    after = read(text.encode(), before)
    comparison = compare_catalogs(before, after)
    assert (comparison.before, comparison.after) == (before, after)
    assert comparison.ignored is NOTHING
    assert comparison.old_documents.keys() == {"gone", "a"}
    assert comparison.new_documents.keys() == {"new", "a"}
    assert [change.path for change in comparison.changed["a"].compared] == ["/pricing/text/prompt"]
    assert (comparison.differs, comparison.noisy) == (True, frozenset())
    # What reading had parsed was handed over, and not kept twice.
    assert after.parsed == {}
    assert compare_catalogs(before, read(text.encode())).new_documents == comparison.new_documents


def test_what_comparison_leaves_out_makes_a_model_noisy_and_no_difference() -> None:
    before = contents(model("a", tokens("0.3", "1"), note="x"))
    noise = tokens("0.30000000000000004", "1")
    comparison = compare_catalogs(before, contents(model("a", noise, note="x")))
    assert (comparison.differs, comparison.noisy) == (False, frozenset("a"))
    more = compare_catalogs(before, contents(model("a", noise, note="y")))
    assert (more.differs, more.noisy) == (True, frozenset("a"))
    ignored = compare_catalogs(before, contents(model("a", noise, note="y")), parse(["/note"]))
    assert (ignored.differs, ignored.noisy) == (False, frozenset("a"))
