"""What an import is given: looked at first, in batches, and refused where it cannot be true."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

import pytest

from pricetrail.catalog.errors import InvalidInputError
from pricetrail.catalog.strict_json import dumps
from pricetrail.jobs.imports import items
from pricetrail.jobs.imports.observations import (
    BadItemError,
    BrokenInputError,
    Item,
    Observation,
    Pause,
    Unreadable,
)
from tests.jobs.polls.test_timing import LAST, STATE
from tests.jobs.stage import many
from tests.support.histories import at

GOOD = Observation(at("10:00"), dumps(many(2)).encode(), "a:1")
BAD = Unreadable("a:2", "not JSON")
NOW = at("12:00")


@pytest.mark.parametrize(
    "bad", [BAD, replace(GOOD, body=b"[]"), replace(GOOD, observed_at=at("12:01"))]
)
def test_what_cannot_be_taken_in_is_refused_or_kept_as_its_reason(bad: Item) -> None:
    with pytest.raises(BadItemError):
        items.begin([bad, GOOD], NOW, skip_bad=False)
    begun = items.begin([Pause("a"), bad, GOOD, bad], NOW, skip_bad=True)
    assert begun.worthwhile
    pause, reason, *rest = begun.items
    assert (pause, rest) == (Pause("a"), [GOOD, bad])
    assert isinstance(reason, Unreadable)


def test_nothing_good_is_not_worthwhile() -> None:
    begun = items.begin([BAD, BAD], NOW, skip_bad=True)
    assert not begun.worthwhile
    assert list(begun.items) == [BAD, BAD]


def test_batches_are_bounded_and_lose_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(items, "_BATCH_ITEMS", 3)
    assert [len(batch) for batch in items.batches([GOOD] * 7)] == [3, 3, 1]
    monkeypatch.setattr(items, "_BATCH_BYTES", len(GOOD.body))
    assert [len(batch) for batch in items.batches([BAD, GOOD, GOOD])] == [2, 1]


def test_what_was_read_before_the_input_broke_is_handed_over_first() -> None:
    def breaks() -> Iterator[Item]:
        yield GOOD
        raise InvalidInputError("cut off")

    batches = items.batches(breaks())
    assert next(batches) == [GOOD]
    with pytest.raises(InvalidInputError, match="cut off"):
        next(batches)


@pytest.mark.parametrize(
    ("moment", "past"), [(LAST, True), (at("09:00"), True), (at("10:01"), False)]
)
def test_history_reaches_up_to_the_last_poll(moment: datetime, past: bool) -> None:
    assert items.is_past(STATE, moment) == past
    # Failures before the first catalog are no history.
    assert not items.is_past(replace(STATE, head_version=0), moment)
    assert "import into a source of its own" in items.would_rewrite(STATE, GOOD, moment)


def test_a_broken_input_is_named_with_the_way_around_it() -> None:
    with pytest.raises(BrokenInputError, match=r"a:2: not JSON \(--skip-bad passes over it\)"):
        items.begin([BAD], NOW, skip_bad=False)
