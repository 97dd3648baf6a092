"""A window in words: never a single instant."""

import pytest

from pricetrail.catalog.times import find_zone, utc
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


@pytest.mark.parametrize(
    ("name", "start", "end", "said", "beside"),
    [
        (
            "Europe/Berlin",
            *MORNING,
            "between 10:00 and 11:00 CET on 23 Nov 2026",
            "23 Nov 10:00–11:00 CET",
        ),
        (
            "America/Sao_Paulo",
            *MORNING,
            "between 06:00 and 07:00 UTC-03 on 23 Nov 2026",
            "23 Nov 06:00–07:00 UTC-03",
        ),
        (
            "Asia/Kathmandu",
            None,
            "2026-11-23T20:00:00Z",
            "by 01:45 UTC+0545 on 24 Nov 2026",
            "by 24 Nov 01:45 UTC+0545",
        ),
        # The night in which the clocks go back: 02:30 comes twice.
        (
            "Europe/Berlin",
            "2026-10-25T00:30:00Z",
            "2026-10-25T01:30:00Z",
            "between 02:30 CEST on 25 Oct and 02:30 CET on 25 Oct 2026",
            "25 Oct 02:30 CEST – 25 Oct 02:30 CET",
        ),
    ],
)
def test_a_window_in_another_zone(
    name: str, start: str | None, end: str, said: str, beside: str
) -> None:
    zone, window = find_zone(name), (utc(start) if start else None, utc(end))
    assert zone is not None
    assert (between(window, zone), short(window, zone)) == (said, beside)


def test_several_windows_have_one_around_them() -> None:
    assert around([(START, AT), (None, START), (AT, AT)]) == (START, AT)
    assert around([(None, AT)]) == (None, AT)
