"""Rows at prices that hold on conditions: what is certain of them, and what is told both ways."""

from datetime import timedelta
from decimal import Decimal

import pytest

from pricetrail.audit.invoices.comparing import compare
from pricetrail.audit.invoices.reading import Charge, Invoice
from pricetrail.audit.one_use import Use, ask
from pricetrail.audit.pricer import Pricer
from pricetrail.audit.results import PricedRow
from pricetrail.audit.totals import Totals
from pricetrail.audit.usage.rows import UsageRow
from pricetrail.audit.what_if import what_if
from pricetrail.catalog.units import label
from pricetrail.storage.database import Database
from tests.audit.conftest import MakePricer
from tests.audit.made import usage_row
from tests.support.histories import at, build, catalog, model, tokens

DAY = at("2026-03-05T00:00:00Z")
TIERS = {
    "over_200k": {"text": {"prompt": "3"}},
    "batch": {"text": {"prompt": "0.5"}},
    "utc_1630_0030": {"text": {"prompt": "0.7"}},
}
LISTED = tokens("1", "10", tiers=TIERS)
TIMES = ("2026-03-01T00:00:00Z", "2026-03-20T00:00:00Z")


@pytest.fixture
def pricer(pricer_of: MakePricer) -> Pricer:
    """`a` has prices on conditions, `b` has none."""
    shown = catalog(model("a", LISTED), model("b", tokens("2", "20")))
    return pricer_of([(time, shown) for time in TIMES])


def row_at(clock: str, model: str = "a", service: str = "", **used: int) -> UsageRow:
    row = usage_row(2, model, **used)
    return row._replace(at=at(f"2026-03-05T{clock}:00Z"), service=service)


def priced(pricer: Pricer, row: UsageRow) -> PricedRow:
    found = pricer.price(row)
    assert isinstance(found, PricedRow), found
    return found


def both(found: PricedRow) -> list[Decimal | None]:
    return [found.bill.cost, found.other_cost]


@pytest.mark.parametrize(
    ("clock", "service", "cost"),
    [
        ("12:00", "", 10),
        ("16:29", "", 10),
        ("16:30", "", 7),
        ("00:29", "", 7),
        ("00:30", "", 10),
        ("12:00", "batch", 5),
        ("23:00", "batch", 5),
    ],
)
def test_an_instant_and_a_service_tier_decide(
    pricer: Pricer, clock: str, service: str, cost: int
) -> None:
    found = priced(pricer, row_at(clock, service=service))

    assert found.bill.cost == cost
    assert (found.certainty, found.why) == ("observed", None)


def test_a_whole_day_is_uncertain_with_the_cost_both_ways(pricer: Pricer) -> None:
    row = row_at("00:00")._replace(until=DAY + timedelta(days=1), text="2026-03-05")
    found = priced(pricer, row)

    assert both(found) == [10, 7]
    assert found.certainty == "uncertain"
    assert found.why == (
        "it does not tell how much of it was from 16:30 to 00:30 UTC, when other prices hold"
    )


def test_a_stretch_within_a_time_of_day_is_certain(pricer: Pricer) -> None:
    row = row_at("17:00")._replace(until=at("2026-03-06T00:30:00Z"), text="an evening")

    found = priced(pricer, row)
    assert both(found) == [7, None]
    assert found.certainty == "observed"


def test_a_day_of_what_costs_the_same_all_day_is_certain(pricer: Pricer) -> None:
    row = row_at("00:00", completion=2)._replace(until=DAY + timedelta(days=1), text="2026-03-05")

    found = priced(pricer, row)
    assert both(found) == [20, None]
    assert found.certainty == "observed"


def test_a_day_of_several_requests_has_both_doubts(pricer: Pricer) -> None:
    row = usage_row(prompt=300_000, longest=300_000)
    row = row._replace(at=DAY, until=DAY + timedelta(days=1), text="2026-03-05")
    found = priced(pricer, row)

    assert both(found) == [300_000, 900_000]
    assert found.why is not None
    assert "in prompts above 200,000 tokens" in found.why
    assert "from 16:30 to 00:30 UTC" in found.why


