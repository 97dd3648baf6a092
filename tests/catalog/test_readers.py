"""A body of any dialect becomes the unified schema, under the same strict limits."""

import json
from decimal import Decimal
from typing import Any

import pytest

from pricetrail.catalog import catalogs
from pricetrail.catalog.catalogs import Limits
from pricetrail.catalog.dialects import xai
from pricetrail.catalog.dialects.registry import AS_SERVED, ReadBy
from pricetrail.catalog.errors import CatalogError, InvalidInputError
from pricetrail.catalog.readers import KeepError, Reader, find_reader
from pricetrail.catalog.strict_json import dumps
from tests.support.dialects import entry, native, spoken
from tests.support.histories import catalog, model


@pytest.fixture(autouse=True)
def dialect(monkeypatch: pytest.MonkeyPatch) -> None:
    spoken(monkeypatch)


def document(reader: Reader, *models: dict[str, Any]) -> Any:
    return reader.read(native(*models)).document(models[0]["name"])


def test_pipellm_s_own_bodies_are_read_as_ever() -> None:
    body = json.dumps(catalog(model("b"), model("a")), indent=3).encode()
    read, own = Reader().read(body), catalogs.read(body)
    assert (read.text, read.ids, read.spans, read.leaves) == (
        own.text,
        own.ids,
        own.spans,
        own.leaves,
    )
    assert Reader(keep=("/architecture",)).read_by == AS_SERVED
    with pytest.raises(CatalogError, match="truncated"):
        Reader().read(body.replace(b'"total": 2', b'"total": 3'))
    with pytest.raises(CatalogError, match="max_models"):
        Reader().read(body, own, Limits(models=1))


def test_what_a_dialect_reads_is_a_list_of_the_unified_schema() -> None:
    unified = Reader("xai").unified(native(entry("b", "0.1"), entry("a", odd=1)))
    priced = {"kind": "token", "text": {"prompt": "0.0000001"}}
    found = json.loads(unified.text)
    assert (found["object"], found["total"]) == ("list", 2)
    assert found["data"][0] == {"id": "b", "pricing": priced}
    assert [remark[:3] for remark in unified.remarks] == [("not understood", "a", "/odd")]
    assert Reader("xai").read(native(entry("b"))).ids == ["b"]


def test_pipellm_s_list_becomes_itself() -> None:
    listed = catalog(model("a", {"kind": "token", "odd": Decimal("1.50")}))
    text = dumps(listed)
    unified = Reader().unified(text.encode())
    assert unified.text == text
    assert [(entry.document, entry.native) for entry in unified.entries] == [
        (listed["data"][0], listed["data"][0])
    ]
    assert unified.remarks == []
    for body in (b'{"data": {}}', b"[]"):
        with pytest.raises(CatalogError) as refusal:
            Reader().unified(body)
        assert str(refusal.value) == "`data` is no array of models"


@pytest.mark.parametrize(
    ("keep", "kept"),
    [
        (("/architecture",), {"architecture": {"in": ["text"], "n": 1}}),
        (("/architecture/in",), {"architecture": {"in": ["text"]}}),
        (("/architecture/in", "/architecture/n"), {"architecture": {"in": ["text"], "n": 1}}),
        (("/architecture/in/0", "/nothing", "/architecture/n/x"), {}),
        (("/a~1b",), {"a/b": None}),
        (("/architecture", "/architecture/n"), {"architecture": {"in": ["text"], "n": 1}}),
    ],
)
def test_native_fields_are_kept_where_they_stood(
    keep: tuple[str, ...], kept: dict[str, Any]
) -> None:
    one = entry("a", architecture={"in": ["text"], "n": 1}) | {"a/b": None}
    found = document(Reader("xai", keep), one)
    assert {key: found[key] for key in found.keys() - {"id", "pricing"}} == kept
    assert one["architecture"] == {"in": ["text"], "n": 1}


