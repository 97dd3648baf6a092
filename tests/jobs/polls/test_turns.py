"""What a turn writes down of a poll that brought nothing."""

from pricetrail.jobs.polls.turns import _storable


def test_a_reason_is_bounded_and_of_what_any_database_keeps() -> None:
    assert _storable("no answer") == "no answer"
    assert _storable("a\x00b\ud800") == "a\\0b\\ud800"
    assert len(_storable("x" * 5000)) == 1000
