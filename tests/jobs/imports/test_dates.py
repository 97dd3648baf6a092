"""Times in the names of files: understood entirely, or not at all."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricetrail.catalog.times import rfc3339
from pricetrail.jobs.imports.dates import is_dated, time_in


@pytest.mark.parametrize(
    ("name", "time"),
    [
        ("2026-11-23.json", "2026-11-23T00:00:00Z"),
        ("20261123.json", "2026-11-23T00:00:00Z"),
        ("2026_11_23.json.gz", "2026-11-23T00:00:00Z"),
        ("2026-11-23T10-00-06Z.json", "2026-11-23T10:00:06Z"),
        ("2026-11-23T10:00:06Z.json", "2026-11-23T10:00:06Z"),
        ("2026-11-23 10.00.06.json", "2026-11-23T10:00:06Z"),
        ("models_20261123_100006.json", "2026-11-23T10:00:06Z"),
        ("models-20261123T1000.json", "2026-11-23T10:00:00Z"),
        ("20261123100006.json", "2026-11-23T10:00:06Z"),
        ("2026-11-23T10-00-06.250Z.json", "2026-11-23T10:00:06.250Z"),
        ("2026-11-23T10-00-06+0100.json", "2026-11-23T09:00:06Z"),
        ("gpt-5_2026-11-23_v2.json", "2026-11-23T00:00:00Z"),
        ("claude-3-5 2026-11-23 models.json", "2026-11-23T00:00:00Z"),
        ("20261123T101500.json.zst", "2026-11-23T10:15:00Z"),
        ("2026-11-23T10-00-06-0500.json", "2026-11-23T15:00:06Z"),
        ("2026-11-23T10:00:06-05:00.json", "2026-11-23T15:00:06Z"),
        ("2026-11-23T10-00-0500.json", "2026-11-23T15:00:00Z"),
        ("2026-11-23T10-00-06_+0530.json", "2026-11-23T04:30:06Z"),
        ("2026-11-23T10-00-06+01.json", "2026-11-23T09:00:06Z"),
        ("20261123-100006-0330_prices.json", "2026-11-23T13:30:06Z"),
        ("2026-11-23 10h15m30s UTC.json", "2026-11-23T10:15:30Z"),
        ("2026-11-23T10-00-06.123456789Z.json", "2026-11-23T10:00:06.123456Z"),
    ],
)
def test_a_time_is_found(name: str, time: str) -> None:
    found = time_in(name)
    assert found is not None
    assert rfc3339(found) == time


@pytest.mark.parametrize(
    "name",
    [
        "models.json",
        "latest-1.json",
        "2026-13-01.json",
        "2026-02-30.json",
        "1763892000.json",
        "2026-11.json",
        "2026-11-23_to_2026-11-24.json",
        "2026-11-23T25-00-00Z.json",
        "２０２６-11-23.json",
    ],
)
def test_no_time_is_guessed(name: str) -> None:
    assert time_in(name) is None


_SECONDS = st.integers(946_684_800, 4_102_444_799)
_OFFSETS = st.integers(-14 * 4, 14 * 4).map(lambda quarters: timedelta(minutes=15 * quarters))
_PREFIXES = ("", "us-east-1_", "API-", "models_", "gpt-5-", "claude-3-5_", "v2 ", "prices.")
_LABELS = ("", "_v2", "-models", "_prices_full", " (copy)", ".catalog", "_part3")
_ENDS = (".json", ".JSON", ".json.gz", ".json.xz", ".json.zst")


def _zone(offset: timedelta, colon: str) -> str:
    minutes = abs(offset) // timedelta(minutes=1)
    sign = "-" if offset < timedelta(0) else "+"
    return f"{sign}{minutes // 60:02}{colon}{minutes % 60:02}"


@st.composite
def names(draw: st.DrawFn) -> tuple[str, str, datetime]:
    """A name up to its label, the label with the ending, and the instant that it tells."""
    moment = datetime.fromtimestamp(draw(_SECONDS), UTC)
    day = draw(st.sampled_from(("%Y-%m-%d", "%Y%m%d", "%Y_%m_%d", "%Y.%m.%d")))
    gap = draw(st.sampled_from(("T", "_", " ", "-", "__", "t")))
    time = draw(st.sampled_from((None, "%H-%M-%S", "%H:%M:%S", "%H%M%S", "%H.%M.%S", "%Hh%Mm%Ss")))
    end = draw(st.sampled_from(_LABELS)) + draw(st.sampled_from(_ENDS))
    name = draw(st.sampled_from(_PREFIXES)) + moment.strftime(day)
    if time is None:
        return name, end, moment.replace(hour=0, minute=0, second=0)
    name += gap + moment.strftime(time)
    kind = draw(st.sampled_from(("", "Z", "_UTC", "offset")))
    if kind != "offset":
        return name + kind, end, moment
    offset = draw(_OFFSETS)
    told = moment.replace(tzinfo=timezone(offset)).astimezone(UTC)
    return name + _zone(offset, draw(st.sampled_from(("", ":")))), end, told


@given(names())
def test_every_way_to_write_a_time_tells_that_instant(found: tuple[str, str, datetime]) -> None:
    name, end, moment = found
    assert time_in(name + end) == moment


_ODD = [
    *(
        "_PM",
        "pm",
        " AM",
        "-a.m",
        "_EST",
        "EST",
        " cet",
        "_PDT",
        "-AEDT",
        "_Berlin",
        "-Europe-Paris",
    ),
    *(
        "_B",
        "_XYZ",
        "T10",
        "_T10",
        "_10",
        "-07",
        "_12h",
        "_noon",
        "!",
        "-05-",
        "+1",
        "_+5",
        "-1545_",
    ),
    *(
        "+2500",
        "-0575",
        "_1772323200",
        "_時",
        "下午",
        "_１０",
        "½",
        " 10 o'clock",
        "_utc2",
        "_est5edt",
    ),
    *("@10", "~3", "_evening", "_10e3", "_abc1def", "Zulu"),
]


@given(names(), st.sampled_from(_ODD))
def test_what_may_be_a_time_and_is_not_understood_is_refused(
    found: tuple[str, str, datetime], odd: str
) -> None:
    name, end, _ = found
    assert time_in(name + odd + end) is None
    assert is_dated(name + odd + end)


@pytest.mark.parametrize(
    "odd",
    [
        *("10-00_", "10:30 ", "T10-", "1000 ", "10h ", "10pm_", "CEST_", "１０時_"),
        *("1774000000-", "1774000000123_models_", "T1430_models_", "1430z_", "pm_", "noon-"),
        *("utc-5_", "models_gmt+2_", "evening "),
    ],
)
@pytest.mark.parametrize("name", ["2026-11-23.json", "20261123_100000.json"])
def test_a_time_before_the_date_is_refused(odd: str, name: str) -> None:
    assert time_in(odd + name) is None


@given(names(), st.text("0123456789-+:._ TZAPMhms", min_size=1, max_size=6))
def test_a_date_never_gives_way_to_another_day_unless_by_an_offset(
    found: tuple[str, str, datetime], odd: str
) -> None:
    name, _, moment = found
    other = time_in(f"{name}{odd}.json")
    assert other is None or abs(other - moment) <= timedelta(hours=28)


@pytest.mark.parametrize(
    "name",
    [
        *("2026-11-23-0500.json", "20261123-1000.json", "2026-11-23-05:00.json"),
        *("2026-11-23T10-00-06-05.json", "2026-11-23T10-00-05:00.json", "2026-11-23T10.json"),
        *("2026-11-23T10-00-06-1530.json", "2026-11-23T10-00-06+0575.json", "2026-11-2310-00.json"),
        *("2026-11-23T24-00-00.json", "2026-11-23T10-00-60.json", "2026-11-23_1.json"),
    ],
)
def test_a_name_with_two_readings_or_none_is_refused(name: str) -> None:
    assert time_in(name) is None
