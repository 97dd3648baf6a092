"""What fits is kept, what does not is counted exactly."""

import re

from hypothesis import given
from hypothesis import strategies as st

from pricetrail.alerts.report import Section
from pricetrail.alerts.truncation import MAX_LINES, MAX_NAMES, fitted, pack
from pricetrail.text.lines import Line, Span, flat


def line(text: str, kind: str = "repriced") -> Line:
    return Line(kind, (Span(text),))


def size(one: Line) -> int:
    return len(flat(one))


def section(title: str, count: int, width: int, kind: str = "repriced") -> Section:
    return Section(title, tuple(line("x" * width, kind) for _ in range(count)))


def test_what_fits_is_kept_whole() -> None:
    sections = (section("Repriced", 3, 10), section("Added", 2, 10, "added"))
    packed = pack(sections, size, budget=1000, heading=10)
    assert packed.sections == sections
    assert packed.rest == ""


def test_what_is_left_out_is_counted_by_its_kind() -> None:
    sections = [section("Repriced", 10, 10), section("Added", 10, 10, "added")]
    packed = pack(sections, size, budget=100, heading=0)
    assert [len(one.lines) for one in packed.sections] == [5, 5]
    assert packed.rest == "and 10 more changes: 5 repriced, 5 added"


def test_one_left_out_is_a_change_not_changes() -> None:
    assert pack([section("R", 2, 10)], size, budget=10, heading=0).rest == (
        "and 1 more change: 1 repriced"
    )


def test_what_a_small_section_leaves_goes_to_the_larger_ones() -> None:
    sections = [section("R", 100, 10), section("A", 1, 10, "added"), section("U", 100, 10, "u")]
    packed = pack(sections, size, budget=310, heading=0)
    assert [len(one.lines) for one in packed.sections] == [15, 1, 15]


def test_a_section_that_has_no_room_is_left_out_with_its_heading() -> None:
    packed = pack([section("R", 1, 50), section("A", 1, 5, "added")], size, budget=40, heading=5)
    assert [one.title for one in packed.sections] == ["A"]
    assert packed.rest == "and 1 more change: 1 repriced"


def test_a_message_stays_calm_even_where_there_is_room() -> None:
    names = Section("Removed", tuple(line("x", "no longer visible") for _ in range(500)), flow=True)
    packed = pack([section("R", 500, 1), names], size, budget=10**6, heading=0)
    assert [len(one.lines) for one in packed.sections] == [MAX_LINES, MAX_NAMES]
    assert packed.rest == "and 840 more changes: 460 repriced, 380 no longer visible"


@given(
    st.lists(st.lists(st.integers(1, 200), max_size=60), max_size=7),
    st.integers(0, 3000),
    st.integers(0, 60),
    st.none() | st.integers(50, 500),
)
def test_the_budget_is_kept_and_nothing_is_lost(
    widths: list[list[int]], budget: int, heading: int, most: int | None
) -> None:
    sections = [
        Section(str(place), tuple(line("x" * width, f"kind{place}") for width in some))
        for place, some in enumerate(widths)
    ]
    packed = pack(sections, size, budget=budget, heading=heading, most=most)
    sums = [sum(map(size, one.lines)) for one in packed.sections]
    assert sum(sums) + heading * len(sums) <= budget or not sums
    assert all(one <= (most or budget) for one in sums)
    shown = sum(len(one.lines) for one in packed.sections)
    counted = [int(number) for number in re.findall(r"(\d+) kind", packed.rest)]
    assert shown + sum(counted) == sum(map(len, widths))
    assert f"and {sum(counted)} more" in packed.rest if counted else packed.rest == ""


def test_a_line_that_is_too_long_loses_whole_spans_and_says_so() -> None:
    long = Line("repriced", (Span("gpt-5", "name"), Span(" — "), Span("a" * 50), Span("b" * 50)))
    assert fitted(long, 200, size) is long
    assert flat(fitted(long, 80, size)) == "gpt-5 — " + "a" * 50 + " …"
    assert flat(fitted(long, 20, size)) == "gpt-5 —  …"
    assert flat(fitted(long, 3, size)) == " …"
    assert flat(fitted(long, 1, size)) == "…"
