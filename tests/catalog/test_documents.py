"""Documents: one canonical text for one model, and exactly one leaf where something stands."""

import json
import random
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricetrail.catalog.documents import (
    canonical,
    check_names,
    compared_text,
    leaves,
    model_hash,
    model_id,
    read_leaf,
    word_lists,
)
from pricetrail.catalog.errors import CatalogError
from pricetrail.catalog.strict_json import loads

NOTATIONS = (
    *("0.000003", "3e-6", "-1", "1e-50", "0", "0.0", "-0.0", "1"),
    *('"0.000003"', '"0.0000030"', '"3e-6"', '"-1"', '"1e-50"', '"0"', '"1"', '"1.0"'),
    *('""', '"1_000"', '"１２"', '"free"', "null", "true", "false", '"true"', "{}", "[]"),
)
TREES = st.recursive(
    st.sampled_from(NOTATIONS),
    lambda inner: st.dictionaries(
        st.sampled_from(["kind", "text", "prompt", "a/b", "a~b", "é"]), inner, min_size=1
    ).map(lambda members: "{" + ",".join(f'"{k}":{v}' for k, v in members.items()) + "}"),
    max_leaves=5,
)


def documents(pricing: str, other: str) -> Any:
    return loads(f'{{"id":"a","pricing":{pricing},"other":{other}}}')


@given(TREES, TREES, TREES, TREES)
def test_the_hash_is_equal_exactly_where_every_leaf_is(
    pricing: str, other: str, second_pricing: str, second_other: str
) -> None:
    one, two = documents(pricing, other), documents(second_pricing, second_other)
    same = [_typed(one) == _typed(two), model_hash(one) == model_hash(two)]
    assert same[0] == same[1], (canonical(one), canonical(two))


@pytest.mark.parametrize("where", ["pricing", "kind", "other"])
def test_any_two_values_are_told_apart_by_leaf_and_hash_alike(where: str) -> None:
    places = {
        "pricing": '{"pricing":{"x":%s}}',
        "kind": '{"pricing":{"kind":%s}}',
        "other": '{"x":%s}',
    }
    made = [loads(places[where] % value) for value in NOTATIONS]
    for one in made:
        for two in made:
            assert (_typed(one) == _typed(two)) == (canonical(one) == canonical(two))


def _typed(document: Any) -> dict[str, tuple[str, Any]]:
    """In Python `True == 1`; in a catalog they are two values."""
    return {path: (type(leaf).__name__, leaf) for path, leaf in leaves(document).items()}


@given(TREES, st.randoms(use_true_random=False))
def test_the_order_of_keys_is_no_difference(pricing: str, chance: random.Random) -> None:
    document = documents(pricing, "1")
    assert canonical(_shuffled(document, chance)) == canonical(document)


def _shuffled(value: Any, chance: random.Random) -> Any:
    if not isinstance(value, dict):
        return value
    keys = list(value)
    chance.shuffle(keys)
    return {key: _shuffled(value[key], chance) for key in keys}


def test_a_price_is_the_same_price_as_text_and_as_a_number() -> None:
    for notation in ('"0.0000030"', '"3e-6"', "3e-6", "0.0000030"):
        assert canonical(loads(f'{{"pricing":{{"x":{notation}}}}}')) == (
            '{"pricing":{"x":"0.000003"}}'
        )


def test_a_price_in_a_list_is_the_same_price_as_text_and_as_a_number() -> None:
    for kind in ("kind", "bands"):
        texts = {
            canonical(loads(f'{{"pricing":{{"{kind}":[{band},{{"kind":"1.0"}}]}}}}'))
            for band in ('"1.0"', "1.0", "1")
        }
        assert texts == {f'{{"pricing":{{"{kind}":["1",{{"kind":"1"}}]}}}}'}


@pytest.mark.parametrize(
    ("number", "text"),
    [("-1", "-1"), ("-1.50", "-1.5"), ("1e-50", f"0.{'0' * 49}1"), ("1e25", f"1{'0' * 25}")],
)
def test_a_number_that_is_no_price_is_its_plain_text_where_a_price_should_be(
    number: str, text: str
) -> None:
    document = loads(f'{{"pricing":{{"x":{number}}},"size":{number}}}')
    assert leaves(document) == {"/pricing/x": text, "/size": Decimal(number)}
    assert read_leaf("/pricing/x", document["size"]) == text
    assert canonical(document) == f'{{"pricing":{{"x":"{text}"}},"size":{text}}}'


def test_elsewhere_text_and_numbers_are_two_things() -> None:
    assert canonical(loads('{"size":1.0}')) == '{"size":1}'
    assert canonical(loads('{"size":"1.0"}')) == '{"size":"1.0"}'


