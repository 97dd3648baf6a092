"""What is kept, and what is forgotten first."""

from pricetrail.storage.remembered import Remembered


def test_a_value_is_worked_out_once() -> None:
    known: Remembered[str, list[int]] = Remembered(10)
    first = known.get("a", lambda: [1])
    assert known.get("a", lambda: [2]) is first


def test_what_was_asked_for_longest_ago_is_forgotten_first() -> None:
    known: Remembered[str, str] = Remembered(2)
    for key in "abac":
        known.get(key, lambda: "old")
    assert known.get("b", lambda: "new") == "new"
    assert known.get("c", lambda: "new") == "old"


def test_large_values_count_for_more_and_the_newest_is_always_kept() -> None:
    known: Remembered[int, range] = Remembered(10, size=len)
    for number in (4, 5, 6, 100):
        known.get(number, lambda number=number: range(number))  # type: ignore[misc]  # bound early
        assert len(known) == (1 if number in (4, 6, 100) else 2)
    assert known.get(100, lambda: range(0)) == range(100)
