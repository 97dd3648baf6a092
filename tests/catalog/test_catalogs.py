"""Reading a body: strictly, and with the body before at hand exactly as without."""

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricetrail.catalog import catalogs, merkle, strict_json
from pricetrail.catalog.catalogs import Catalog, Limits, read
from pricetrail.catalog.diffs import changes, compare
from pricetrail.catalog.documents import canonical, model_hash
from pricetrail.catalog.errors import CatalogError
from tests.support.histories import catalog, model, tokens

MODELS = [model(f"m-{n}", tokens(f"0.00000{n + 1}", "0.00001")) for n in range(6)]
EDITS = st.lists(
    st.tuples(st.sampled_from(["drop", "price", "name", "move", "add"]), st.integers(0, 5)),
    max_size=5,
)


def body(models: list[dict[str, Any]], **style: Any) -> bytes:
    return json.dumps({"object": "list", "data": models, "total": len(models)}, **style).encode()


def edited(edits: list[tuple[str, int]]) -> list[dict[str, Any]]:
    models = copy.deepcopy(MODELS)
    for kind, number in edits:
        place = number % len(models) if models else 0
        if kind == "add" or not models:
            models.append(model(f"new-{len(models)}-{number}"))
        elif kind == "drop":
            del models[place]
        elif kind == "price":
            models[place]["pricing"]["text"]["prompt"] = f"0.0{number + 1}"
        elif kind == "name":
            models[place]["display_name"] = f"Name {number}"
        else:
            models.insert(number % (len(models) + 1), models.pop(place))
    unique = {one["id"]: one for one in models}
    return list(unique.values())


@given(EDITS, EDITS, st.sampled_from([{}, {"indent": 1}, {"separators": (",", ":")}]))
def test_the_body_before_changes_nothing_but_the_work(
    first: list[tuple[str, int]], second: list[tuple[str, int]], style: dict[str, Any]
) -> None:
    before = read(body(edited(first)))
    after = body(edited(second), **style)
    alone, helped = read(after), read(after, before)
    assert (helped.ids, helped.leaves, helped.spans) == (alone.ids, alone.leaves, alone.spans)
    assert before.tree
    assert helped.root(before) == alone.root()
    assert [helped.document(one) for one in helped.ids] == json.loads(after)["data"]


