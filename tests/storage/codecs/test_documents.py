"""Documents come back letter for letter, whole or by their difference from another."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricetrail.storage.codecs import documents
from pricetrail.storage.errors import StorageError

WORDS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)
WHOLE = (
    '{"id":"ai/gpt-5","display_name":"GPT 5 ünïcode","type_target":"openai","pricing":'
    '{"kind":"token","text":{"prompt":"0.000003","completion":"0.000015"}}}'
)
STORED = documents.encode(WHOLE)


@given(WORDS)
def test_a_whole_document_comes_back(text: str) -> None:
    assert documents.decode(documents.encode(text)) == text


@given(WORDS, WORDS)
def test_a_difference_comes_back(text: str, keyframe: str) -> None:
    assert documents.decode(documents.encode(text, keyframe), documents.encode(keyframe)) == text


@given(st.integers(0, len(WHOLE)), st.integers(0, len(WHOLE)), st.text("0,-7\u00fc", max_size=4))
def test_a_stretch_that_changed_comes_back(start: int, end: int, stretch: str) -> None:
    text = WHOLE[: min(start, end)] + stretch + WHOLE[max(start, end) :]
    if text:
        assert documents.decode(documents.encode(text, WHOLE), STORED) == text


def test_a_price_that_changed_is_stored_as_itself() -> None:
    dearer = WHOLE.replace("0.000003", "0.000004")
    stays = len(WHOLE[: WHOLE.index('3","c')].encode())
    assert documents.encode(dearer, WHOLE) == bytes([0, stays, 1, 1]) + b"4"


def test_what_is_like_any_model_is_stored_in_a_fraction_of_its_letters() -> None:
    assert len(documents.encode(WHOLE)) * 2 < len(WHOLE.encode())


def test_two_changes_are_stored_without_what_lies_between() -> None:
    long = WHOLE.replace('"pricing"', '"note":"' + "as it was before. " * 20 + '","pricing"')
    both = long.replace("gpt-5", "gpt-6").replace("0.000015", "0.00002")
    assert len(documents.encode(both, long)) == 1 + 4 + len("6") + 4 + len("2")
    assert documents.decode(documents.encode(both, long), documents.encode(long)) == both


@pytest.mark.parametrize("size", [255, 256, 65_535, 65_536, 300_000])
def test_long_stretches_come_back_too(size: int) -> None:
    note = json.dumps({"note": "x" * size, "after": 1})
    for text in (note, note.replace("x", "y"), note + " " * size, note.replace("after", "z")):
        assert documents.decode(documents.encode(text, note), documents.encode(note)) == text
        assert documents.decode(documents.encode(text, WHOLE), STORED) == text


def test_another_document_is_better_a_keyframe_itself() -> None:
    other = json.dumps({"id": "x", "words": [str(n**7) for n in range(40)]})
    assert documents.wants_keyframe(documents.encode(other, WHOLE), other)
    dearer = WHOLE.replace("0.000003", "0.000004")
    assert not documents.wants_keyframe(documents.encode(dearer, WHOLE), dearer)


@pytest.mark.parametrize(
    "stored",
    [
        b"",
        b"\x00",
        b"\x20",
        b"\xff" * 20,
        b"\xe0" + b"\xff" * 12,
        b"\xa0\xff\xff\xff\x7f\x01\x00\x00",
    ],
)
def test_a_whole_document_that_is_damaged_is_said_to_be(stored: bytes) -> None:
    with pytest.raises(StorageError, match="document is damaged"):
        documents.decode(stored)
    with pytest.raises(StorageError, match="document is damaged"):
        documents.decode(b"\x00", stored)


@pytest.mark.parametrize(
    "stored", [b"", b"\x04", b"\x03\x00", b"\x00\x01", b"\x00\x01\x00\x01\xff"]
)
def test_a_difference_that_is_damaged_is_said_to_be(stored: bytes) -> None:
    with pytest.raises(StorageError, match="document is damaged"):
        documents.decode(stored, STORED)


def test_threads_at_one_time_read_their_own_documents() -> None:
    texts = [f'{{"id":"m-{n}","words":"{"x" * (n % 700)}"}}' for n in range(2000)]
    stored = [documents.encode(text) for text in texts]

    def read(_thread: int) -> bool:
        return [documents.decode(each) for each in stored] == texts

    with ThreadPoolExecutor(4) as threads:
        assert all(threads.map(read, range(4)))
