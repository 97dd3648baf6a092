import pytest

from benchmarks.tables import Row, at_least, at_most, markdown, medians


@pytest.mark.parametrize(
    ("value", "goal", "missed"),
    [
        (1.0, at_most(1), False),
        (1.01, at_most(1), True),
        (50.0, at_least(50), False),
        (49.9, at_least(50), True),
        (9e9, None, False),
        ("skipped", at_most(1), False),
    ],
)
def test_a_row_says_whether_it_missed_its_goal(
    value: float | str, goal: object, missed: bool
) -> None:
    row = Row("what", value, "x", goal)  # type: ignore[arg-type]  # a goal or None
    assert row.missed is missed
    assert ("missed" in row.cells) is missed


def test_numbers_are_shown_with_three_digits_and_texts_as_they_are() -> None:
    shown = [Row("what", value, "x").shown for value in (0.12345, 12.345, 1234.5, "skipped")]
    assert shown == ["0.123", "12.3", "1,234", "skipped"]


def test_the_table_for_the_page_has_a_line_a_row_and_as_many_cells_as_columns() -> None:
    lines = markdown([Row("a", 2.0, "x", at_most(1)), Row("b", 1.0, "MB")]).splitlines()
    assert lines[2:] == ["| a | 2 | x | ≤ 1 | missed |", "| b | 1 | MB | | |"]
    assert {line.count("|") for line in lines} == {6}


def test_works_are_run_in_turns() -> None:
    calls: list[str] = []
    took = medians(3, a=lambda: calls.append("a"), b=lambda: calls.append("b"))
    assert calls == ["a", "b"] * 3
    assert set(took) == {"a", "b"}
