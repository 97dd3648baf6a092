"""Delivering from a command: what is said of deliveries that failed, and of a signal."""

import pytest

from pricetrail.catalog.errors import FailedError
from pricetrail.delivery import STOPPED, failures, require_delivered
from pricetrail.jobs.deliveries.tally import Tally


@pytest.mark.parametrize(
    ("tally", "said"),
    [
        (Tally(), []),
        (Tally(delivered=7), []),
        (Tally(delivered=7, retrying=2), ["2 deliveries failed: see `pricetrail deliveries list`"]),
        (Tally(dead=1), ["1 delivery failed for good: see `pricetrail deliveries list`"]),
        (
            Tally(retrying=1, dead=3),
            ["4 deliveries failed, 3 of them for good: see `pricetrail deliveries list`"],
        ),
    ],
)
def test_what_failed_is_counted_in_one_sentence(tally: Tally, said: list[str]) -> None:
    assert failures(tally) == said


def test_all_that_was_delivered_in_time_is_no_failure() -> None:
    require_delivered(Tally(delivered=3), stopped=False)


@pytest.mark.parametrize("failed", [0, 2])
def test_a_signal_is_said_after_what_failed(failed: int) -> None:
    tally = Tally(delivered=1, retrying=failed)
    with pytest.raises(FailedError) as raised:
        require_delivered(tally, stopped=True)
    assert str(raised.value) == "\n".join([*failures(tally), STOPPED])
