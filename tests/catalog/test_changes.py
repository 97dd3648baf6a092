"""One change as a value: what its path and its two sides imply, and its entry in a message."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricetrail.catalog.amounts import normalised
from pricetrail.catalog.changes import ABSENT, Absent, Change, direction
from pricetrail.catalog.documents import KIND, Leaf
from pricetrail.catalog.strict_json import dumps, loads

PROMPT = "/pricing/text/prompt"
AMOUNTS = st.integers(0, 10**9).map(lambda digits: normalised(Decimal(digits).scaleb(-12)))
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=5)
# Whatever `leaves` gives; a text that reads as an amount is none below /pricing.
LEAVES = st.one_of(
    st.just(ABSENT), st.none(), st.booleans(), TEXTS.map("x".__add__), AMOUNTS, st.just([])
)


@pytest.mark.parametrize(
    ("change", "unit", "percent", "flagged", "repriced"),
    [
        (Change(PROMPT, Decimal(3), Decimal("2.5")), "USD/token", "-16.67", (), True),
        (Change(PROMPT, ABSENT, Decimal(3)), "USD/token", None, (), True),
        (Change(PROMPT, Decimal(0), Decimal(3)), "USD/token", None, (), True),
        (Change(PROMPT, Decimal(3), Decimal(0)), "USD/token", "-100.00", (), True),
        (Change(PROMPT, "free", Decimal(3)), "USD/token", None, ("old",), True),
        (Change(PROMPT, Decimal(3), None), "USD/token", None, (), True),
        (Change(PROMPT, "free", "-1"), None, None, (), False),
        (Change("/pricing/x/y", Decimal(4), Decimal(5)), "USD", "25.00", (), True),
        (Change(KIND, "token", "generation"), None, None, (), True),
        (Change("/context_length", Decimal(4), Decimal(5)), None, None, (), False),
    ],
)
def test_path_and_sides_imply_the_rest(
    change: Change, unit: str | None, percent: str | None, flagged: tuple[str], repriced: bool
) -> None:
    assert (change.unit, change.flagged, change.repriced) == (unit, flagged, repriced)
    assert change.percent == (None if percent is None else Decimal(percent))
    assert change.as_json()["percent"] == percent


@given(st.sampled_from([PROMPT, "/pricing", "/note", KIND]), LEAVES, LEAVES)
def test_a_change_comes_back_from_its_entry(
    path: str, old: Leaf | Absent, new: Leaf | Absent
) -> None:
    change = Change(path, old, new)
    entry = loads(dumps(change.as_json()))
    assert Change.from_json(entry) == change
    assert dumps(Change.from_json(entry).as_json()) == dumps(entry)


@pytest.mark.parametrize(
    ("change", "entry"),
    [
        (
            Change(PROMPT, Decimal("3e-6"), Decimal("0.0000025")),
            (
                '{"path":"/pricing/text/prompt","unit":"USD/token","old":"0.000003",'
                '"new":"0.0000025","percent":"-16.67"}'
            ),
        ),
        (
            Change("/note", None, ABSENT),
            '{"path":"/note","unit":null,"old":null,"new":null,"percent":null,"absent":["new"]}',
        ),
        (
            Change(PROMPT, Decimal("0.1"), "-1"),
            (
                '{"path":"/pricing/text/prompt","unit":"USD/token","old":"0.1","new":"-1",'
                '"percent":null,"flagged":["new"]}'
            ),
        ),
        (
            Change("/context_length", Decimal("4E+5"), ABSENT),
            '{"path":"/context_length","unit":null,"old":400000,"new":null,"percent":null}',
        ),
    ],
)
def test_the_entry_of_a_message(change: Change, entry: str) -> None:
    assert dumps(change.as_json()) == entry


@pytest.mark.parametrize(
    ("path", "old", "new", "repriced"),
    [
        ("/pricing/text/prompt", Decimal(1), Decimal(2), True),
        ("/pricing/text/prompt", ABSENT, Decimal(2), True),
        ("/pricing/text/prompt", Decimal(1), "free", True),
        ("/pricing/kind", "token", "generation", True),
        # No price on either side: something else about the model.
        ("/pricing/text/prompt", "-1", "free", False),
        ("/pricing/cache", ABSENT, {}, False),
        ("/display_name", "A", "B", False),
        ("/context_length", Decimal(1), Decimal(2), False),
        ("/pricing_note", Decimal(1), Decimal(2), False),
    ],
)
def test_a_reprice_is_a_change_of_an_amount_or_of_the_kind(
    path: str, old: Leaf | Absent, new: Leaf | Absent, repriced: bool
) -> None:
    assert Change(path, old, new).repriced is repriced


def moved(old: str | None, new: str | None, path: str = PROMPT) -> Change:
    return Change.from_json({"path": path, "old": old, "new": new})


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ([moved("1", "2")], "increase"),
        ([moved("2", "1"), moved("0.2", "0.1")], "decrease"),
        ([moved("0", "1")], "increase"),
        ([moved("1", "2"), moved("2", "1")], "mixed"),
        ([moved("1", None), moved(None, "1")], "none"),
        ([moved("1", "2", "/size")], "none"),
        ([moved("1", "2"), moved("-1", "5")], "increase"),
        # A larger discount makes nothing dearer.
        ([moved("0.1", "0.2", "/pricing/native/discount")], "none"),
        ([moved("2", "1"), moved("0.1", "0.2", "/pricing/native/discount")], "decrease"),
        ([moved("2", "3", "/pricing/tiers/batch/text/prompt")], "increase"),
        ([], "none"),
    ],
)
def test_the_direction_is_that_of_what_can_be_compared(
    changes: list[Change], expected: str
) -> None:
    assert direction(changes) == expected
