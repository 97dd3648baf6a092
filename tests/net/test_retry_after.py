"""How long an answer asks to wait, in all its forms (faults 23, 32)."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricetrail.net.retry_after import http_date, retry_after

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
DAY = timedelta(hours=24)
IN_TWO_HOURS = format_datetime(NOW + timedelta(hours=2), usegmt=True)


@pytest.mark.parametrize(
    ("value", "wait"),
    [
        ("120", timedelta(seconds=120)),
        (" 120 ", timedelta(seconds=120)),
        ("1" * 15, timedelta(seconds=10**9)),
        (IN_TWO_HOURS, timedelta(hours=2)),
        (IN_TWO_HOURS.replace("GMT", "+0000"), timedelta(hours=2)),
        (IN_TWO_HOURS.replace("GMT", "-0000"), timedelta(hours=2)),
        ("0", None),
        ("Sun, 06 Nov 1994 08:49:37 GMT", None),
        ("-1", None),
        ("1e9", None),
        ("64.57", None),
        ("١٢٠", None),
        ("9" * 16, None),
        ("9" * 5000, None),
        ("soon", None),
        ("", None),
        ("Mon, 99 Foo 2026 99:99:99 GMT", None),
    ],
)
def test_retry_after_in_all_its_forms(value: str, wait: timedelta | None) -> None:
    assert retry_after(value, NOW) == wait
    assert retry_after(value, NOW, most=timedelta(days=100_000)) == wait


@pytest.mark.parametrize(
    "value", ["86401", "1000000000", "999999999999999", "Fri, 31 Dec 9999 23:59:59 GMT"]
)
def test_no_wait_is_longer_than_is_believed(value: str) -> None:
    assert retry_after(value, NOW, most=DAY) == DAY


@given(st.text())
def test_no_wait_is_negative_or_endless(value: str) -> None:
    wait = retry_after(value, NOW, most=DAY)
    assert wait is None or timedelta(0) < wait <= DAY


def test_a_date_is_reckoned_from_the_time_that_is_given() -> None:
    later = NOW + timedelta(minutes=90)
    assert retry_after(IN_TWO_HOURS, later) == timedelta(minutes=30)
    assert retry_after("60", later) == retry_after("60", NOW)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("Mon, 23 Nov 2026 09:00:00 GMT", NOW),
        ("Mon, 23 Nov 2026 10:00:00 +0100", NOW),
        ("2026-11-23T09:00:00Z", None),
        ("Mon", None),
        ("", None),
    ],
)
def test_an_http_date_is_aware_or_none(text: str, moment: datetime | None) -> None:
    assert http_date(text) == moment
