"""JSON documents of any size, an element at a time."""

import io
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pricetrail.audit.usage.errors import UsageFileError
from pricetrail.audit.usage.json_stream import JsonStream


def elements(text: str) -> list[Any]:
    return list(JsonStream(Path("u.json"), io.StringIO(text)).elements())


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", []),
        ("[]", []),
        ('[{"a": 1}, {"b": [2]}]', [{"a": 1}, {"b": [2]}]),
        ('{"object": "page", "data": [{"a": 1}], "has_more": false}', [{"a": 1}]),
        ('{"daily": [{"a": 1}], "totals": {"a": 1}}', [{"a": 1}]),
        ('{"data": []}', []),
        ('{"a": 1, "b": {"data": [1]}}', [{"a": 1, "b": {"data": [1]}}]),
        ('{"a": 1}\n{"data": [{"b": 2}]}\n[{"c": 3}]\n', [{"a": 1}, {"b": 2}, {"c": 3}]),
        ('{"data": {"x": 1}}', [{"data": {"x": 1}}]),
        ("[1, 2.5, null]", [1, 2.5, None]),
    ],
)
def test_elements_of_the_outer_list_or_else_the_whole(text: str, found: list[Any]) -> None:
    assert elements(text) == found


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text('aé\n"\\{[,', max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text("xyz", max_size=3), inner, max_size=3)
    ),
    max_leaves=10,
)


@settings(max_examples=30)
@given(st.lists(st.dictionaries(st.text("abc", max_size=3), VALUES, max_size=3)), st.booleans())
def test_what_was_written_is_read_in_whatever_pieces(rows: list[Any], pretty: bool) -> None:
    text = json.dumps({"object": "x", "data": rows, "n": 12}, indent=2 if pretty else None)

    class Slow(io.StringIO):
        def read(self, _size: int | None = -1, /) -> str:
            return super().read(40)

    assert list(JsonStream(Path("u"), Slow(text)).elements()) == rows


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[1 2]",
        '["\\u0000"]',
        '{"a" 1}',
        '{"a": }',
        '[{"a": 1}',
        '{"data": [{"a": 1}',
        "x",
        '{"a": 1, "a": 2',
    ],
)
def test_what_is_no_json_is_refused_with_the_file(text: str) -> None:
    with pytest.raises(UsageFileError, match=r"u\.json is not valid JSON"):
        elements(text)


def test_an_element_without_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pricetrail.audit.usage.json_stream._MAX_ELEMENT", 1 << 18)
    with pytest.raises(UsageFileError, match="an element of more than"):
        elements('[{"a": "' + "x" * (1 << 20) + '"}]')


def test_no_more_is_read_ahead_than_an_element_needs_however_long_the_list() -> None:
    bucket = json.dumps({"start_time": 1, "results": [{"input_tokens": n} for n in range(50)]})
    stream = io.StringIO('{"data": [' + ",".join([bucket] * 2000) + "]}")
    seen, most = 0, 0
    for _ in JsonStream(Path("long.json"), stream).elements():
        seen += len(bucket)
        most = max(most, stream.tell() - seen)
    assert seen > 2_000_000
    assert most < 150_000


def test_what_is_nested_too_deeply_is_said_in_plain_words() -> None:
    with pytest.raises(UsageFileError, match="it is nested too deeply"):
        elements(f'[{{"a": {"[" * 5_000}{"]" * 5_000}}}]')
