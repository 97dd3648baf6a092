"""Documents come back letter for letter, whole or by their difference from another."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage import texts
from storage.errors import StorageError

WORDS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)
WHOLE = (
    '{"id":"ai/gpt-5","display_name":"GPT 5 ünïcode","type_target":"openai","pricing":'
    '{"kind":"token","text":{"prompt":"0.000003","completion":"0.000015"}}}'
)


@given(WORDS)
def test_a_whole_document_comes_back(text: str) -> None:
    assert texts.unpack(texts.pack(text)) == text


@given(WORDS, WORDS)
def test_a_difference_comes_back(text: str, keyframe: str) -> None:
    assert texts.unpack(texts.pack(text, keyframe), keyframe) == text


@given(st.integers(0, len(WHOLE)), st.integers(0, len(WHOLE)), st.text("0,-7\u00fc", max_size=4))
def test_a_stretch_that_changed_comes_back(start: int, end: int, stretch: str) -> None:
    text = WHOLE[: min(start, end)] + stretch + WHOLE[max(start, end) :]
    if text:
        assert texts.unpack(texts.pack(text, WHOLE), WHOLE) == text


def test_a_price_that_changed_is_stored_as_itself() -> None:
    dearer = WHOLE.replace("0.000003", "0.000004")
    assert texts.pack(dearer, WHOLE) == b"%d,%d,4" % (
        dearer.index('4","completion'),
        len(dearer) - dearer.index('","completion'),
    )


def test_what_is_like_any_model_is_stored_in_a_fraction_of_its_letters() -> None:
    assert len(texts.pack(WHOLE)) * 2 < len(WHOLE.encode())


def test_two_prices_at_two_ends_are_stored_without_what_lies_between() -> None:
    long = WHOLE.replace('"pricing"', '"note":"' + "as it was before. " * 20 + '","pricing"')
    both = long.replace("gpt-5", "gpt-6").replace("0.000015", "0.00002")
    assert len(texts.pack(both, long)) < 40
    assert texts.unpack(texts.pack(both, long), long) == both


def test_another_document_is_better_a_keyframe_itself() -> None:
    other = json.dumps({"id": "x", "words": [str(n**7) for n in range(40)]})
    assert texts.wants_keyframe(texts.pack(other, WHOLE), other)
    dearer = WHOLE.replace("0.000003", "0.000004")
    assert not texts.wants_keyframe(texts.pack(dearer, WHOLE), dearer)


@pytest.mark.parametrize(
    "stored",
    [
        b"",
        b"0",
        b"1,2",
        b"1,x,y",
        b"\x00",
        b"\x20",
        b"\xff" * 20,
        b"\xe0" + b"\xff" * 12,
        b"9,9,\xff",
    ],
)
def test_what_is_damaged_is_said_to_be(stored: bytes) -> None:
    for keyframe in (None, WHOLE):
        with pytest.raises(StorageError, match="document is damaged"):
            texts.unpack(stored, keyframe)


def test_no_frame_can_be_taken_for_a_stretch() -> None:
    for size in (1, 255, 256, 70_000, 20_000_000):
        assert chr(texts.pack("x" * size)[0]) not in "0123456789"