def test_the_canonical_text_is_json_in_order_of_code_points() -> None:
    text = canonical({"é": "\n", "a": [True, False, None, {}], "B": {"z": 1, "a": []}})
    assert text == '{"B":{"a":[],"z":1},"a":[true,false,null,{}],"é":"\\n"}'
    assert json.loads(text)["é"] == "\n"


def test_leaves_are_named_by_escaped_pointers() -> None:
    document = {"a/b": {"c~d": ["x", {}]}, "pricing": {"bands": [{"rate": "1.50"}]}}
    assert leaves(document) == {
        "/a~1b/c~0d/0": "x",
        "/a~1b/c~0d/1": {},
        "/pricing/bands/0/rate": Decimal("1.5"),
    }


def test_a_model_is_nested_64_levels_at_most() -> None:
    deep: Any = "x"
    for level in range(63):
        deep = [deep] if level % 2 else {"a": deep}
    text = canonical({"id": "m", "x": deep})
    assert text.count("{") + text.count("[") == 64
    for deeper in ({"a": deep}, [deep]):
        with pytest.raises(CatalogError, match=r"^a model nested deeper than 64 levels$"):
            canonical({"id": "m", "x": deeper})


def test_lists_of_words_are_found_wherever_they_are() -> None:
    document = loads(
        '{"id":"a","a/b":[["x","1"],{"deep":["z","y"]},[["w"]]],"none":[],"mixed":["a",1],'
        '"pricing":{"modes":["slow","fast"],"bands":["2",""],"steps":[{"of":["a"]},["2"]]}}'
    )
    assert word_lists(document) == {
        "/a~1b/0": ["x", "1"],
        "/a~1b/1/deep": ["z", "y"],
        "/a~1b/2/0": ["w"],
        "/pricing/modes": ["slow", "fast"],
        "/pricing/steps/0/of": ["a"],
    }


def test_the_text_of_what_is_compared_stays_as_databases_have_its_hash() -> None:
    document = loads(
        '{"id":"a","size":1.50,"stats":{"p50":1},"on":true,"tags":["b","a","a"],"none":null,'
        '"pricing":{"kind":"token","bands":["2","1.0"],"modes":["slow","fast"],'
        '"text":{"prompt":"0.00000020000000000000002","completion":"-1"}}}'
    )
    text = compared_text(document, lambda path, _leaf: path.startswith("/stats/"))
    assert text.replace("\0", "|").split("|\n") == [
        "/id|str|a",
        "/none|NoneType|None",
        "/on|bool|True",
        "/pricing/bands/0|Decimal|2",
        "/pricing/bands/1|Decimal|1",
        "/pricing/kind|str|token",
        "/pricing/modes/0|str|fast",
        "/pricing/modes/1|str|slow",
        "/pricing/text/completion|str|-1",
        "/pricing/text/prompt|Decimal|0.0000002",
        "/size|Decimal|1.5",
        "/tags/0|str|a",
        "/tags/1|str|a",
        "/tags/2|str|b",
    ]


@pytest.mark.parametrize(
    ("document", "most", "said"),
    [
        ({"id": "m", "x": {"é" * 70: 1}}, 143, None),
        (
            {"id": "m", "x": {"é" * 70: 1}},
            142,
            f"a field whose path is over 142 bytes: '/x/{'é' * 57}'…",
        ),
        ({"pricing": {"kind": "é" * 70}}, 140, None),
        ({"pricing": {"kind": "é" * 70}}, 139, f"a pricing kind over 139 bytes: '{'é' * 60}'…"),
        # Other values, and what is no text, may be as long as they are.
        ({"name": "x" * 70, "pricing": {"text": {"kind": "x" * 70}, "kind": 10**70}}, 20, None),
    ],
)
def test_names_are_as_long_as_an_index_takes_at_most(
    document: Any, most: int, said: str | None
) -> None:
    if said is None:
        check_names(document, most)
        return
    with pytest.raises(CatalogError) as refused:
        check_names(document, most)
    assert str(refused.value) == said


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        (None, "an entry of `data` is not an object but NoneType"),
        ([], "an entry of `data` is not an object but list"),
        ({}, "a model without an id"),
        ({"id": ""}, "a model without an id"),
        ({"id": 5}, "a model without an id"),
        ({"id": "é" * 257}, f"a model id over 512 bytes: '{'é' * 60}'…"),
    ],
)
def test_what_has_no_usable_id_is_refused(entry: Any, said: str) -> None:
    with pytest.raises(CatalogError) as refused:
        model_id(entry)
    assert str(refused.value) == said


def test_an_id_is_kept_byte_for_byte() -> None:
    for name in ("GPT", "gpt", "é", "e\u0301", " x ", "é" * 256):
        assert model_id({"id": name}) == name