def test_a_field_that_a_dialect_fills_itself_is_not_written_over(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    real = xai.read

    def read(native: object) -> Any:
        reading = real(native)
        for one in reading.entries:
            one.document["limits"] = {"in": 5}
        return reading

    monkeypatch.setattr(xai, "read", read)
    one = entry("a", limits={"in": 7, "out": 9})
    assert document(Reader("xai", ("/limits",)), one)["limits"] == {"in": 5}
    assert document(Reader("xai", ("/limits/in", "/limits/out")), one)["limits"] == {
        "in": 5,
        "out": 9,
    }


@pytest.mark.parametrize("pointer", ["architecture", "/a/", "/*", "", "/pricing/x", "/id"])
def test_what_cannot_be_kept_is_refused_without_repeating_it(pointer: str) -> None:
    with pytest.raises(KeepError) as refusal:
        Reader("xai", ("/fine", pointer))
    assert str(refusal.value).startswith("field 2 ")


@pytest.mark.parametrize(
    ("name", "near"), [("open-router", "openrouter"), ("GROK", "groq"), ("zzz", "together")]
)
def test_a_dialect_that_there_is_not_is_refused_with_near_ones(name: str, near: str) -> None:
    with pytest.raises(InvalidInputError, match=near):
        Reader(name)


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"{", "not valid JSON"),
        (b'{"models": 3}', "no list of this dialect"),
        (b'{"models": [[]]}', "not a list as xai writes it"),
        (b'{"models": [{"in": 1}]}', "KeyError"),
        (native(entry("a"), entry("a")), "listed twice"),
        (b'{"models":[{"name":"a","in":1,"in":1}]}', "twice"),
        (b'{"models":[{"name":"a","in":NaN}]}', "NaN"),
        (b'{"models":[{"name":"a","in":1e400}]}', "range"),
        (b'{"models":[{"name":"\\ud800"}]}', "surrogate"),
        (native(entry("a" * 513)), "512 bytes"),
        (native(*(entry(f"m{n}") for n in range(4))), "max_models"),
        (b'{"models":[{"name":"a","deep":' + b"[" * 2000 + b"]" * 2000 + b"}]}", "nested"),
        (b'{"models":[{"name":"a","deep":' + b"[" * 100 + b"]" * 100 + b"}]}", "nested"),
    ],
)
def test_nonsense_is_refused_in_any_dialect(body: bytes, why: str) -> None:
    with pytest.raises(CatalogError, match=why):
        Reader("xai", ("/deep",)).read(body, None, Limits(models=3))


def test_a_list_of_another_kind_is_refused_with_what_was_amiss(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with pytest.raises(CatalogError) as refusal:
        Reader("xai").read(b'{"models": [{"in": 1}]}')
    assert str(refusal.value) == "not a list as xai writes it (KeyError: 'name')"

    def read(native: object) -> Any:
        raise ValueError("x" * 121)

    monkeypatch.setattr(xai, "read", read)
    with pytest.raises(CatalogError) as refusal:
        Reader("xai").read(native())
    assert str(refusal.value) == f"not a list as xai writes it (ValueError: {'x' * 120})"


def test_what_is_too_deep_to_write_is_refused() -> None:
    deep = b'{"models":[{"name":"a","deep":' + b"[" * 600 + b"]" * 600 + b"}]}"
    said = "^(JSON nested too deeply|a model nested deeper than 64 levels)$"
    with pytest.raises(CatalogError, match=said):
        Reader("xai", ("/deep",)).read(deep)


def test_a_reader_is_found_again_as_long_as_it_reads_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    reader = Reader("xai", ("/b", "/a", "/b"))
    assert reader.read_by == ReadBy("xai/1", ("/a", "/b"))
    assert find_reader(reader.read_by) == Reader("xai", ("/a", "/b"))
    assert find_reader(AS_SERVED) == Reader()
    assert find_reader(ReadBy("xai/2")) is None
    assert find_reader(ReadBy("nobody/1")) is None
    assert find_reader(ReadBy("xai/1", ("no pointer",))) is None
    before = reader.read_by
    spoken(monkeypatch, 2)
    assert find_reader(before) is None
    assert find_reader(reader.read_by) == Reader("xai", ("/a", "/b"))


def test_the_same_body_gives_the_same_catalog_with_and_without_the_one_before() -> None:
    reader = Reader("xai")
    before = reader.read(native(entry("a"), entry("b"), entry("c")))
    body = native(entry("c"), entry("b", "3"), entry("a"))
    one, other = reader.read(body, before), reader.read(body)
    assert one.root(before) == other.root() != before.root()
    assert one.text == other.text
