"""The same usage on other models, on the terminal."""

from decimal import Decimal

import pytest

from pricetrail.audit.totals import RowSample
from pricetrail.audit.what_if import ModelSwap, SwapCost, WhatIf
from pricetrail.views.what_if import show_what_if, show_what_if_notes
from tests.audit.made import unpriced_row

ANSWER = WhatIf(
    swaps={"big": "small"},
    models=(
        ModelSwap("big", "small", SwapCost(1_000, 1, Decimal(20), Decimal(2))),
        ModelSwap("free", "free", SwapCost(1, 1, Decimal(0), Decimal(0))),
    ),
    unpriced=RowSample(7, (unpriced_row(4),)),
    unused=("other", "another"),
)


def test_both_sides_are_shown_with_the_difference(capsys: pytest.CaptureFixture[str]) -> None:
    show_what_if(ANSWER)
    lines = capsys.readouterr().out.splitlines()
    assert [line.split() for line in lines[1:4]] == [
        ["big", "small", "1,000", "$20.00", "$2.00", "-$18.00", "-90.00%"],
        ["free", "1", "$0.00", "$0.00", "$0.00", "–"],
        ["total", "1,001", "$20.00", "$2.00", "-$18.00", "-90.00%"],
    ]
    assert lines[4:] == [
        "2 rows at an uncertain cost",
        "",
        "7 rows in neither sum:",
        "  line 4 x: no model 'x' was ever seen",
        "  and 6 more: --json lists all of them",
    ]


def test_notes_say_what_is_not_in_it(capsys: pytest.CaptureFixture[str]) -> None:
    show_what_if_notes(ANSWER)
    assert capsys.readouterr().err.splitlines() == [
        "not in the usage: other, another",
        "7 rows without a price on one of the sides: in neither sum",
    ]
    show_what_if_notes(WhatIf({}, (), RowSample(0, ()), ()))
    assert capsys.readouterr().err == ""
