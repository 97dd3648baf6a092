"""An invoice against an audit: agreement, difference, and the change of price that explains it."""

from decimal import Decimal

import pytest

from pricetrail.audit.invoices import comparing
from pricetrail.audit.invoices.comparisons import InvoiceComparison
from pricetrail.audit.invoices.reading import Charge, Invoice
from pricetrail.audit.pricer import Pricer
from pricetrail.audit.totals import Totals
from pricetrail.audit.usage.prompts import Prompts
from pricetrail.audit.usage.rows import UsageRow
from tests.audit.conftest import History, MakePricer
from tests.support.histories import at, catalog, model, tokens

BEFORE, AFTER = "before", "after"
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


class Audited:
    """Rows of a model that were priced, and what an invoice says of it."""

    def __init__(self, pricer: Pricer, *rows: UsageRow) -> None:
        self._pricer, self._rows = pricer, rows

    def compared(self, **charges: str) -> tuple[InvoiceComparison, ...]:
        return self.with_invoice(Invoice({name: charge(text) for name, text in charges.items()}))

    def with_invoice(self, invoice: Invoice) -> tuple[InvoiceComparison, ...]:
        totals = Totals(daily=bool(invoice.days))
        results = [self._pricer.price(row) for row in self._rows]
        for result in results:
            totals.add(result)
        return comparing.compare(invoice, totals, self._pricer, lambda: results).models

    def only(self, text: str) -> InvoiceComparison:
        (one,) = self.compared(a=text)
        return one


def audited(pricer: Pricer, *uses: tuple[str, int], name: str = "a") -> Audited:
    rows = [
        UsageRow(line, name, at(when), {"prompt": Decimal(prompt)}, SHORT)
        for line, (when, prompt) in enumerate(uses, 2)
    ]
    return Audited(pricer, *rows)


def charge(text: str) -> Charge:
    return Charge(Decimal(text), Decimal("0.01"))


def told(one: InvoiceComparison) -> list[tuple[int, str | None, Decimal, bool]]:
    return [
        (each.change.version, each.charged, each.total, each.explains)
        for each in one.explanations
        if each.change is not None
    ]


def test_an_invoice_agrees_up_to_its_own_rounding(pricer: Pricer) -> None:
    usage = audited(pricer, ("10:30", 1))
    assert usage.only("0.10").agrees
    (half,) = usage.with_invoice(Invoice({"a": Charge(Decimal("0.105"), Decimal("0.01"))}))
    assert half.agrees
    beyond = usage.only("0.11")
    assert not beyond.agrees
    assert beyond.difference == Decimal("0.01")


def test_a_change_that_was_charged_too_late_explains_the_difference(pricer: Pricer) -> None:
    one = audited(pricer, ("10:30", 10), ("12:30", 10), ("14:30", 10)).only("3.00")
    assert one.audited == 8
    assert told(one) == [
        (2, BEFORE, Decimal("3.0"), True),
        (2, AFTER, Decimal(9), False),
        (3, BEFORE, Decimal(5), False),
        (3, AFTER, Decimal(15), False),
    ]


def test_the_price_before_the_first_use_can_explain_it_too(pricer: Pricer) -> None:
    one = audited(pricer, ("14:30", 10)).only("2.00")
    assert told(one) == [(3, BEFORE, Decimal("2.0"), True)]


def test_a_change_that_no_use_is_next_to_can_explain_it(pricer: Pricer) -> None:
    """The price of ten o'clock for use after two: that of noon was never charged for anything."""
    one = audited(pricer, ("14:30", 10)).only("1.00")
    assert told(one) == [(2, BEFORE, Decimal("1.0"), True), (3, BEFORE, Decimal(2), False)]
    one = audited(pricer, ("10:30", 10)).only("5.00")
    assert told(one) == [(2, AFTER, Decimal("2.0"), False), (3, AFTER, Decimal(5), True)]


def test_nothing_is_explained_where_both_agree(pricer: Pricer) -> None:
    one = audited(pricer, ("10:30", 10), ("12:30", 10)).only("3.00")
    assert (one.explanations, one.explained_by) == ((), None)


def test_models_of_either_side_are_compared_largest_difference_first(pricer: Pricer) -> None:
    found = audited(pricer, ("10:30", 10)).compared(b="7.00")
    assert [(one.model, one.difference) for one in found] == [("b", Decimal(7)), ("a", Decimal(-1))]
    assert (found[0].audited, found[1].invoiced) == (None, None)


def test_rows_without_a_price_are_counted_with_their_model(pricer: Pricer) -> None:
    usage = audited(pricer, ("10:30", 10), ("10:40", 10), name="unknown")
    (one,) = usage.compared(unknown="1.00")
    assert (one.audited, one.unpriced, one.uncertain) == (None, 2, 0)


def test_uncertain_rows_are_counted_with_their_model(pricer: Pricer) -> None:
    (one,) = audited(pricer, ("11:30", 10), ("10:30", 1)).compared()
    assert (one.uncertain, one.unpriced) == (1, 0)


def test_a_tier_stays_what_each_row_falls_under(pricer_of: MakePricer) -> None:
    pricer = pricer_of(
        [("10:00", tiered("1", "3")), ("12:00", tiered("2", "5")), ("13:00", tiered("2", "5"))]
    )
    one = Audited(pricer, *tiered_rows()).only("40.00")
    assert one.audited == 70
    assert told(one) == [(2, BEFORE, Decimal(40), True)]


def tiered(prompt: str, long_prompt: str) -> dict[str, object]:
    tiers = {"over_200k": {"text": {"prompt": long_prompt}}}
    return catalog(model("a", tokens(prompt, "1", tiers=tiers, cache={"read": "0.1"})))


