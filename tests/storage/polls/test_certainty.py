"""What is known at an instant, by stretches as values."""

from datetime import timedelta

import pytest

from pricetrail.storage.polls.certainty import BRACKETED, GAP, OBSERVED, Calendar
from pricetrail.storage.polls.stretches import Stretch
from tests.support.histories import at

LIFE = [
    Stretch("good", 1, at("10:00"), at("11:00"), 5),
    Stretch("good", 2, at("11:15"), at("12:00"), 4),
    Stretch("failed", 2, at("12:15"), at("12:30"), 2, why="503"),
    Stretch("good", 2, at("13:00"), at("14:00"), 5),
    Stretch("imported", 3, at("15:00"), at("16:00"), 2),
]


@pytest.mark.parametrize(
    ("moment", "certainty", "before", "why"),
    [
        ("10:30", OBSERVED, 1, None),
        ("11:10", BRACKETED, 1, None),
        ("12:20", GAP, 2, "503"),
        ("14:30", GAP, 2, "imported"),
        ("15:00", OBSERVED, 3, None),
        ("15:30", GAP, 3, "imported"),
        ("16:00", OBSERVED, 3, None),
        ("17:00", GAP, 3, "no good poll since"),
    ],
)
def test_each_instant_is_certain_as_the_stretches_around_it_allow(
    moment: str, certainty: str, before: int, why: str | None
) -> None:
    known = Calendar(LIFE).around(at(moment))
    assert known is not None
    assert (known.certainty, known.before.version) == (certainty, before)
    assert (known.why or "").startswith(why or "")
    assert (known.why is None) == (why is None)


def test_before_the_first_accepted_catalog_nothing_is_known() -> None:
    failed = Stretch("failed", 0, at("08:00"), at("09:00"), 3, why="503")
    assert Calendar([failed, *LIFE]).around(at("09:30")) is None
    assert Calendar([]).spans == []


def test_the_spans_of_a_calendar_leave_no_time_out() -> None:
    spans = Calendar(LIFE).spans
    assert spans[0].start == at("10:00")
    ends = [span.end for span in spans]
    assert ends == [*(span.start for span in spans[1:]), None]


def test_a_bracket_is_as_certain_as_what_was_asked_on_both_sides() -> None:
    known = Calendar(LIFE).around(at("11:10"))
    assert known is not None
    assert (known.resolve(agree=True), known.resolve(agree=False)) == (OBSERVED, BRACKETED)
    assert known.after is not None
    assert (known.until, known.after.at, known.after_until) == (
        *(at("11:00"), at("11:15"), at("12:00")),
    )


def test_changes_are_the_instants_at_which_something_else_is_known() -> None:
    behind = timedelta(microseconds=1)
    assert Calendar(LIFE).changes(at("10:00"), at("13:00")) == [
        *(at("11:00") + behind, at("11:15"), at("12:00") + behind),
    ]
