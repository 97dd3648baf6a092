"""What is kept, and what is forgotten first."""

from sqlalchemy import create_engine

from pricetrail.storage.remembered import Apart, Remembered, forget_all


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


def test_what_is_put_takes_the_place_of_what_was_known() -> None:
    known: Remembered[str, range] = Remembered(10, size=len)
    assert known.find("a") is None
    for length in (3, 5):
        known.put("a", range(length))
        assert known.find("a") == range(length)
    # Five, not eight: the other still has room beside it.
    known.put("b", range(5))
    assert (known.find("a"), known.find("b")) == (range(5), range(5))
    known.put("c", range(1))
    assert known.find("a") is None


def test_of_many_only_the_missing_are_worked_out() -> None:
    known: Remembered[int, str] = Remembered(3)
    known.get(2, lambda: "known")
    asked: list[list[int]] = []

    def make(missing: list[int]) -> dict[int, str]:
        asked.append(missing)
        return {number: f"made {number}" for number in missing if number != 9}

    assert list(known.get_many([1, 2, 9, 3], make).items()) == [
        (1, "made 1"),
        (2, "known"),
        (3, "made 3"),
    ]
    assert known.get_many([1, 2, 3], make) == {1: "made 1", 2: "known", 3: "made 3"}
    assert asked == [[1, 9, 3]]
    # The bound holds for many as for one.
    known.get_many([4, 5], make)
    assert len(known) == 3
    assert known.get(1, lambda: "anew") == "anew"


def test_each_database_has_what_is_known_of_it_alone(sqlite_url: str) -> None:
    apart: Apart[str, str] = Apart(10)
    one, other = create_engine(sqlite_url), create_engine(sqlite_url)
    assert apart.of(one).get("a", lambda: "of one") == "of one"
    assert apart.of(other).get("a", lambda: "of the other") == "of the other"
    assert apart.of(one).get("a", lambda: "anew") == "of one"


def test_all_can_be_forgotten() -> None:
    known: Remembered[str, str] = Remembered(10)
    known.get("a", lambda: "old")
    forget_all()
    assert len(known) == 0
    assert known.get("a", lambda: "new") == "new"
