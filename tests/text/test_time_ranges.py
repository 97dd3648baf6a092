"""A window in words: never a single instant."""

import pytest

from pricetrail.catalog.times import utc
from pricetrail.text.time_ranges import around, between, moment, short
from tests.alerts.made import AT, START

MORNING = ("2026-11-23T09:00:04Z", "2026-11-23T10:00:06Z")


@pytest.mark.parametrize(
    ("start", "end", "shown"),
    [
        (*MORNING, "between 09:00 and 10:00 UTC on 23 Nov 2026"),
        (
            "2026-11-23T10:00:01Z",
            "2026-11-23T10:00:06Z",
            "between 10:00:01 and 10:00:06 UTC on 23 Nov 2026",
        ),
        (
            "2026-11-22T23:00:00Z",
            "2026-11-23T00:00:00Z",
            "between 23:00 UTC on 22 Nov and 00:00 UTC on 23 Nov 2026",
        ),
        (
            "2025-12-31T23:00:00Z",
            "2026-01-01T00:00:00Z",
            "between 23:00 UTC on 31 Dec 2025 and 00:00 UTC on 1 Jan 2026",
        ),
        (None, "2026-11-23T10:00:06Z", "by 10:00 UTC on 23 Nov 2026"),
    ],
)
def test_a_window_in_a_sentence(start: str | None, end: str, shown: str) -> None:
    assert between((utc(start) if start else None, utc(end))) == shown


@pytest.mark.parametrize(
    ("start", "end", "shown"),
    [
        (*MORNING, "23 Nov 09:00–10:00 UTC"),
        ("2026-11-22T23:00:00Z", "2026-11-23T00:00:00Z", "22 Nov 23:00 – 23 Nov 00:00 UTC"),
        (None, "2026-11-23T10:00:06Z", "by 23 Nov 10:00 UTC"),
    ],
)
def test_a_window_beside_others(start: str | None, end: str, shown: str) -> None:
    assert short((utc(start) if start else None, utc(end))) == shown


def test_other_time_zones_are_shown_in_utc() -> None:
    assert moment(utc("2026-11-23T01:30:00+02:00")) == "23:30 UTC on 22 Nov 2026"


def test_several_windows_have_one_around_them() -> None:
    assert around([(START, AT), (None, START), (AT, AT)]) == (START, AT)
    assert around([(None, AT)]) == (None, AT)
