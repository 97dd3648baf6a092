"""Polls in words: what each came to, once, and with counts that add up."""

from datetime import datetime, timedelta

import pytest

from pricetrail.jobs.deliveries.tally import Tally
from pricetrail.jobs.polls.results import Polled, PollRound
from pricetrail.storage.polls.outcomes import CHANGED, FAILED, QUARANTINED, UNCHANGED
from pricetrail.views import polls
from tests.jobs.stage import START

COUNTS = {"added": 1, "removed": 0, "repriced": 2, "updated": 2}
TWO_DAYS = timedelta(days=2, hours=4)
REASON = "12 of 23 models gone at once (over 30 %, max_removed_percent)"


@pytest.mark.parametrize(
    ("polled", "words"),
    [
        (Polled("s", CHANGED, 1, models=23, baseline=True), "baseline: 23 models"),
        (Polled("s", CHANGED, 1, models=1, baseline=True), "baseline: 1 model"),
        (Polled("s", CHANGED, 2, COUNTS, touched=5), "1 added, 2 repriced, 2 updated"),
        # Two of them were both repriced and updated.
        (Polled("s", CHANGED, 2, COUNTS, touched=3), "1 added, 2 repriced, 2 updated (3 models)"),
        (Polled("s", UNCHANGED, 4, since=TWO_DAYS), "last change 2 d 4 h ago"),
        (
            Polled("s", UNCHANGED, 1, since=timedelta(minutes=15), baseline=True),
            "nothing since the baseline 15 min ago",
        ),
        (Polled("s", UNCHANGED, 4, error="another poll was recorded"), "another poll was recorded"),
        (Polled("s", FAILED, 4, error="HTTP 401", since=TWO_DAYS), "version 4 stays"),
        (Polled("s", FAILED, 0, error="HTTP 401"), "no version yet"),
        (
            Polled("s", QUARANTINED, 4, error=REASON, quarantine=7),
            f"{REASON}: see `pricetrail quarantine show 7`",
        ),
    ],
)
def test_a_poll_in_words(polled: Polled, words: str, capsys: pytest.CaptureFixture[str]) -> None:
    polls.show(PollRound([polled], Tally()))
    [head, row] = capsys.readouterr().out.splitlines()
    assert row[head.index("what changed") :] == words
    assert row.startswith(f"s{' ' * 7}{polled.outcome}")


def test_what_was_delivered_stands_alone_where_nothing_was_polled(
    capsys: pytest.CaptureFixture[str],
) -> None:
    polls.show(PollRound([], Tally(2, 0, 1)))
    assert capsys.readouterr().out == "deliveries: 2 delivered, 1 dead\n"


def test_only_what_was_set_aside_just_now_is_a_note(capsys: pytest.CaptureFixture[str]) -> None:
    known = Polled("s", QUARANTINED, 4, error=REASON, quarantine=7)
    new = Polled("t", QUARANTINED, 4, error="the catalog is empty", quarantine=8, held=True)
    polls.note_set_aside([known, new, Polled("u", FAILED, 4, error="HTTP 500")])
    assert capsys.readouterr().err == (
        "pricetrail: t: quarantined, the catalog is empty: see `pricetrail quarantine show 8`\n"
    )


SOON, LATER = START + timedelta(seconds=30, milliseconds=5), START + timedelta(hours=1)


@pytest.mark.parametrize(
    ("slots", "words"),
    [
        ({"a": LATER, "b": SOON, "c": None}, "next b at 2026-03-01T10:00:30Z"),
        ({"a": START, "b": SOON}, "next b at 2026-03-01T10:00:30Z"),
        ({"a": START}, "another worker polls what was"),
        ({"a": None}, "the source is paused (`pricetrail sources resume`)"),
        ({"a": None, "b": None}, "all sources are paused (`pricetrail sources resume`)"),
    ],
)
def test_when_the_next_one_is_due(slots: dict[str, datetime | None], words: str) -> None:
    assert polls.nothing_due(slots, START) == f"nothing is due: {words}"
