"""A stretch of coverage as a value."""

from datetime import timedelta

import pytest

from pricetrail.storage.polls.stretches import COLUMNS, Stretch, milliseconds, missed
from tests.support.histories import at


def test_its_members_are_the_columns_in_their_order() -> None:
    assert [column.name for column in COLUMNS] == list(Stretch.__dataclass_fields__)


@pytest.mark.parametrize(
    ("outcome", "seen"),
    [("good", True), ("imported", True), ("failed", False), ("quarantined", False)],
)
def test_good_and_imported_polls_saw_the_catalog(outcome: str, seen: bool) -> None:
    assert Stretch(outcome, 1, at("10:00"), at("10:00"), 1).seen == seen


def test_a_missed_time_has_no_poll_and_a_reason() -> None:
    gap = missed(3, at("10:00"), at("11:00"))
    assert (gap.polls, gap.seen, gap.version) == (0, False, 3)
    assert "no poll was made" in (gap.why or "")


def test_a_span_is_counted_in_whole_milliseconds_and_never_below_none() -> None:
    assert milliseconds(timedelta(seconds=1, microseconds=1999)) == 1001
    assert milliseconds(-timedelta(seconds=1)) == 0
