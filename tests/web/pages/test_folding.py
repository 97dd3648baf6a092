"""Many changes as few lines, none of them lost."""

from collections.abc import Sequence
from decimal import Decimal
from itertools import count

from hypothesis import given
from hypothesis import strategies as st

from pricetrail.catalog.changes import Change
from pricetrail.catalog.event_details import Heading, ModelAdded, ModelChanged, ModelRemoved
from pricetrail.catalog.events import ADDED, REMOVED, REPRICED, Event
from pricetrail.queries.timeline import Group
from pricetrail.web.pages.folding import folded, paragraphs_of
from tests.support.histories import at

PROMPT, COMPLETION = "/pricing/text/prompt", "/pricing/text/completion"
_numbers = count()


def change(old: str, new: str, path: str = PROMPT) -> Change:
    return Change(path, Decimal(old), Decimal(new))


def repriced(model: str, *changes: Change, version: int = 2, source: str = "s") -> Event:
    number = next(_numbers)
    details = ModelChanged(Heading(model, None, None), changes)
    when = at(f"{version + 8:02}:00")
    return Event(f"evt_{number}", source, version, number, REPRICED, model, when, details)


def came(model: str, version: int = 2, kind: str = ADDED) -> Event:
    number = next(_numbers)
    details = (ModelAdded if kind == ADDED else ModelRemoved)({"id": model})
    when = at(f"{version + 8:02}:00")
    return Event(f"evt_{number}", "s", version, number, kind, model, when, details)


def groups(*events: Event) -> list[Group]:
    """By version, the newest first."""
    versions: dict[tuple[str, int], list[Event]] = {}
    for event in events:
        versions.setdefault((event.source, event.version), []).append(event)
    newest = sorted(versions, key=lambda key: -key[1])
    return [Group(*key, tuple(versions[key])) for key in newest]


def lines(some: Sequence[Group], *, over_time: bool = False) -> list[tuple[tuple[str, ...], int]]:
    paragraphs = folded(some, over_time=over_time)
    return [(line.models, line.times) for paragraph in paragraphs for line in paragraph.lines]


def test_each_event_has_a_line() -> None:
    some = groups(repriced("a", change("1", "2")), repriced("b", change("1", "2")))
    assert lines(some) == [(("a",), 1), (("b",), 1)]


def test_events_are_told_by_version_the_newest_first() -> None:
    first, second = repriced("a", change("1", "2")), repriced("b", change("1", "3"))
    third = repriced("a", change("2", "3"), version=3)
    paragraphs = paragraphs_of([first, second, third])
    assert [paragraph.group.version for paragraph in paragraphs] == [3, 2]
    assert [line.models for line in paragraphs[1].lines] == [("a",), ("b",)]


def test_equal_changes_of_four_models_are_one_line_and_of_three_are_not() -> None:
    same = [repriced(name, change("1", "2")) for name in "abcd"]
    other = repriced("e", change("1", "3"))
    assert lines(groups(*same, other)) == [(("a", "b", "c", "d"), 1), (("e",), 1)]
    assert lines(groups(*same[:3])) == [(("a",), 1), (("b",), 1), (("c",), 1)]


def test_many_new_models_are_one_line_and_gone_ones_another() -> None:
    new, gone = [came(name) for name in "abcd"], [came(f"{n}", kind=REMOVED) for n in range(5)]
    assert lines(groups(*new, *gone)) == [(tuple("abcd"), 1), (tuple("01234"), 1)]


def test_a_model_that_changes_again_and_again_is_one_line_from_where_it_stood_first() -> None:
    some = groups(
        repriced("a", change("7", "6"), version=2),
        repriced("a", change("6", "5"), change("1", "2", COMPLETION), version=3),
        repriced("b", change("1", "2"), version=4),
        repriced("a", change("5", "4"), version=5),
    )
    (newest, other) = folded(some, over_time=True)
    (line,) = newest.lines
    assert (line.times, line.since, line.event.version) == (3, at("10:00"), 5)
    assert line.changes == (change("1", "2", COMPLETION), change("7", "4"))
    assert (other.group.version, other.lines[0].models) == (4, ("b",))


def test_the_same_model_of_another_source_is_another() -> None:
    some = groups(
        *(repriced("a", change("1", "2"), version=n) for n in (2, 3)),
        repriced("a", change("1", "2"), version=4, source="other"),
    )
    assert lines(some, over_time=True) == [(("a",), 1)] * 3


@given(
    st.lists(
        st.tuples(st.integers(2, 6), st.sampled_from("abcdef"), st.sampled_from(["1", "2"])),
        max_size=30,
        unique_by=lambda drawn: drawn[:2],
    ),
    st.booleans(),
)
def test_no_event_is_lost_and_none_is_told_twice(
    drawn: list[tuple[int, str, str]], over_time: bool
) -> None:
    events = [
        repriced(name, change("9", new), version=version) for version, name, new in sorted(drawn)
    ]
    paragraphs = folded(groups(*events), over_time=over_time)
    told = [event.id for one in paragraphs for line in one.lines for event in line.events]
    assert sorted(told) == sorted(event.id for event in events)
    assert all(paragraph.lines for paragraph in paragraphs)