@pytest.mark.parametrize(("model", "service"), [("b", "batch"), ("a", "priority")])
def test_a_service_tier_without_prices_is_charged_as_usual_and_uncertain(
    pricer: Pricer, model: str, service: str
) -> None:
    found = priced(pricer, row_at("12:00", model, service))

    assert found.bill.cost == priced(pricer, row_at("12:00", model)).bill.cost
    assert found.certainty == "uncertain"
    assert (found.other_cost, found.why) == (
        None,
        f"the service tier {service} has no prices here, and is charged by the usual ones",
    )


def test_a_change_of_a_price_that_did_not_hold_leaves_the_row_observed(
    pricer_of: MakePricer,
) -> None:
    dearer = tokens("1", "10", tiers=TIERS | {"batch": {"text": {"prompt": "0.9"}}})
    pricer = pricer_of(
        [(TIMES[0], catalog(model("a", LISTED))), (TIMES[1], catalog(model("a", dearer)))]
    )

    assert priced(pricer, row_at("12:00")).certainty == "observed"
    batch = priced(pricer, row_at("12:00", service="batch"))
    assert both(batch) == [5, 9]
    assert batch.certainty == "bracketed"


def test_each_row_stays_in_its_situation_at_the_prices_before(pricer_of: MakePricer) -> None:
    """Other hours and other thresholds before: each row is charged by what held for it then."""
    old = tokens(
        "1",
        "10",
        tiers={
            "utc_1200_1400": {"text": {"prompt": "2"}},
            "batch": {"text": {"prompt": "0.1"}},
            "over_128k": {"text": {"prompt": "5"}},
        },
    )
    pricer = pricer_of(
        [
            ("2026-03-01T00:00:00Z", catalog(model("a", old))),
            ("2026-03-02T00:00:00Z", catalog(model("a", LISTED))),
            ("2026-03-20T00:00:00Z", catalog(model("a", LISTED))),
        ]
    )
    rows = [row_at("13:00"), row_at("17:00"), row_at("13:00", service="batch"), row_at("09:00")]
    totals = Totals()
    priced = [pricer.price(row) for row in (*rows, row_at("09:00", prompt=150_000))]
    for result in priced:
        totals.add(result)
    invoice = Invoice({"a": Charge(Decimal(1), Decimal(1))})
    (one,) = compare(invoice, totals, pricer, lambda: priced).models

    assert one.audited == 10 + 7 + 5 + 10 + 150_000
    (told,) = [each for each in one.explanations if each.change is not None]
    assert told.charged == "before"
    assert told.total == 20 + 10 + 1 + 10 + 750_000


def test_another_model_is_asked_for_in_the_same_situation(pricer: Pricer) -> None:
    found = what_if(pricer, [row_at("17:00", "b"), row_at("12:00", "b")], {"b": "a"})

    assert [found.total.now, found.total.then] == [Decimal(40), Decimal(17)]


def test_at_the_prices_of_another_day_each_row_keeps_its_time_of_day(pricer: Pricer) -> None:
    day = row_at("00:00")._replace(until=DAY + timedelta(days=1), text="2026-03-05")
    rows = [row_at("17:00"), row_at("12:00"), row_at("12:00", service="batch"), day]
    found = what_if(pricer, rows, {}, at=at("2026-03-10T18:00:00Z"))

    assert [found.total.now, found.total.uncertain] == [Decimal(7 + 10 + 5 + 10), Decimal(1)]


def test_one_use_is_charged_by_its_time_and_service_tier(sqlite_url: str) -> None:
    database = Database(sqlite_url)
    build(database, "one", [(time, catalog(model("a", LISTED))) for time in TIMES])
    used = {"prompt": Decimal(10)}
    with database.read() as transaction:
        found = [
            ask(transaction, None, "a", Use(used, service), at(f"2026-03-05T{clock}:00Z"))
            for clock, service in (("12:00", ""), ("17:00", ""), ("17:00", "batch"))
        ]
    database.close()

    assert [use.bill.cost for use in found] == [Decimal(10), Decimal(7), Decimal(5)]
    assert [label(part.path) for use in found for part in use.bill.parts] == [
        "prompt",
        "prompt from 16:30 to 00:30 UTC",
        "batch prompt",
    ]
