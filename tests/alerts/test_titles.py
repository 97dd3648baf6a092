"""A title's counts add up, whatever it tells of."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricetrail.alerts.titles import title_of
from pricetrail.catalog import source_events
from pricetrail.catalog.changes import Change
from pricetrail.catalog.events import PAUSED, REPRICED, UPDATED, Event
from pricetrail.text.lines import flat
from tests.alerts.made import AT, START, added, event, removed, repriced

KIND = event(REPRICED, "kind", {"changes": [Change("/pricing/kind", "token", "generation")]})
MAKERS = (
    lambda name: repriced(name, ("text/prompt", "1", "2")),
    lambda name: repriced(name, ("text/prompt", "2", "0")),
    lambda name: repriced(name, ("text/prompt", "1", "2"), ("cache/read", "2", "1")),
    lambda name: repriced(name, ("cache/read", None, "2")),
    lambda name: repriced(name, ("cache/read", "2", None)),
    lambda name: event(UPDATED, name, {"changes": []}),
    lambda name: event(PAUSED, None, {"text": name}),
    lambda name: source_events.failing(name, 1, at=AT, since=START, failures=3, error=""),
    added,
    removed,
)


@given(st.lists(st.integers(0, len(MAKERS) - 1), min_size=2, max_size=40), st.integers(0, 3))
def test_the_counts_add_up_to_what_is_told(kinds: list[int], blips: int) -> None:
    events = [MAKERS[kind](f"m{place}") for place, kind in enumerate(kinds)]
    counts = flat(title_of(events, blips)).partition(": ")[2]
    whole = [int(number) for number in re.findall(r"(\d+) ", re.sub(r"\(.*?\)", "", counts))]
    assert sum(whole) == len(events) + blips
    for number, parts in re.findall(r"(\d+) repriced \((.*?)\)", counts):
        assert sum(int(part.split()[0]) for part in parts.split(", ")) == int(number)
    assert ("repriced" in counts) == ("repriced (" in counts)


@pytest.mark.parametrize(
    ("events", "counts"),
    [
        ([KIND, repriced("a", ("x", None, "1"))], "2 repriced (2 other)"),
        ([KIND, repriced("a", ("x", "1", "2"))], "2 repriced (1 up, 1 other)"),
        ([event(PAUSED, None, {"text": "x"})] * 2, "2 notices"),
        (
            [source_events.failing("pipellm", 1, at=AT, since=START, failures=3, error="")] * 2,
            "2 source notices",
        ),
    ],
)
def test_what_is_neither_up_nor_down_is_other(events: list[Event], counts: str) -> None:
    assert flat(title_of(events)) == f"pipellm: {counts}"


@pytest.mark.parametrize(
    ("verdict", "word"),
    [
        ("approved", "approved"),
        ("rejected", "rejected"),
        ("confirmed", "confirmed"),
        ("superseded", "dropped"),
        ("of tomorrow", "released"),
    ],
)
def test_a_release_alone_says_how(verdict: str, word: str) -> None:
    one = source_events.released("pipellm", 3, at=AT, quarantine=7, verdict=verdict)
    assert flat(title_of([one])) == f"pipellm: the catalog set aside was {word}"
