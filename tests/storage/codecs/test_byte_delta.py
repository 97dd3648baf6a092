"""Differences between texts: whatever they are, they come back byte for byte."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricetrail.storage.codecs import byte_delta
from pricetrail.storage.codecs.byte_delta import Splice

TEXT = st.binary(max_size=300)
WORDS = [b'"', b"a", b'":"', b"0.1", b"0.25", b"{", b'"id"', b'{"id":']
QUOTED = st.lists(st.sampled_from(WORDS), max_size=30)


@given(TEXT, TEXT)
def test_any_text_comes_back(before: bytes, after: bytes) -> None:
    assert byte_delta.decode(before, byte_delta.encode(before, after)) == after


@given(QUOTED, QUOTED, st.integers(0, 100_000))
def test_texts_of_many_strings_come_back_wherever_they_stand(
    before: list[bytes], after: list[bytes], start: int
) -> None:
    end = b"end" + b"-" * (start // 7)
    was, now = (b"." * start + b"".join(parts) + end for parts in (before, after))
    assert byte_delta.decode(was, byte_delta.encode(was, now)) == now


@given(QUOTED, QUOTED, st.integers(0, 40))
def test_a_short_difference_is_the_same_or_none(
    before: list[bytes], after: list[bytes], longest: int
) -> None:
    was, now = b"".join(before), b"".join(after)
    whole = byte_delta.encode(was, now)
    expected = whole if len(whole) <= longest else None
    assert byte_delta.encode_short(was, now, longest) == expected


def test_models_that_stay_are_passed_over_even_where_another_gains_a_member() -> None:
    was = json.dumps([{"id": name, "prompt": "0.1"} for name in "abcd"]).encode()
    now = was.replace(b'"a", "prompt": "0.1"', b'"a", "prompt": "0.2"')
    now = now.replace(b'"c", "prompt"', b'"c", "free": true, "prompt"')
    assert list(byte_delta.diff(was, now)) == [
        Splice(was.index(b"0.1") + 2, 1, b"2"),
        Splice(was.index(b', "prompt"', was.index(b'"c"')), 0, b', "free": true'),
    ]


@given(st.lists(st.sampled_from(["1", "2", "2.5"]), min_size=60, max_size=60), st.booleans())
def test_each_price_that_changed_is_a_splice(prices: list[str], keyed: bool) -> None:
    """Of models in a list with their ids, and of a map from names to prices."""
    was, now = (
        json.dumps(
            {f"m{n}": {"prompt": price} for n, price in enumerate(some)}
            if keyed
            else [{"id": f"m{n}", "prompt": price} for n, price in enumerate(some)]
        ).encode()
        for some in (["1"] * 60, prices)
    )
    splices = list(byte_delta.diff(was, now))
    assert [splice.insert.decode() for splice in splices] == [p for p in prices if p != "1"]
    assert all(splice.delete == 1 for splice in splices)
    assert byte_delta.decode(was, byte_delta.encode(was, now)) == now


def test_only_what_differs_is_inserted() -> None:
    was = json.dumps({"id": "a", "prompt": "0.000003", "completion": "0.000015"}).encode()
    now = was.replace(b"0.000003", b"0.0000025").replace(b"0.000015", b"0.00002")
    assert list(byte_delta.diff(was, now)) == [
        Splice(was.index(b'3", "c'), 1, b"25"),
        Splice(was.index(b'15"}'), 2, b"2"),
    ]
    assert list(byte_delta.diff(was, was)) == []


@pytest.mark.parametrize(
    ("start", "size", "tag"),
    [(255, 255, 0), (256, 255, 1), (65_535, 255, 1), (65_536, 255, 2), (1, 256, 3)],
)
def test_numbers_are_as_wide_as_they_must_be(start: int, size: int, tag: int) -> None:
    before, after = b"." * start + b"-.", b"." * start + b"x" * size + b"."
    delta = byte_delta.encode(before, after)
    assert delta[0] == tag
    assert byte_delta.decode(before, delta) == after


@pytest.mark.parametrize("delta", [b"", b"\x04", b"\x28\xb5\x2f\xfd", b"\x00\x01\x01", b"\x03abc"])
def test_what_is_damaged_is_refused(delta: bytes) -> None:
    with pytest.raises(ValueError, match="no difference"):
        byte_delta.decode(b"other", delta)