@pytest.mark.parametrize(
    ("edits", "again"),
    [
        ([], []),
        ([("price", 0)], ["m-0"]),
        ([("price", 3)], ["m-3"]),
        ([("price", 2), ("name", 5)], ["m-2", "m-5"]),
        # Behind what came or went the known ones are met again by the id of the first.
        ([("drop", 2)], ["m-3"]),
        ([("drop", 0)], ["m-1"]),
        ([("drop", 5)], []),
        ([("add", 0)], ["new-6-0"]),
    ],
)
@pytest.mark.parametrize("style", [{}, {"indent": 1}])
def test_of_what_stands_in_the_body_before_nothing_is_parsed_again(
    edits: list[tuple[str, int]],
    again: list[str],
    style: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before, alone, parsed = read(body(MODELS, **style)), read(body(edited(edits), **style)), []

    def check_text(text: str, value: Any) -> None:
        if isinstance(value, dict):
            parsed.append(value["id"])
        strict_json.check_text(text, value)

    monkeypatch.setattr(catalogs, "check_text", check_text)
    after = read(body(edited(edits), **style), before)

    assert parsed == again
    assert (after.ids, after.leaves, after.spans) == (alone.ids, alone.leaves, alone.spans)
    assert before.parsed == {}
    # Of those, what is different is kept until somebody takes it.
    changed = {name for name in again if edits[0][0] != "drop"}
    assert after.parsed.keys() == changed
    for name in changed:
        document = after.parsed[name]
        assert after.take(name) is document
        assert after.take(name) == document == after.document(name)


def test_a_tree_grows_from_the_one_before_it_and_once(monkeypatch: pytest.MonkeyPatch) -> None:
    before, after = read(body(MODELS)), read(body(edited([("price", 2), ("name", 5)])))
    other, root = read(body(MODELS[1:])), read(body(edited([("price", 2), ("name", 5)]))).root()
    made: list[str] = []

    def counted(name: str) -> Callable[..., merkle.Tree]:
        work = getattr(merkle, name)

        def run(*given: Any) -> merkle.Tree:
            made.append(name)
            tree: merkle.Tree = work(*given)
            return tree

        return run

    for name in ("tree", "replaced"):
        monkeypatch.setattr(merkle, name, counted(name))

    assert before.root() == before.root(after)
    assert made == ["tree"]
    assert after.root(before) == after.root(before) == after.root() == root
    assert made == ["tree", "replaced"]
    # Where the models are others, or there is no tree at hand, it is made anew.
    assert other.root(before) == read(body(MODELS[1:])).root()
    assert read(body(MODELS)).root(read(body(MODELS))) == before.root()
    assert made == ["tree", "replaced", "tree", "tree", "tree"]


def outcome(text: bytes, before: Catalog | None = None) -> Any:
    """What reading comes to: everything that was read, or why it was refused."""
    try:
        found = read(text, before)
    except CatalogError as error:
        return str(error)
    return found.ids, found.leaves, found.spans, found.text, found.root()


PATCHES = st.lists(
    st.tuples(
        st.integers(0, 2000),
        st.integers(0, 3),
        st.sampled_from([b"", b" ", b"\n", b",", b"{", b"}", b"]", b'"', b"0", b"\\", b"\xff"]),
    ),
    min_size=1,
    max_size=3,
)


@given(PATCHES, st.sampled_from([b"", b"\xef\xbb\xbf"]), st.booleans())
def test_a_body_patched_anywhere_is_read_or_refused_alike_with_the_one_before(
    patches: list[tuple[int, int, bytes]], mark: bytes, spaced: bool
) -> None:
    old = body(MODELS, indent=1) if spaced else body(MODELS, separators=(",", ":"))
    new = old
    for place, length, patch in patches:
        start = place % len(new)
        new = new[:start] + patch + new[start + length :]
    assert outcome(mark + new, read(old)) == outcome(mark + new)


@given(EDITS)
def test_the_difference_is_what_a_plain_comparison_finds(edits: list[tuple[str, int]]) -> None:
    old = {one["id"]: one for one in MODELS}
    new = {one["id"]: one for one in edited(edits)}
    found = compare(read(body(MODELS)), read(body(list(new.values()))))
    assert found.added == sorted(new.keys() - old.keys())
    assert found.removed == sorted(old.keys() - new.keys())
    both = sorted(one for one in old.keys() & new.keys() if old[one] != new[one])
    assert found.changed == both
    details = changes({one: old[one] for one in both}, {one: new[one] for one in both})
    assert all(details[one] for one in both)


def test_order_and_notation_make_no_difference() -> None:
    one = model("a", {"kind": "token", "text": {"prompt": "0.0000030", "completion": "1e-5"}})
    other = {key: one[key] for key in reversed(list(one))}
    other["pricing"] = {"text": {"completion": "0.00001", "prompt": "3e-6"}, "kind": "token"}
    assert model_hash(one) == model_hash(other)
    first, second = read(body([one, model("b")])), read(body([model("b"), one]))
    assert first.root() == second.root()


def test_null_absent_and_zero_are_three_states() -> None:
    prices: list[dict[str, Any]] = [{"prompt": None}, {}, {"prompt": "0"}]
    texts = {canonical(model("a", {"kind": "token", "text": text})) for text in prices}
    assert len(texts) == 3


ANOTHER = ": a list of another gateway than PipeLLM is read by its `dialect`"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            '{"object":"list","data":[],"total":1}',
            "truncated: `total` is 1, `data` has 0 models",
        ),
        (
            '{"object":"list","data":[{"id":"a"}],"total":true}',
            "truncated: `total` is True, `data` has 1 models",
        ),
        (
            '{"object":"list","data":[]}',
            f"truncated, or no list of PipeLLM's: `total` is missing{ANOTHER}",
        ),
        ('{"object":"list","total":0}', f"`data` is missing{ANOTHER}"),
        ('{"object":"list","data":null,"total":0}', "`data` is None, not an array"),
        ('{"object":"list","data":{},"total":0}', "`data` is {}, not an array"),
        ('{"object":"page","data":[],"total":0}', f"`object` is 'page', not \"list\"{ANOTHER}"),
        ('{"data":[],"total":0}', f'`object` is missing, not "list"{ANOTHER}'),
        (
            f'{{"object":"{"x" * 99}","data":[],"total":0}}',
            f'`object` is \'{"x" * 59}, not "list"{ANOTHER}',
        ),
        (' ["a"]', f"the answer is ['a'], not an object with `data`{ANOTHER}"),
        ('{"object":"list","data":[1],"total":1}', "an entry of `data` is not an object but int"),
        ('{"object":"list","data":[{}],"total":1}', "a model without an id"),
        (r'{"object":"list","data":[{"id":"a\u0000"}],"total":1}', "U+0000 inside a string"),
        (
            r'{"note":"\ud800","object":"list","data":[],"total":0}',
            "a lone surrogate inside a string",
        ),
        (
            '{"object":"list","data":[{"id":"b"},{"id":"a"},{"id":"b"}],"total":3}',
            "the model 'b' is listed twice",
        ),
        (
            '{"object":"list","data":[],"data":[],"total":0}',
            "the key 'data' appears twice in one JSON object",
        ),
        (
            f'{{"{"x" * 99}":1,"{"x" * 99}":1}}',
            f"the key '{'x' * 80}' appears twice in one JSON object",
        ),
        (
            '{"object":"list","data":[{"id":"a"},],"total":1}',
            "not valid JSON: Trailing comma: line 1 column 36 (char 35)",
        ),
        (
            '{"object":"list","data":[],"total":0} x',
            "not valid JSON: Extra data: line 1 column 38 (char 37)",
        ),
        (
            '{"object":"list","data":[],"total":0}x',
            "not valid JSON: Extra data: line 1 column 38 (char 37)",
        ),
        (
            '{"object":"list" "data":[],"total":0}',
            "not valid JSON: Expecting ',': line 1 column 18 (char 17)",
        ),
        (
            '{"object" "list"}',
            "not valid JSON: Expecting ':': line 1 column 11 (char 10)",
        ),
        (
            '{1:"list"}',
            "not valid JSON: Expecting a property name: line 1 column 3 (char 2)",
        ),
        (
            '{"object":"list","data":[{"id":"a"',
            "not valid JSON: Expecting ',' delimiter: line 1 column 35 (char 34)",
        ),
        ('{"data":' + "[" * 100_000, "JSON nested too deeply"),
    ],
    # Without the escapes: a second run in one process, as mutmut's are, would escape them again.
    ids=lambda text: text[:40].replace("\\", ""),
)
def test_what_is_no_catalog_is_refused(text: str, said: str) -> None:
    with pytest.raises(CatalogError) as refused:
        read(text.encode())
    assert str(refused.value) == said


