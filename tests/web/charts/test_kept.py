"""Charts that stay as they were drawn, for as long as nobody could see a difference."""

from dataclasses import replace
from datetime import datetime, timedelta
from xml.etree import ElementTree as ET

import pytest

from pricetrail.queries.coverage import Gap
from pricetrail.queries.trail import TrailAnswer
from pricetrail.web.charts import kept
from pricetrail.web.charts.kept import figures_of
from pricetrail.web.charts.steps import charts_of, drawing_of, figure
from tests.support.histories import at
from tests.web.charts.trails import (
    BEGIN,
    COMPLETION,
    END,
    LINKS,
    PROMPT,
    Moves,
    parsed,
    points,
    seen_until,
    trail,
    with_class,
)

MOVES: Moves = [
    (None, BEGIN, "0.000003"),
    (at("2026-04-01"), at("2026-04-11"), "0.000001"),
    (at("2026-05-01"), at("2026-05-01T01:00:00Z"), "0.000002"),
]
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


@pytest.fixture(autouse=True)
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The ids of the charts that were drawn."""
    found: list[str] = []

    def counted(*given: object) -> object:
        found.append(str(given[2]))
        return drawing_of(*given)  # type: ignore[arg-type]  # as it was called

    monkeypatch.setattr("pricetrail.web.charts.kept.drawing_of", counted)
    kept._KNOWN.forget()
    return found


def answer(until: datetime, *gaps: Gap, sameness: object) -> TrailAnswer:
    prices: dict[str, Moves] = {PROMPT: MOVES, COMPLETION: MOVES[:2]}
    drawn = trail(prices, gaps=gaps)
    return replace(drawn, until=until, sameness=sameness, seen_until=seen_until(until, gaps))


def shown(some: TrailAnswer, around: str = "") -> str:
    (chart,) = figures_of(some, LINKS, around)
    return chart


def numbers(root: ET.Element) -> list[float]:
    """Every coordinate in a drawing, in its order."""
    names = ("x", "y", "cx", "cy", "width", "height")
    found = [float(one.get(name, "0")) for one in root.iter() for name in names]
    paths = [line for one in root.iter() for line in points(one.get("d", ""))]
    return found + [number for line in paths for point in line for number in point]


def open_since(seen: datetime, until: datetime = END) -> Gap:
    return Gap(seen, until, "no good poll since")


@pytest.mark.parametrize("seconds", [0, 1, 59, 3_599, 7_777])
def test_a_drawing_is_the_exact_one_but_for_less_than_a_pixel(seconds: int) -> None:
    until = END + timedelta(seconds=seconds)
    gaps = (Gap(at("2026-04-02"), at("2026-04-05"), "503"), open_since(until - 20 * DAY, until))
    exact = answer(until, *gaps, sameness=object())
    one = parsed(shown(exact))
    other = parsed(figure(exact, next(charts_of(exact)), "chart-1", LINKS))
    assert ["".join(e.itertext()) for e in one.iter()] == [
        "".join(e.itertext()) for e in other.iter()
    ]
    assert numbers(one) == pytest.approx(numbers(other), abs=1)


def test_while_time_goes_on_it_is_drawn_anew_only_where_that_is_seen(drawn: list[str]) -> None:
    same = object()
    for minutes in range(0, 60 * 24, 30):
        until = END + minutes * MINUTE
        text = shown(answer(until, open_since(END, until), sameness=same))
    # Of 48, in a picture in which a pixel is four hours.
    assert 6 <= len(drawn) <= 14
    title = next(with_class(parsed(text), "gap")).findtext("title")
    assert title == "1 Aug 2026 00:00–23:30 UTC: no good poll since"


def test_gaps_come_and_go_without_a_drawing(drawn: list[str]) -> None:
    same = object()
    late = [Gap(END - (9 - n) * DAY, END - (8 - n) * DAY, "503") for n in range(0, 8, 2)]
    for count in range(len(late) + 1):
        root = parsed(shown(answer(END, *late[:count], open_since(END - MINUTE), sameness=same)))
        titles = [one.findtext("title") or "" for one in with_class(root, "gap")]
        # In each of the two pictures.
        assert sum("503" in title for title in titles) == 2 * count
        legend = "".join(next(root.iter("figcaption")).itertext())
        assert "hatched: no successful poll" in legend
    assert len(drawn) <= 2


def test_a_gap_that_a_change_may_lie_in_grows_without_a_drawing(drawn: list[str]) -> None:
    same = object()
    for hours in range(0, 200, 20):
        gap = Gap(at("2026-04-30"), at("2026-05-02") + timedelta(hours=hours), "imported")
        shown(answer(END, gap, open_since(END - MINUTE), sameness=same))
    assert len(drawn) == 1


def test_a_step_that_time_leaves_behind_is_gone(drawn: list[str]) -> None:
    same, change = object(), at("2026-04-01T00:10:00Z")
    moves: Moves = [(None, BEGIN, "0.000003"), (change - MINUTE, change, "0.000001")]
    texts = []
    for since in (change - MINUTE, change + MINUTE):
        some = trail({PROMPT: moves}, since=since)
        texts.append(shown(replace(some, sameness=same)))
    assert len(drawn) == 2
    assert "$3.00" in texts[0]
    assert "$3.00" not in texts[1]


def test_what_else_it_follows_from_is_drawn_anew(drawn: list[str]) -> None:
    same = object()
    first = answer(END, sameness=same)
    shown(first)
    shown(first)
    assert len(drawn) == 1
    # A model that changed; links that lead elsewhere; a gap that a change may lie in; less time.
    in_gap = answer(END, Gap(at("2026-04-02"), at("2026-04-05"), "503"), sameness=same)
    later = replace(first, since=BEGIN + 20 * DAY)
    for count, other in enumerate((answer(END, sameness=object()), in_gap, later), 2):
        shown(other)
        assert len(drawn) == count
    shown(first, "elsewhere")
    assert len(drawn) == count + 1
    assert "somewhere in a gap of the polls" in shown(in_gap)
    assert "somewhere in a gap of the polls" not in shown(first)


def test_what_is_not_remembered_is_drawn_exactly(drawn: list[str]) -> None:
    exact = answer(END + MINUTE, sameness=None)
    group = next(charts_of(exact))
    assert shown(exact) == shown(exact) == figure(exact, group, "chart-1", LINKS)
    assert len(drawn) == 2
