"""What an answer means where a channel has no words of its own (faults 28, 29, 32)."""

from datetime import timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricetrail.alerts.outcomes import (
    DELIVERED,
    DISABLE,
    MAX_WAIT,
    RETRY,
    read,
    status_text,
)
from pricetrail.net.answer import Answer
from tests.alerts.made import NOW

IN_TWO_HOURS = format_datetime(NOW + timedelta(hours=2), usegmt=True)


@pytest.mark.parametrize(
    ("status", "verdict"),
    [
        (200, DELIVERED),
        (201, DELIVERED),
        (202, DELIVERED),
        (204, DELIVERED),
        (299, DELIVERED),
        (301, RETRY),
        (302, RETRY),
        (304, RETRY),
        (308, RETRY),
        (400, RETRY),
        (401, RETRY),
        (404, RETRY),
        (410, DISABLE),
        (429, RETRY),
        (500, RETRY),
        (599, RETRY),
    ],
)
def test_a_status_means(status: int, verdict: str) -> None:
    reading = read(Answer(status), NOW)
    assert reading.verdict == verdict
    assert (reading.error is None) is (verdict == DELIVERED)
    if verdict != DELIVERED:
        assert f"HTTP {status}" in (reading.error or "")


@given(st.text())
def test_no_wait_is_negative_or_endless(value: str) -> None:
    for status in (429, 503):
        wait = read(Answer(status, {"retry-after": value}), NOW).wait
        assert wait is None or timedelta(0) < wait <= MAX_WAIT


@pytest.mark.parametrize(
    ("header", "wait"),
    [
        ("120", timedelta(seconds=120)),
        ("5", timedelta(seconds=60)),
        ("rubbish", timedelta(seconds=60)),
        ("", timedelta(seconds=60)),
        (IN_TWO_HOURS, timedelta(hours=2)),
        ("1000000000", MAX_WAIT),
    ],
)
def test_too_many_waits_a_minute_at_least(header: str, wait: timedelta) -> None:
    assert read(Answer(429, {"retry-after": header}), NOW).wait == wait


def test_another_failure_waits_as_long_as_it_says() -> None:
    assert read(Answer(503, {"retry-after": "5"}), NOW).wait == timedelta(seconds=5)
    assert read(Answer(503), NOW).wait is None


def test_only_a_harmless_word_is_repeated() -> None:
    assert status_text(Answer(400), "invalid_blocks") == "HTTP 400 invalid_blocks"
    assert status_text(Answer(400), "50035") == "HTTP 400 50035"
    for word in (None, "", "https://hooks.example/secret", "<b>", "two words", "x" * 60, "a\nb"):
        assert status_text(Answer(400), word) == "HTTP 400"
