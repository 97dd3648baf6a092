"""Results of polls as programs read them."""

import pytest

from pricetrail.jobs.deliveries.tally import Tally
from pricetrail.jobs.polls.results import Polled, PollRound

COUNTS = {"added": 2, "removed": 0, "repriced": 1, "updated": 0}


@pytest.mark.parametrize(("version", "shown"), [(0, None), (7, 7)])
def test_before_the_first_version_there_is_none(version: int, shown: int | None) -> None:
    answer = Polled("s", "failed", version, error="HTTP 503").as_json()
    assert (answer["version"], answer["error"]) == (shown, "HTTP 503")
    assert answer["counts"] == dict.fromkeys(COUNTS, 0)


def test_a_round_keeps_the_order_of_its_polls_and_the_tally_stands_beside_them() -> None:
    polls = [Polled(name, "changed", 3, COUNTS) for name in ("b", "a")]
    answer = PollRound(polls, Tally(delivered=4)).as_json()
    assert answer == {
        "polls": [
            {"source": name, "outcome": "changed", "version": 3, "counts": COUNTS, "error": None}
            for name in ("b", "a")
        ],
        "deliveries": {"delivered": 4, "retrying": 0, "dead": 0},
    }
