"""What a check of a map looks like on the terminal."""

from dataclasses import replace
from decimal import Decimal

import pytest

from pricetrail.queries.check_map import CheckMapAnswer, ModelDifference, PriceDifference, Turn
from pricetrail.queries.map_prices import NotCompared
from pricetrail.storage.history.trails import Window
from pricetrail.views.check_map import show_check, show_check_notes
from tests.support.histories import at

PROMPT = "/pricing/text/prompt"
FIRST, LATER = Turn(1, Window(None, at("10:00"))), Turn(2, Window(at("10:00"), at("11:00")))


def difference(in_map: str | None, at_gateway: str, ended: Turn | None = None) -> PriceDifference:
    amount = None if in_map is None else Decimal(in_map)
    return PriceDifference(PROMPT, amount, Decimal(at_gateway), LATER, ended)


def answer(*differences: ModelDifference) -> CheckMapAnswer:
    found = tuple(differences)
    return CheckMapAnswer("s", "litellm", at("12:00"), 2, 3, 4, found, ("x",), (), ())


def rows(checked: CheckMapAnswer, capsys: pytest.CaptureFixture[str]) -> list[list[str]]:
    """The cells of each row of the table."""
    show_check(checked)
    _, *lines = capsys.readouterr().out.splitlines()
    return [[cell.strip() for cell in line.split("  ") if cell.strip()] for line in lines[:-2]]


def test_each_price_has_a_row_and_its_model_is_named_in_the_first(
    capsys: pytest.CaptureFixture[str],
) -> None:
    dear = difference("0.000003", "0.0000025", LATER)
    cached = replace(difference(None, "0.000001"), path="/pricing/cache/read", since=FIRST)
    seen = "2026-03-01T11:00:00Z"
    first = "2026-03-01T10:00:00Z or before"
    assert rows(answer(ModelDifference("a", "openai/a", (dear, cached))), capsys) == [
        ["a (openai/a)", "prompt", "$3.00", "$2.50 /1M", "−16.7%", seen, seen],
        ["cache read", "–", "$1.00 /1M", "not in the map", first, "–"],
    ]
    exported = ModelDifference("a", "s/a", (dear,))
    assert rows(answer(exported), capsys)[0][0] == "a"


@pytest.mark.parametrize(
    ("in_map", "at_gateway", "change"),
    [("0", "1", "free in the map"), ("1", "0", "now free"), ("1", "20", "×20")],
)
def test_from_and_to_nothing_is_said_in_words(
    in_map: str, at_gateway: str, change: str, capsys: pytest.CaptureFixture[str]
) -> None:
    model = ModelDifference("a", "a", (difference(in_map, at_gateway),))
    assert change in rows(answer(model), capsys)[0]


def test_agreement_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    show_check(answer())
    assert capsys.readouterr().out == (
        "3 models compared: 0 differ, 1 only in the map, 0 only at s; as of 2026-03-01T12:00:00Z\n"
    )


def test_reasons_are_counted_and_the_last_ones_summed_up(
    capsys: pytest.CaptureFixture[str],
) -> None:
    many = [NotCompared("a", f"/pricing/native/{number}", "why") for number in range(10)]
    again = NotCompared("b", "/pricing/native/9", "why")
    show_check_notes(replace(answer(), not_compared=(*many, again)))
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == "not compared: 2 × native.9: why"
    assert (len(lines), lines[-1]) == (9, "not compared: 2 others; --json lists all")
