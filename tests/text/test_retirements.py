"""When a model is to be retired, in words."""

import pytest

from pricetrail.catalog.event_details import Heading, ModelSunset
from pricetrail.catalog.times import utc
from pricetrail.text.retirements import date_words, moved, retired_on, retirement

NOBODY = Heading(None, None, None)


@pytest.mark.parametrize(
    ("now", "words"),
    [
        ("2026-11-01T09:00:00Z", "to be retired on 1 December 2026 (in 30 days)"),
        ("2026-11-30T23:00:00Z", "to be retired on 1 December 2026 (tomorrow)"),
        ("2026-12-01T09:00:00Z", "to be retired on 1 December 2026 (today)"),
        ("2026-12-02T09:00:00Z", "retired on 1 December 2026 (yesterday)"),
        ("2026-12-31T09:00:00Z", "retired on 1 December 2026 (30 days ago)"),
        ("2020-01-01T09:00:00Z", "to be retired on 1 December 2026 (in 2,526 days)"),
    ],
)
def test_the_day_is_named_and_how_far_away_it_is(now: str, words: str) -> None:
    assert retired_on(utc("2026-12-01"), utc(now)) == words


def test_a_time_of_the_day_is_named_where_there_is_one() -> None:
    assert date_words(utc("2026-02-01T23:30:00-01:00")) == "2 February 2026, 00:30 UTC"
    assert date_words(utc("2026-12-01T00:00:30Z")) == "1 December 2026"


def test_a_date_that_moved_has_the_one_before() -> None:
    may, june = utc("2026-05-01"), utc("2026-06-01")
    assert moved(None, may) == moved(may, may) == "to be retired on 1 May 2026"
    assert moved(may, june) == "to be retired on 1 June 2026 (before: 1 May 2026)"
    assert moved(may, None) == "no longer to be retired (was 1 May 2026)"
    assert moved(None, None) == "no longer to be retired"
    said = retirement(ModelSunset(NOBODY, (), june, may, 3))
    assert said == "to be retired on 1 June 2026 (in 3 days, before: 1 May 2026)"
    assert retirement(ModelSunset(NOBODY, (), None, may, None)) == moved(may, None)
    assert retirement(ModelSunset(NOBODY, (), june, None, 7, 7)).endswith("(in 7 days)")
