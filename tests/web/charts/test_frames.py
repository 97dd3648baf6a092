"""What a chart stands in."""

from decimal import Decimal

import pytest

from pricetrail.queries.coverage import Gap
from pricetrail.storage.polls.certainty import IMPORTED_WHY
from pricetrail.web.charts.frames import NARROW, WIDE, Frame, Size, axes, bands, gaps_in
from pricetrail.web.charts.markup import element
from pricetrail.web.charts.money_axis import money_axis
from pricetrail.web.charts.time_axis import TimeAxis
from tests.support.histories import at
from tests.web.charts.trails import BEGIN, END, PROMPT, parsed, trail, with_class


def frame(size: Size = WIDE, *amounts: str) -> Frame:
    money = money_axis([Decimal(one) for one in amounts or ("0", "3")], 5)
    return Frame.of(size, money, TimeAxis(BEGIN, END), ["prompt $3.00"], 6)


def test_corners_are_the_ends_of_the_axes() -> None:
    some = frame()
    assert (some.x(BEGIN), some.x(END)) == (some.left, some.right)
    assert some.y(Decimal(0)) == some.bottom
    assert some.y(Decimal("0.000003")) == pytest.approx(some.top)


@pytest.mark.parametrize("size", [WIDE, NARROW])
@pytest.mark.parametrize("amounts", [("0", "3"), ("0.0000012", "0.0000013"), ("0.01", "9000")])
def test_names_of_ticks_stay_within_the_picture(size: Size, amounts: tuple[str, ...]) -> None:
    for text in parsed(element("g", axes(frame(size, *amounts)))).iter("text"):
        x, width = float(text.get("x", "")), len(text.text or "") * 7.4
        begin = {"start": x, "middle": x - width / 2, "end": x - width}[text.get("text-anchor", "")]
        assert -1 <= begin <= begin + width <= size.width + 1


def test_names_of_times_stand_apart() -> None:
    time = TimeAxis(at("2026-03-01T21:35:00Z"), at("2026-03-01T22:15:00Z"))
    money = money_axis([Decimal(0), Decimal(3)], 5)
    narrow = Frame.of(NARROW, money, time, ["$3.00"], 6)
    texts = [text.text for text in parsed(element("g", axes(narrow))).iter("text")]
    # The first has its day, too, and takes the room of the second.
    assert texts[-3:] == ["1 Mar 21:40", "22:00", "22:10"]


def test_gaps_that_touch_in_the_picture_are_one() -> None:
    gaps = [
        Gap(at("2026-04-01"), at("2026-04-03"), "503"),
        Gap(at("2026-04-03T01:00:00Z"), at("2026-04-05"), "503"),
        Gap(at("2026-04-05"), at("2026-04-07"), "404"),
    ]
    answer = trail({PROMPT: [(None, BEGIN, "1")]}, gaps=gaps)
    titles = [
        one.findtext("title") for one in parsed(element("g", gaps_in(frame(), answer.gaps, "i")))
    ]
    assert titles == [
        "1 Apr 2026 00:00 – 5 Apr 2026 00:00 UTC: 503",
        "5 Apr 2026 00:00 – 7 Apr 2026 00:00 UTC: 404",
    ]


def test_what_was_imported_is_hatched_at_the_ground_alone() -> None:
    gaps = [Gap(BEGIN, END, IMPORTED_WHY)]
    answer = trail({PROMPT: [(None, BEGIN, "1")]}, gaps=gaps)
    (strip,) = with_class(parsed(element("g", gaps_in(frame(), answer.gaps, "i"))), "gap")
    assert strip.get("height") == "5"


def test_bands_that_touch_are_one_and_narrow_ones_none() -> None:
    windows = [
        (at("2026-04-01"), at("2026-04-05")),
        (at("2026-04-04"), at("2026-04-09")),
        (at("2026-05-01"), at("2026-05-01T01:00:00Z")),
    ]
    some = frame()
    (band,) = parsed(element("g", bands(some, windows)))
    width = some.x(at("2026-04-09")) - some.x(at("2026-04-01"))
    assert float(band.get("width", "")) == pytest.approx(width, abs=0.06)
