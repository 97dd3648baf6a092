"""Sums over rows, as they pass."""

from decimal import Decimal

import pytest

from pricetrail.audit import totals as module
from pricetrail.audit.results import RowResult
from pricetrail.audit.totals import RowCounter, Totals, exact_sum
from pricetrail.catalog.situations import USUAL
from tests.audit.made import interval, priced_row, unpriced_row


def test_every_row_is_in_one_sum_or_among_the_unpriced() -> None:
    cheap, dear = interval("0.1"), interval("0.2", first=3)
    rows: list[RowResult] = [
        priced_row(dear, prompt=10),
        priced_row(cheap, prompt=10, completion=2),
        priced_row(cheap, prompt=5),
        unpriced_row(),
    ]
    totals = Totals()
    assert list(totals.watch(rows)) == rows
    assert (totals.rows, totals.total) == (4, Decimal("5.5"))
    (uses,) = totals.by_model().values()
    assert [(use.interval.first, use.sum.rows, use.sum.cost) for use in uses] == [
        (1, 2, Decimal("3.5")),
        (3, 1, 2),
    ]
    assert uses[0].sum.used == {USUAL: {"prompt": 15, "completion": 2}}


def test_models_come_costliest_first_then_by_name() -> None:
    totals = Totals()
    for model, prompt in (("b", 1), ("c", 9), ("a", 1)):
        totals.add(priced_row(interval(model=model), prompt=prompt))
    assert list(totals.by_model()) == ["c", "a", "b"]


def test_uncertain_rows_are_in_the_sum_and_counted() -> None:
    totals = Totals()
    for certainty in ("observed", "gap", "bracketed"):
        totals.add(priced_row(interval(), certainty=certainty))
    assert (totals.total, totals.uncertain.number) == (Decimal(3), 2)
    assert totals.uncertain.by_model == {"a": 2}


def test_the_first_rows_are_kept_and_all_are_counted() -> None:
    counter: RowCounter[int] = RowCounter()
    for number in range(9):
        counter.add("a" if number % 3 else None, number)
    assert counter.sample() == (9, (0, 1, 2, 3, 4))
    assert counter.by_model == {"a": 6}


def test_names_without_end_do_not_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_MANY", 3)
    counter: RowCounter[None] = RowCounter()
    for name in ("a", "b", "c", "d", "a"):
        counter.add(name, None)
    assert (counter.number, counter.by_model) == (5, {"a": 2, "b": 1, "c": 1})


def test_a_sum_keeps_every_digit() -> None:
    total = exact_sum([Decimal("1e20"), Decimal("1e-40"), Decimal(-7)])
    assert f"{total:f}" == f"{10**20 - 7}.{'0' * 39}1"
