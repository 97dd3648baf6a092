"""The step chart, read back from its markup: geometry, marks, words, and what may not be there."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from xml.etree import ElementTree as ET

import pytest

from pricetrail.queries.coverage import Gap
from pricetrail.queries.steps import Visible
from pricetrail.queries.trail import TrailAnswer
from pricetrail.web.charts.steps import charts_of, figure
from tests.support.histories import at
from tests.web.charts.trails import (
    BEGIN,
    COMPLETION,
    END,
    LINKS,
    PROMPT,
    Moves,
    many,
    parsed,
    picture,
    points,
    trail,
    with_class,
)

NAMES = ["wide", "narrow"]
EVIL = '<script>alert(1)</script>"\u202e&\x1b'
PRICES: dict[str, Moves] = {
    PROMPT: [
        (None, BEGIN, "0.000003"),
        (at("2026-04-01"), at("2026-04-11"), "0.000001"),
        (at("2026-05-01"), at("2026-05-01T01:00:00Z"), None),
        (at("2026-06-01"), at("2026-06-01T01:00:00Z"), "0.000002"),
    ],
    COMPLETION: [(None, BEGIN, "0.000004"), (at("2026-06-10"), at("2026-06-12"), "0.000006")],
}


def drawn(answer: TrailAnswer, ident: str = "c0") -> ET.Element:
    return parsed(figure(answer, next(charts_of(answer)), ident, LINKS))


def grid(root: ET.Element) -> tuple[float, float, float, float]:
    """(left, right, top, bottom) of the plot, by its hairlines."""
    ((left, y), (right, _)) = points(_first(root, "ground").get("d", ""))[0]
    heights = [line for one in with_class(root, "grid") for line in points(one.get("d", ""))]
    return left, right, min(y for line in heights for _, y in line), y


def _first(root: ET.Element, name: str) -> ET.Element:
    return next(with_class(root, name))


@pytest.mark.parametrize("name", NAMES)
def test_lines_lie_where_times_and_amounts_say(name: str) -> None:
    root = picture(drawn(trail(PRICES)), name)
    left, right, top, bottom = grid(root)

    def place(moment: datetime, dollars: str) -> tuple[float, float]:
        # The axis goes from $0 to $6.
        x = left + (moment - BEGIN) / (END - BEGIN) * (right - left)
        return x, bottom - float(Decimal(dollars) / 6) * (bottom - top)

    prompt = points(_first(root, "s1").get("d", ""))
    expected = [
        [
            place(BEGIN, "3"),
            place(at("2026-04-01"), "3"),
            place(at("2026-04-11"), "1"),
            place(at("2026-05-01"), "1"),
        ],
        [place(at("2026-06-01T01:00:00Z"), "2"), place(END, "2")],
    ]
    assert [len(line) for line in prompt] == [len(line) for line in expected]
    for line, wanted in zip(prompt, expected, strict=True):
        for point, other in zip(line, wanted, strict=True):
            assert point == pytest.approx(other, abs=0.11)
    completion = points(_first(root, "s2").get("d", ""))[0]
    assert completion[-1] == pytest.approx(place(END, "6"), abs=0.11)
    assert all(a[0] <= b[0] for line in prompt for a, b in pairwise(line))


def test_every_event_has_a_mark_that_leads_to_it() -> None:
    answer = trail(PRICES)
    links = list(picture(drawn(answer)).iter("a"))
    assert {one.get("href") for one in links} == {f"/event/{e.id}" for e in answer.events}
    assert all((one.findtext("title") or "").strip() for one in links)
    # The same stands in a list beside it: keys need not go through a hundred dots.
    assert {one.get("tabindex") for one in links} == {"-1"}


@pytest.mark.parametrize("name", NAMES)
def test_every_event_has_a_dot_on_its_line(name: str) -> None:
    root = picture(drawn(trail(PRICES)), name)
    dots = [line[0] for one in with_class(root, "dot") for line in points(one.get("d", ""))]
    assert len(dots) == 4
    vertices = [
        point
        for one in with_class(root, "trace")
        for line in points(one.get("d", ""))
        for point in line
    ]
    assert set(dots) <= set(vertices)


def test_a_mark_says_the_exact_change() -> None:
    titles = [one.findtext("title") for one in picture(drawn(trail(PRICES))).iter("a")]
    assert titles[0] == (
        "1 Apr 2026 00:00 – 11 Apr 2026 00:00 UTC: prompt $3.00 → $1.00 /1M (−66.7%) "
        "(exactly 0.000003 → 0.000001 USD/token), observed between two polls"
    )


def test_thousands_of_events_have_as_many_marks_as_there_is_room_for() -> None:
    root = picture(drawn(trail({PROMPT: many(3000)})))
    titles = [one.findtext("title") or "" for one in root.iter("a")]
    assert 24 <= len(titles) <= 48
    assert sum(int(title.partition(" ")[0].replace(",", "")) for title in titles) == 2999


def test_ten_thousand_changes_stay_small_and_lose_no_extreme() -> None:
    moves = [*many(10_000, low=100)]
    before, seen, _ = moves[5000]
    moves[5000] = (before, seen, "0.000900")
    text = figure(trail({PROMPT: moves}), next(charts_of(trail({PROMPT: moves}))), "c", LINKS)
    assert len(text.encode()) < 40_000
    root = picture(parsed(text))
    left, right, top, bottom = grid(root)
    line = points(_first(root, "trace").get("d", ""))[0]
    highest = min(line, key=lambda point: point[1])
    # $900 on an axis up to $1,000.
    assert highest[1] == pytest.approx(bottom - 0.9 * (bottom - top), abs=1)
    assert highest[0] == pytest.approx(
        left + (seen - BEGIN) / (END - BEGIN) * (right - left), abs=1
    )
    assert [x for x, _ in line] == sorted(x for x, _ in line)


def test_brackets_that_can_be_seen_are_light_bands() -> None:
    root = picture(drawn(trail(PRICES)))
    left, right, _, _ = grid(root)
    widths = [float(one.get("width", "")) for one in with_class(root, "bracket")]
    days = (right - left) / (END - BEGIN).days
    assert widths == [pytest.approx(10 * days, abs=0.11), pytest.approx(2 * days, abs=0.11)]


def test_gaps_are_hatched_and_say_why() -> None:
    gaps = [
        Gap(at("2026-04-05"), at("2026-04-09"), "503 <from> the gateway"),
        Gap(at("2026-04-20"), at("2026-04-20T00:10:00Z"), "too short to be seen"),
    ]
    answer = trail(PRICES, gaps=gaps)
    text = figure(answer, next(charts_of(answer)), "c0", LINKS)
    (gap,) = with_class(picture(parsed(text)), "gap")
    assert gap.get("fill") == "url(#c0-wide-hatch)"
    assert gap.findtext("title") == (
        "5 Apr 2026 00:00 – 9 Apr 2026 00:00 UTC: 503 <from> the gateway"
    )
    assert "hatched: no successful poll" in text
    first = next(picture(parsed(text)).iter("a"))
    assert "somewhere in a gap of the polls" in (first.findtext("title") or "")


def test_times_in_which_it_was_not_visible_are_empty_and_say_so() -> None:
    visible = [
        Visible((at("2026-04-20"), at("2026-04-21")), (END, END), 2, 3, baseline=False),
    ]
    moves: Moves = [(at("2026-04-20"), at("2026-04-21"), "1")]
    root = picture(drawn(trail({PROMPT: moves}, visible=visible)))
    assert [one.text for one in with_class(root, "absent")] == ["not visible"]
    early = trail({PROMPT: moves}, since=BEGIN - timedelta(days=60))
    words = [one.text for one in with_class(picture(drawn(early)), "absent")]
    assert words == ["before tracking", "not visible"] or words == ["before tracking"]


def test_what_was_last_seen_long_ago_is_drawn_as_such() -> None:
    seen = at("2026-07-01")
    root = picture(drawn(trail(PRICES, gaps=[Gap(seen, END, "no good poll since")])))
    left, right, _, _ = grid(root)
    x = left + (seen - BEGIN) / (END - BEGIN) * (right - left)
    trace = next(one for one in with_class(root, "s1") if "trace" in one.get("class", ""))
    assert points(trace.get("d", ""))[-1][-1][0] == pytest.approx(x, abs=0.11)
    tails = [points(one.get("d", ""))[0] for one in with_class(root, "tail")]
    assert len(tails) == 2
    assert [tail[-1][0] for tail in tails] == [pytest.approx(right, abs=0.11)] * 2
    assert [*with_class(picture(drawn(trail(PRICES))), "tail")] == []


def test_a_legend_explains_what_there_is_in_its_chart_alone() -> None:
    def notes(answer: TrailAnswer) -> str:
        (caption,) = drawn(answer).iter("figcaption")
        return "".join(caption[-1].itertext())

    assert notes(trail(PRICES)) == "slope: changed between two polls"
    seen = at("2026-07-31T23:50:00Z")
    hours = replace(trail(PRICES), since=at("2026-07-31T20:00:00Z"), seen_until=seen)
    told = ["slope: changed between two polls", "dotted: as last seen", "times are UTC"]
    assert notes(hours) == " · ".join(told)


def test_last_values_stand_beside_their_lines_and_not_on_each_other() -> None:
    close = {
        f"/pricing/text/{name}": [(None, BEGIN, f"0.00000{n}")]
        for n, name in enumerate(["prompt", "completion", "internal_reasoning"], 400)
    }
    root = picture(drawn(trail(close)))  # type: ignore[arg-type]  # a dict of lists is one of sequences
    ends = list(with_class(root, "end"))
    texts = ["".join(one.itertext()) for one in ends]
    assert texts == ["prompt $4.00", "completion $4.01", "reasoning $4.02"]
    heights = sorted(float(one.get("y", "")) for one in ends)
    assert all(b - a >= 15.9 for a, b in pairwise(heights))


def test_a_legend_tells_which_line_is_which_without_colours() -> None:
    root = drawn(trail(PRICES))
    (caption,) = root.iter("figcaption")
    words = "".join(caption.itertext())
    assert words.startswith("promptcompletion")
    assert "slope: changed between two polls" in words
    keys = [path.get("class") for key in with_class(caption, "key") for path in key]
    assert keys == ["trace s1", "trace s2"]


def test_it_is_named_and_described_in_words() -> None:
    root = drawn(trail(PRICES))
    for name in NAMES:
        (group,) = (one for one in picture(root, name).iter("g") if one.get("role") == "img")
        by_id = {one.get("id"): one.text for one in root.iter() if one.get("id")}
        assert by_id[group.get("aria-labelledby")] == "Text prices over time"
        assert (by_id[group.get("aria-describedby")] or "").startswith("m, text prices in USD")
        # Whoever hears it need not go through its dots.
        (marks,) = with_class(picture(root, name), "marks")
        assert marks.get("aria-hidden") == "true"


def test_ids_are_unique_on_a_page() -> None:
    answer = trail({**PRICES, "/pricing/cache/read": [(None, BEGIN, "1")]})
    ids = [
        one.get("id")
        for number, group in enumerate(charts_of(answer))
        for one in parsed(figure(answer, group, f"c{number}", LINKS)).iter()
        if one.get("id")
    ]
    assert len(ids) == len(set(ids)) == 14


def test_names_from_outside_are_inert_and_no_style_or_script_is_there() -> None:
    path = "/pricing/native/" + EVIL.replace("/", "~1")
    moves: Moves = [(None, BEGIN, "1"), (at("2026-04-01"), at("2026-04-11"), "2")]
    answer = trail({path: moves}, model=EVIL)
    text = figure(answer, next(charts_of(answer)), "c0", LINKS)
    root = parsed(text)
    assert {one.tag for one in root.iter()} <= {
        *("figure", "figcaption", "span", "svg", "g", "defs", "pattern", "path", "rect"),
        *("circle", "text", "tspan", "title", "desc", "a"),
    }
    assert not {name for one in root.iter() for name in one.attrib if name.startswith("on")}
    assert not [one for one in root.iter() if one.get("style") is not None]
    assert not set("\u202e\x1b") & set(text)
    assert "<script" not in text


def test_more_than_six_prices_are_more_than_one_chart() -> None:
    prices: dict[str, Moves] = {f"/pricing/native/p{n}": [(None, BEGIN, "1")] for n in range(8)}
    assert [len(group.prices) for group in charts_of(trail(prices))] == [6, 2]


def test_a_price_that_is_gone_says_so() -> None:
    moves: Moves = [(None, BEGIN, "1"), (at("2026-04-01"), at("2026-04-02"), None)]
    root = drawn(trail({PROMPT: moves}))
    assert "prompt, withdrawn" in "".join(next(root.iter("figcaption")).itertext())
    assert [*with_class(root, "end")] == []
    assert len([*with_class(picture(root), "hole")]) == 1


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("/pricing/native/discount", ["0%", "10%", "20%", "30%"]),
        ("/pricing/native/search", ["$0.00", "$0.10", "$0.20", "$0.30"]),
    ],
)
def test_the_axis_of_a_share_is_in_percent(path: str, shown: list[str]) -> None:
    moves: Moves = [(None, BEGIN, "0.10"), (at("2026-04-01"), at("2026-04-02"), "0.30")]

    root = drawn(trail({path: moves}))

    texts = ["".join(one.itertext()) for one in root.iter() if one.tag.endswith("text")]
    assert [text for text in texts if text.startswith("$") or text.endswith("0%")][:4] == shown
