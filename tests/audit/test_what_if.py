"""The same usage on other models."""

from decimal import Decimal

import pytest

from pricetrail.audit.pricer import Pricer
from pricetrail.audit.usage.rows import BadRow, Row
from pricetrail.audit.what_if import SwapCost, WhatIf, parse_swaps, what_if
from pricetrail.catalog.aliases import grouped
from pricetrail.catalog.errors import InvalidInputError
from pricetrail.files.spools import Spool
from pricetrail.storage.database import Database
from tests.audit.conftest import MakePricer
from tests.audit.made import usage_row
from tests.support.histories import at, build, catalog, model, tokens


@pytest.fixture
def pricer(pricer_of: MakePricer) -> Pricer:
    """`big` and `small`, and `draw`, which has no token prices; `small` gets dearer at noon."""
    draw = model("draw", {"kind": "generation", "generation": {"image": {"per_image": "1"}}})
    big = model("big", tokens("1", "1"))
    cheap, dear = (catalog(big, draw, model("small", tokens(p, "1"))) for p in ("0.1", "0.3"))
    return pricer_of([("10:00", cheap), ("11:00", cheap), ("12:00", dear), ("13:00", dear)])


def sums(answer: WhatIf) -> list[tuple[str, str, int, Decimal, Decimal]]:
    return [(s.model, s.to, s.cost.rows, s.cost.now, s.cost.then) for s in answer.models]


def test_models_are_summed_on_both_sides_largest_difference_first(pricer: Pricer) -> None:
    rows = [usage_row(2, "small"), usage_row(3, "big"), usage_row(4, "big", prompt=5)]
    answer = what_if(pricer, rows, {"big": "small", "other": "big"})
    assert sums(answer) == [
        ("big", "small", 2, Decimal(15), Decimal("1.5")),
        ("small", "small", 1, Decimal(1), Decimal(1)),
    ]
    assert (answer.total.difference, answer.unused) == (Decimal("-13.5"), ("other",))


def test_a_row_that_one_side_cannot_price_is_in_neither_sum(pricer: Pricer) -> None:
    bad = BadRow(4, "big", None, "it has no time")
    rows: list[Row] = [usage_row(2, "big"), usage_row(3, "small"), bad]
    spool = Spool()
    answer = what_if(pricer, rows, {"big": "draw"}, unpriced=spool)
    text = "".join(spool.pieces())
    spool.close()
    assert sums(answer) == [("small", "small", 1, Decimal(1), Decimal(1))]
    assert [(row.line, row.model, row.why) for row in answer.unpriced.first] == [
        (2, "big", "draw: there is no price for prompt"),
        (4, "big", "it has no time"),
    ]
    assert text.count('"line"') == answer.unpriced.number == 2
    assert answer.unused == ()


@pytest.mark.parametrize(("hour", "cost"), [("10:30", 1), ("12:30", 3)])
def test_one_time_for_all_rows(pricer: Pricer, hour: str, cost: int) -> None:
    answer = what_if(pricer, [usage_row(model="small")], {}, at(hour))
    assert answer.total.now == cost


def test_json_gives_the_sums_of_all_before_those_of_each(pricer: Pricer) -> None:
    document = what_if(pricer, [usage_row(model="big")], {"big": "small"}).as_json()
    cost = {"rows": 1, "uncertain": 0, "now": "10", "then": "1", "difference": "-9"}
    cost["percent"] = "-90.00"
    assert document == {
        "currency": "USD",
        "swaps": {"big": "small"},
        **cost,
        "models": [{"model": "big", "to": "small", **cost}],
    }


def test_from_nothing_there_is_no_percent() -> None:
    assert SwapCost(0, 0, Decimal(0), Decimal(1)).percent is None


def test_swaps_are_read_as_a_person_writes_them() -> None:
    assert parse_swaps(["a=b", " c = d "]) == {"a": "b", "c": "d"}
    for texts in (["a"], ["a="], ["=b"], ["a=b", "a=c"]):
        with pytest.raises(InvalidInputError):
            parse_swaps(texts)


def test_what_is_swapped_under_one_name_is_under_the_others(sqlite_url: str) -> None:
    database, aliases = Database(sqlite_url), grouped({"big": ["x/big", "big-dated"]})
    listed = catalog(model("x/big", tokens("0.2", "1")), model("small", tokens("0.1", "1")))
    build(database, "s", [("10:00", listed), ("15:00", listed)])
    pricer = Pricer.of(database, "s", aliases)
    rows = [usage_row(model=name) for name in ("big", "x/big", "big-dated", "small")]
    answer = what_if(pricer, rows, {"big-dated": "small"}, at("11:00"), aliases=aliases)
    swapped = {(swap.model, swap.to) for swap in answer.models}
    assert swapped == {(name, "small") for name in ("big", "x/big", "big-dated", "small")}
    assert (answer.unused, answer.unpriced.number) == ((), 0)
    unused = what_if(pricer, rows[:0], {"big": "small"}, at("11:00"), aliases=aliases).unused
    assert unused == ("big",)
    database.close()
