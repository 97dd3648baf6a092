"""Prices on conditions: whatever order a list gives them, a document without one says the same."""

from collections.abc import Iterator, Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricetrail.catalog.conditions import Condition, Window
from pricetrail.catalog.dialects.overrides import Override, read, resolve

_PRICES = ("prompt", "completion")
_EDGES = (0, 60, 480, 990, 1030)
_THRESHOLDS = (0, 32_000, 128_000, 200_000)
_windows = st.none() | st.sampled_from(
    [Window(start, end) for start in _EDGES for end in _EDGES if start != end]
)
_conditions = st.builds(
    Condition, service=st.just(""), window=_windows, threshold=st.sampled_from(_THRESHOLDS)
)
_entries = st.lists(
    st.tuples(
        _conditions,
        st.dictionaries(st.sampled_from(_PRICES), st.integers(1, 5).map(str), min_size=1),
    ),
    max_size=6,
)


def as_overrides(entries: list[tuple[Condition, dict[str, str]]]) -> list[Override]:
    return [
        Override(f"/pricing/overrides/{index}", "", prices, condition)
        for index, (condition, prices) in enumerate(entries)
    ]


def uses() -> Iterator[tuple[int, int]]:
    """A minute of the day and a length of prompt for every way in which uses can differ."""
    for edge in _EDGES:
        yield from ((edge, threshold + 1) for threshold in _THRESHOLDS)


def holds(condition: Condition, minute: int, length: int) -> bool:
    window = condition.window
    if window is not None:
        over_midnight = window.start > window.end
        within = window.start <= minute < window.end
        if over_midnight:
            within = minute >= window.start or minute < window.end
        if not within:
            return False
    return length > condition.threshold or condition.threshold == 0


def as_listed(
    entries: list[tuple[Condition, dict[str, str]]], name: str, minute: int, length: int
) -> str | None:
    """What the gateway charges: the last entry that holds, of equal hours the highest threshold."""
    held = [
        (condition, prices[name])
        for condition, prices in entries
        if name in prices and holds(condition, minute, length)
    ]
    last: str | None = None
    for condition, text in held:
        rivals = [other.threshold for other, _ in held if other.window == condition.window]
        if condition.threshold == max(rivals):
            last = text
    return last


def as_ranked(
    tiers: Mapping[Condition, Mapping[str, str]], name: str, minute: int, length: int
) -> str | None:
    """What a reader of the document charges."""
    held = [
        condition
        for condition, prices in tiers.items()
        if name in prices and holds(condition, minute, length)
    ]
    return tiers[max(held, key=lambda condition: condition.rank)][name] if held else None


def tiers_of(entries: list[tuple[Condition, dict[str, str]]]) -> dict[Condition, dict[str, str]]:
    tiers: dict[Condition, dict[str, str]] = {}
    for condition, override in resolve(as_overrides(entries)):
        for name, text in override.prices.items():
            assert name not in tiers.setdefault(condition, {})
            tiers[condition][name] = str(text)
    return tiers


@given(_entries)
def test_a_document_charges_what_the_list_means(
    entries: list[tuple[Condition, dict[str, str]]],
) -> None:
    tiers = tiers_of(entries)

    for minute, length in uses():
        for name in _PRICES:
            meant = as_listed(entries, name, minute, length)
            assert as_ranked(tiers, name, minute, length) == meant, (minute, length, tiers)


_simple = st.builds(
    Condition, st.just(""), st.sampled_from([None, Window(990, 30)]), st.sampled_from(_THRESHOLDS)
).filter(bool)


@given(st.dictionaries(_simple, st.sampled_from(_PRICES), max_size=6))
def test_nothing_is_added_where_the_rank_says_the_same(names: dict[Condition, str]) -> None:
    entries = [(condition, {name: "1"}) for condition, name in names.items()]
    by_rank = sorted(entries, key=lambda entry: entry[0].rank)

    assert tiers_of(by_rank) == dict(by_rank)


def test_an_entry_is_its_prices_on_their_condition() -> None:
    prices: dict[str, object] = {"prompt": None, "new": "0.5"}
    when = {"utc_start": 100, "utc_end": 2400, "min_prompt_tokens": 999_999_999_999}

    known, others = read([{**when, **prices}, {"prompt": 1}], {"prompt"})

    window = Window(60, 0)
    assert known == [
        Override(
            "/pricing/overrides/0",
            "min_prompt_tokens=999999999999_utc_end=2400_utc_start=100",
            prices,
            Condition(window=window, threshold=999_999_999_999),
        ),
        Override("/pricing/overrides/1", "always", {"prompt": 1}),
    ]
    assert others == []


@pytest.mark.parametrize(
    ("when", "name"),
    [
        ({"min_prompt_tokens": 10**12}, "min_prompt_tokens=1000000000000"),
        ({"min_prompt_tokens": -1}, "min_prompt_tokens=-1"),
        ({"utc_end": 30}, "utc_end=30"),
        ({"X": "X", "until": None}, "X=X"),
        ({"utc_days": ["monday"]}, "utc_days=-monday"),
        ({"ü": 300 * "x"}, "=" + 198 * "x"),
    ],
)
def test_an_entry_of_which_nobody_knows_when_it_holds_is_named_for_its_condition(
    when: dict[str, object], name: str
) -> None:
    prices = {"prompt": "1"}

    found = read([{**when, **prices}], {"prompt"})

    assert found == ([], [Override("/pricing/overrides/0", name, prices)])


def test_what_is_no_entry_of_prices_is_kept_whole() -> None:
    found = read([7, {"utc_start": 1}, {}], {"prompt"})

    assert found == (
        [],
        [
            Override("/pricing/overrides/0", "0", {"entry": 7}),
            Override("/pricing/overrides/1", "utc_start=1", {"utc_start": 1}),
            Override("/pricing/overrides/2", "always", {}),
        ],
    )


def test_forty_entries_are_read_and_no_more() -> None:
    entries: list[object] = [{"min_prompt_tokens": n, "prompt": str(n)} for n in range(41)]

    assert len(read(entries[1:], {"prompt"})[0]) == 40
    known, others = read(entries, {"prompt"})
    assert (known, len(others)) == ([], 41)


@pytest.mark.parametrize(
    ("prices", "lengths", "times", "are_read"),
    [(40, 14, 0, True), (41, 14, 0, False), (4, 0, 37, True), (4, 0, 38, False)],
)
def test_conditions_that_may_be_more_than_600_tiers_are_not_compared(
    prices: int, lengths: int, times: int, are_read: bool
) -> None:
    named = {f"price {number}": "1" for number in range(prices)}
    entries: list[object] = [{"min_prompt_tokens": 1 + n, **named} for n in range(lengths)]
    entries += [{"utc_start": n, "utc_end": 100, **named} for n in range(times)]

    known, others = read([*entries, "odd"], ())

    read_and_not = (len(entries), 1) if are_read else (0, len(entries) + 1)
    assert (len(known), len(others)) == read_and_not
