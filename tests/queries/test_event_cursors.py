"""A cursor is opaque, short, and exact."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricetrail.catalog.errors import InvalidInputError
from pricetrail.queries.event_cursors import Cursor, Question, _packed, _seal
from tests.support.histories import at

POSITIONS = st.dictionaries(st.integers(2, 1 << 30), st.integers(1, 1 << 50), max_size=8)


@given(low=POSITIONS, more=POSITIONS, last=st.integers(0, 1 << 50))
def test_what_is_written_is_read_back(low: dict[int, int], more: dict[int, int], last: int) -> None:
    high = {lane: low.get(lane, 0) + number for lane, number in more.items()}
    cursor = Cursor(low, low | high if high else None, last)
    assert Cursor.read(cursor.text(Question()), Question()) == cursor


def test_a_cursor_of_a_thousand_sources_fits_into_an_address() -> None:
    low = {2 * source: 10_000_000 + 7 * source for source in range(1, 1001)}
    text = Cursor(low).text(Question())
    assert len(text) < 8000
    assert text.replace("-", "").replace("_", "").isalnum()


def test_a_letter_that_is_lost_or_changed_is_seen() -> None:
    text = Cursor({2: 5, 4: 900}, {2: 7, 4: 900}, 6).text(Question())
    for broken in (text[:-2], text[2:], text + "AA", text.swapcase()):
        with pytest.raises(InvalidInputError):
            Cursor.read(broken, Question())


def test_questions_that_ask_the_same_share_their_cursors() -> None:
    one = Question("s", at("10:00"), None, ("a", "b"), "m*")
    other = Question("s", at("2026-03-01T11:00:00+01:00"), None, ("b", "a", "b"), "m*")
    assert one.fingerprint() == other.fingerprint()
    assert Cursor.read(Cursor().text(one), other) == Cursor()


@pytest.mark.parametrize(
    "numbers",
    [
        *((), (1,), (1, 5), (0, 1, 3), (0, 2**60), (0, 0, 2**60), (0, 0, 0, 7), (0, 0, 1, 1)),
        *((2**63, 0, 0), (0, 1, 2**70, 5, 0), (0, 1, 0, 2**63, 0), (0, 1, 1, 2**63 - 1, 1, 1, 1)),
    ],
)
def test_one_that_was_made_up_is_refused_though_its_seal_fits(numbers: tuple[int, ...]) -> None:
    body = b"".join(map(_packed, numbers))
    for content in (body, b"\xff" * 50 + body):
        sealed = base64.urlsafe_b64encode(_seal(content, Question()) + content).decode()
        with pytest.raises(InvalidInputError, match="cursor"):
            Cursor.read(sealed.rstrip("="), Question())