def tiered_rows(**more: int) -> list[UsageRow]:
    used = {name: Decimal(number) for name, number in more.items()}
    return [
        UsageRow(line, "a", at("12:30"), {"prompt": Decimal(10), **used}, prompts)
        for line, prompts in enumerate((SHORT, LONG), 2)
    ]


@pytest.mark.parametrize(
    ("charged", "why"),
    [
        ("40.00", "tier left out"),
        ("100.00", "tier charged though not due: above 200k"),
        ("140.00", "either charged twice or a constant factor of 2"),
        ("90.00", "charged twice: line 2"),
        ("73.50", "a constant factor of 1.05"),
        ("63.00", "a constant factor of 0.9"),
        ("77.77", "unexplained"),
    ],
)
def test_other_causes_explain_it_too(pricer_of: MakePricer, charged: str, why: str) -> None:
    pricer = pricer_of([("12:00", tiered("2", "5")), ("13:00", tiered("2", "5"))])
    one = Audited(pricer, *tiered_rows()).only(charged)
    assert one.audited == 70
    assert one.explained_by == why


def test_cached_tokens_at_the_full_price_explain_it(pricer_of: MakePricer) -> None:
    pricer = pricer_of([("12:00", tiered("2", "5")), ("13:00", tiered("2", "5"))])
    # 4 tokens for 2 and 4 for 5 dollars instead of 10 cents each.
    one = Audited(pricer, *tiered_rows(cache_read=4)).only("98.00")
    assert (one.audited, one.explained_by) == (Decimal("70.8"), "cached tokens at the full price")


def test_times_of_another_zone_explain_it(pricer: Pricer) -> None:
    """Everything an hour later: the price of noon for what was used at half past eleven."""
    rows = ("10:15", 100), ("11:10", 100), ("13:10", 100), ("14:30", 100)
    moved = Decimal("0.10") * 100 + Decimal("0.20") * 100 + 2 * Decimal("0.50") * 100
    one = audited(pricer, *rows).only(f"{moved:.2f}")
    assert one.explained_by == "another time zone: times 1 hour later"


def test_days_tell_more_than_their_sum(pricer: Pricer) -> None:
    days = {("a", "2026-03-01"): charge("10.00"), ("a", "2026-03-02"): charge("50.00")}
    invoice = Invoice({"a": charge("60.00")}, days)
    rows = [
        UsageRow(2, "a", at("12:30"), {"prompt": Decimal(100)}, SHORT),
        UsageRow(3, "a", at("2026-03-02T10:00:00Z"), {"prompt": Decimal(100)}, SHORT),
    ]
    (one,) = Audited(pricer, *rows).with_invoice(invoice)
    # The old price for all later use would have made the second day cheaper as well.
    why = "another time zone: times 1 to 10 hours earlier"
    assert [(day.day, day.audited, day.explained_by) for day in one.days] == [
        ("2026-03-01", Decimal(20), why),
        ("2026-03-02", Decimal(50), None),
    ]
    assert (one.explained_by, one.agrees) == (why, False)


def test_days_that_only_add_up_do_not_agree(pricer: Pricer) -> None:
    """A zone moves what was used late in the day to the next one, though no price changes."""
    day, next_day = "2026-03-02", "2026-03-03"
    rows = [
        UsageRow(2, "a", at(f"{day}T10:00:00Z"), {"prompt": Decimal(100)}, SHORT),
        UsageRow(3, "a", at(f"{day}T23:30:00Z"), {"prompt": Decimal(30)}, SHORT),
        UsageRow(4, "a", at(f"{next_day}T15:00:00Z"), {"prompt": Decimal(7)}, SHORT),
    ]
    days = {("a", day): charge("50.00"), ("a", next_day): charge("18.50")}
    (one,) = Audited(pricer, *rows).with_invoice(Invoice({"a": charge("68.50")}, days))
    assert (one.difference, one.agrees) == (Decimal(0), False)
    assert one.explained_by == "another time zone: times 1 to 8.75 hours later"


def test_a_factor_on_all_models_is_known_by_all_of_them(pricer_of: MakePricer) -> None:
    prices = {"a": "1", "b": "3", "c": "7"}
    shown = catalog(*(model(name, tokens(price, "1")) for name, price in prices.items()))
    pricer = pricer_of([("10:00", shown), ("12:00", shown)])
    rows = [UsageRow(2, name, at("10:30"), {"prompt": Decimal(100)}, SHORT) for name in prices]
    found = Audited(pricer, *rows).compared(a="108.37", b="325.11", c="758.59")
    assert {one.explained_by for one in found} == {"a constant factor of 1.0837"}
    (alone, *_) = Audited(pricer, *rows).compared(a="108.3700")
    assert alone.explained_by is None


def test_names_of_the_invoice_are_those_of_the_usage(pricer: Pricer) -> None:
    invoice = Invoice({"vendor/A": charge("0.50"), "a-2026-01-01": charge("0.50")})
    (one,) = audited(pricer, ("10:30", 10)).with_invoice(invoice)
    assert (one.model, one.agrees, one.named) == ("a", True, ("vendor/A", "a-2026-01-01"))


def test_the_noise_of_a_float_explains_nothing(pricer_of: MakePricer) -> None:
    prices = ("0.10", "0.1000000000000000055", "0.50")
    history: History = [
        (f"{hour}:00", catalog(model("a", tokens(price, "1")), model("b", note=hour)))
        for hour, price in zip((10, 11, 12), prices, strict=True)
    ]
    one = audited(pricer_of(history), ("10:30", 10)).only("9.37")
    assert (told(one), one.explained_by) == ([(3, AFTER, Decimal("5.0"), False)], "unexplained")
