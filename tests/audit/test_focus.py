"""Rows of FOCUS: its columns, and that each is what was charged, to the last digit."""

import csv
import json
import re
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest

from pricetrail.audit import focus
from pricetrail.audit.pricer import Pricer
from pricetrail.audit.results import PricedRow
from pricetrail.audit.usage.rows import UsageRow
from pricetrail.files.atomic import Target
from tests.audit.conftest import MakePricer
from tests.audit.focus_columns import (
    COLUMNS,
    CURRENCY,
    DECIMAL,
    JSON,
    MANDATORY_COLUMNS,
    TIME,
)
from tests.audit.made import unpriced_row, usage_row
from tests.support.histories import at, catalog, model, tokens

_DECIMAL = re.compile(r"-?[0-9]+\.[0-9]+")
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")
TIERS = {"over_200k": {"text": {"prompt": "0.0000123"}}}


@pytest.fixture
def pricer(pricer_of: MakePricer) -> Pricer:
    """`a` gets dearer at noon of 1 March; `draw` makes images."""
    images = {"kind": "generation", "generation": {"image": {"per_image": "0.04"}}}
    shown = [
        catalog(model("a", tokens(price, "0.00002", tiers=TIERS)), model("draw", images))
        for price in ("0.000001", "0.000003")
    ]
    return pricer_of(
        [
            ("10:00", shown[0]),
            ("11:00", shown[0]),
            ("12:00", shown[1]),
            ("2026-04-09T00:00:00Z", shown[1]),
        ]
    )


def written(pricer: Pricer, *rows: UsageRow) -> list[dict[str, str]]:
    """The rows of FOCUS for rows of usage, as a reader of CSV has them."""
    results = [pricer.price(row) for row in rows]
    focus.write(Target(Path("focus.csv")), [*results, unpriced_row()], pricer, force=True)
    with Path("focus.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def rows() -> list[UsageRow]:
    one = usage_row(2, prompt=123_457, completion=3)
    labels = {"team": "search", "project": "p-1", "key": 'k"1'}
    day = at("2026-03-31T00:00:00Z")
    return [
        one,
        one._replace(line=3, at=at("11:30")),
        usage_row(4, prompt=300_001)._replace(at=at("12:30"), labels=labels),
        usage_row(5, "draw", images=7)._replace(at=day, until=at("2026-04-01T00:00:00Z")),
        one._replace(line=6, at=datetime.fromisoformat("2026-03-01T10:30:00.999+00:00")),
    ]


def test_every_column_is_as_the_specification_asks(pricer: Pricer) -> None:
    found = written(pricer, *rows())
    head = list(found[0])
    ours = [name for name in head if name not in COLUMNS]
    assert all(name.startswith("x_Pricetrail") for name in ours)
    assert head == sorted(COLUMNS) + ours
    assert len(MANDATORY_COLUMNS) == 23
    for row in found:
        for name, asked in COLUMNS.items():
            cell = row[name]
            if not cell:
                assert asked.nullable, name
                continue
            assert asked.allowed is None or cell in asked.allowed, name
            assert asked.type != DECIMAL or _DECIMAL.fullmatch(cell), name
            assert asked.type != TIME or _TIME.fullmatch(cell), name
            assert asked.type != CURRENCY or cell == "USD", name
            assert asked.type != JSON or _is_flat(json.loads(cell)), name
            assert cell == cell.strip(), name


def _is_flat(found: object) -> bool:
    return isinstance(found, dict) and all(isinstance(one, str) for one in found.values())


def test_price_and_quantity_give_each_cost_exactly(pricer: Pricer) -> None:
    usage = rows()
    found = written(pricer, *usage)
    for row in found:
        cost = Decimal(row["ListUnitPrice"]) * Decimal(row["PricingQuantity"])
        costs = ("BilledCost", "ContractedCost", "EffectiveCost", "ListCost")
        assert {Decimal(row[name]) for name in costs} == {cost}
    for one in usage:
        priced = pricer.price(one)
        assert isinstance(priced, PricedRow)
        mine = [row for row in found if row["x_PricetrailLine"] == str(one.line)]
        assert sum(Decimal(row["BilledCost"]) for row in mine) == priced.bill.cost
        assert len(mine) == len(priced.bill.parts)


def test_periods_are_whole_seconds_within_a_month(pricer: Pricer) -> None:
    found = {row["x_PricetrailLine"]: row for row in written(pricer, *rows())}
    names = ("ChargePeriodStart", "ChargePeriodEnd", "BillingPeriodStart", "BillingPeriodEnd")
    march = ["2026-03-01T00:00:00Z", "2026-04-01T00:00:00Z"]
    assert [found["2"][name] for name in names] == [
        "2026-03-01T10:30:00Z",
        "2026-03-01T10:30:01Z",
        *march,
    ]
    assert [found["5"][name] for name in names] == ["2026-03-31T00:00:00Z", march[1], *march]
    assert [found["6"][name] for name in names][:2] == [
        "2026-03-01T10:30:00Z",
        "2026-03-01T10:30:01Z",
    ]
    assert found["6"]["x_PricetrailTime"] == "2026-03-01T10:30:00.999Z"


def test_each_row_names_the_version_its_hash_and_how_certain_it_is(pricer: Pricer) -> None:
    found = {row["x_PricetrailLine"]: row for row in written(pricer, *rows())}
    certainties = [(found[line]["x_PricetrailCertainty"]) for line in ("2", "3")]
    assert certainties == ["observed", "bracketed"]
    assert found["3"]["x_PricetrailOtherCost"] == "0.370431"
    assert "the price changed between" in found["3"]["x_PricetrailWhy"]
    assert (found["2"]["x_PricetrailVersion"], found["4"]["x_PricetrailVersion"]) == ("1", "2")
    assert found["4"]["x_PricetrailHash"] == pricer.head(2) != pricer.head(1)
    assert re.fullmatch("sha256:[0-9a-f]{64}", found["4"]["x_PricetrailHash"])


def test_what_is_metered_is_told_with_its_condition_and_whose_it_is(pricer: Pricer) -> None:
    found = {row["x_PricetrailLine"]: row for row in written(pricer, *rows())}
    assert [
        found["4"][name] for name in ("SkuId", "SkuMeter", "SkuPriceId", "SkuPriceDetails")
    ] == [
        "a",
        "prompt",
        "a:tiers.over_200k.text.prompt",
        '{"x_Condition":"above 200k"}',
    ]
    assert found["4"]["SubAccountId"] == "p-1"
    assert json.loads(found["4"]["Tags"]) == {"team": "search", "project": "p-1", "key": 'k"1'}
    assert (found["5"]["PricingUnit"], found["2"]["PricingUnit"]) == ("Images", "Tokens")


def test_december_ends_with_the_year(pricer: Pricer) -> None:
    row = usage_row(2)._replace(at=at("2026-12-31T23:59:59Z"))
    (found, *_) = written(pricer, row)
    assert found["BillingPeriodEnd"] == found["ChargePeriodEnd"] == "2027-01-01T00:00:00Z"