def test_ids_are_told_apart_byte_for_byte_and_bounded() -> None:
    names = ["A", "a", "é", "e\u0301"]
    assert read(body([model(name) for name in names])).ids == names
    assert len(read(body([model("é" * 256)]))) == 1
    with pytest.raises(CatalogError, match="over 512 bytes"):
        read(body([model("é" * 257)]))


def test_more_models_than_allowed_are_refused() -> None:
    text = body([model("a"), model("b")])
    assert len(read(text, limits=Limits(2))) == 2
    with pytest.raises(CatalogError, match=r"^more than 1 models \(max_models\)$"):
        read(text, limits=Limits(1))


@pytest.mark.parametrize("key", ["a" * 1023, "é" * 511 + "a", "~" * 511 + "a", "/" * 511 + "a"])
def test_a_fields_path_is_as_long_as_an_index_takes_at_most(key: str) -> None:
    assert len(read(body([{"id": "a", key: 1}]))) == 1
    longer = body([{"id": "a", key + "a": 1}])
    with pytest.raises(CatalogError, match=r"^a field whose path is over 1024 bytes: '/"):
        read(longer)
    assert len(read(longer, limits=Limits(name_bytes=None))) == 1


def test_an_empty_catalog_can_be_read() -> None:
    assert len(read(json.dumps(catalog()).encode())) == 0
