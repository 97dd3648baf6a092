"""An invoice against an audit: agreement, difference, and the change of price that explains it."""

from decimal import Decimal

import pytest

from pricetrail.audit.invoice_diff import AFTER, BEFORE, InvoiceComparison, compare
from pricetrail.audit.invoices import Charge
from pricetrail.audit.pricer import Pricer
from pricetrail.audit.totals import Totals
from pricetrail.audit.usage.prompts import Prompts
from pricetrail.audit.usage.rows import UsageRow
from tests.audit.conftest import History, MakePricer
from tests.support.histories import at, catalog, model, tokens

SHORT, LONG = (Prompts(Decimal(length), Decimal(length)) for length in (10, 200_001))
PRICES = {"10:00": "0.10", "12:00": "0.20", "14:00": "0.50"}


@pytest.fixture
def pricer(pricer_of: MakePricer) -> Pricer:
    """`a` at 10, 20 and 50 cents, each seen twice."""
    history: History = []
    for hour, price in PRICES.items():
        shown = catalog(model("a", tokens(price, "1")))
        history += [(hour, shown), (f"{int(hour[:2]) + 1}:00", shown)]
    return pricer_of(history)


def audited(pricer: Pricer, *uses: tuple[str, int], name: str = "a") -> Totals:
    totals = Totals()
    for line, (when, prompt) in enumerate(uses, 2):
        used = {"prompt": Decimal(prompt)}
        totals.add(pricer.price(UsageRow(line, name, at(when), used, SHORT)))
    return totals


def charge(text: str) -> Charge:
    return Charge(Decimal(text), Decimal("0.01"))


def only(found: tuple[InvoiceComparison, ...]) -> InvoiceComparison:
    (one,) = found
    return one


def told(one: InvoiceComparison) -> list[tuple[int, str, Decimal, bool]]:
    return [(e.change.version, e.charged, e.total, e.explains) for e in one.explanations]


def test_an_invoice_agrees_up_to_its_own_rounding(pricer: Pricer) -> None:
    totals = audited(pricer, ("10:30", 1))
    assert only(compare({"a": charge("0.10")}, totals, pricer.change)).agrees
    half = Charge(Decimal("0.105"), Decimal("0.01"))
    assert only(compare({"a": half}, totals, pricer.change)).agrees
    beyond = only(compare({"a": charge("0.11")}, totals, pricer.change))
    assert not beyond.agrees
    assert beyond.difference == Decimal("0.01")


def test_a_change_that_was_charged_too_late_explains_the_difference(pricer: Pricer) -> None:
    totals = audited(pricer, ("10:30", 10), ("12:30", 10), ("14:30", 10))
    one = only(compare({"a": charge("3.00")}, totals, pricer.change))
    assert one.audited == 8
    assert told(one) == [
        (2, BEFORE, Decimal("3.0"), True),
        (2, AFTER, Decimal(9), False),
        (3, BEFORE, Decimal(5), False),
        (3, AFTER, Decimal(15), False),
    ]


def test_the_price_before_the_first_use_can_explain_it_too(pricer: Pricer) -> None:
    totals = audited(pricer, ("14:30", 10))
    one = only(compare({"a": charge("2.00")}, totals, pricer.change))
    assert told(one) == [(3, BEFORE, Decimal("2.0"), True)]


def test_nothing_is_explained_where_both_agree(pricer: Pricer) -> None:
    totals = audited(pricer, ("10:30", 10), ("12:30", 10))
    assert only(compare({"a": charge("3.00")}, totals, pricer.change)).explanations == ()


def test_models_of_either_side_are_compared_largest_difference_first(pricer: Pricer) -> None:
    totals = audited(pricer, ("10:30", 10))
    found = compare({"b": charge("7.00")}, totals, pricer.change)
    assert [(one.model, one.difference) for one in found] == [("b", Decimal(7)), ("a", Decimal(-1))]
    assert (found[0].audited, found[1].invoiced) == (None, None)


def test_rows_without_a_price_are_counted_with_their_model(pricer: Pricer) -> None:
    totals = audited(pricer, ("10:30", 10), ("10:40", 10), name="unknown")
    one = only(compare({"unknown": charge("1.00")}, totals, pricer.change))
    assert (one.audited, one.unpriced, one.uncertain) == (None, 2, 0)


def test_uncertain_rows_are_counted_with_their_model(pricer: Pricer) -> None:
    one = only(compare({}, audited(pricer, ("11:30", 10), ("10:30", 1)), pricer.change))
    assert (one.uncertain, one.unpriced) == (1, 0)


def test_a_tier_stays_what_each_row_falls_under(pricer_of: MakePricer) -> None:
    def priced(prompt: str, long_prompt: str) -> dict[str, object]:
        return tokens(prompt, "1", tiers={"over_200k": {"text": {"prompt": long_prompt}}})

    cheap, dear = catalog(model("a", priced("1", "3"))), catalog(model("a", priced("2", "5")))
    pricer = pricer_of([("10:00", cheap), ("12:00", dear), ("13:00", dear)])
    totals = Totals()
    for quantity, prompts in ((10, SHORT), (10, LONG)):
        used = {"prompt": Decimal(quantity)}
        totals.add(pricer.price(UsageRow(2, "a", at("12:30"), used, prompts)))
    one = only(compare({"a": charge("40.00")}, totals, pricer.change))
    assert one.audited == 70
    assert told(one) == [(2, BEFORE, Decimal(40), True)]


def test_the_noise_of_a_float_explains_nothing(pricer_of: MakePricer) -> None:
    prices = ("0.10", "0.1000000000000000055", "0.50")
    history: History = [
        (f"{hour}:00", catalog(model("a", tokens(price, "1")), model("b", note=hour)))
        for hour, price in zip((10, 11, 12), prices, strict=True)
    ]
    pricer = pricer_of(history)
    one = only(compare({"a": charge("9.00")}, audited(pricer, ("10:30", 10)), pricer.change))
    assert told(one) == []
