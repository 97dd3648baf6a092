"""Usage rows into quantities per model, day and price path."""

from decimal import Decimal

from pricetrail.audit.aggregate import aggregate
from pricetrail.audit.usage.rows import BadRow
from tests.audit.conftest import MakePricer
from tests.audit.made import usage_row
from tests.support.histories import at, catalog, model, tokens

DAY = "2026-03-01"
PROMPT, COMPLETION = "/pricing/text/prompt", "/pricing/text/completion"
LONG = "/pricing/tiers/over_200k/text/prompt"


def test_without_a_catalog_quantities_go_under_the_usual_paths() -> None:
    rows = [usage_row(2, prompt=10, reasoning=3), usage_row(3, "b", prompt=1), usage_row(4)]
    usage = aggregate([*rows, rows[0]._replace(at=at("2026-03-02"))], None)
    assert usage.quantities == {
        ("a", DAY, PROMPT): 20,
        ("a", DAY, COMPLETION): 3,
        ("b", DAY, PROMPT): 1,
        ("a", "2026-03-02", PROMPT): 10,
        ("a", "2026-03-02", COMPLETION): 3,
    }
    assert (usage.rows, usage.models, usage.refused) == (4, 2, 0)


def test_a_long_prompt_goes_under_its_tier_and_a_sum_under_the_usual_price(
    pricer_of: MakePricer,
) -> None:
    tiers = {"over_200k": {"text": {"prompt": "2"}}}
    pricer = pricer_of([("10:00", catalog(model("a", tokens("1", "1", tiers=tiers))))])
    rows = [usage_row(prompt=300_000), usage_row(prompt=400_000, longest=400_000)]
    assert aggregate(rows, pricer).quantities == {
        ("a", DAY, LONG): 300_000,
        ("a", DAY, PROMPT): 400_000,
    }


def test_rows_without_a_known_price_are_refused_and_the_first_are_named() -> None:
    rows = [usage_row(line, seconds=8) for line in range(2, 8)]
    usage = aggregate([BadRow(1, None, None, "it has no time"), *rows, usage_row(9)], None)
    assert (usage.rows, usage.refused) == (1, 7)
    assert usage.reasons[:2] == (
        "line 1: it has no time",
        "line 2: which price is seconds charged by?",
    )
    assert len(usage.reasons) == 5


def test_what_is_known_of_a_row_is_taken_and_sums_are_exact() -> None:
    row = usage_row(prompt=1, seconds=8)
    fine = row._replace(used=row.used | {"prompt": Decimal("1e-30")})
    usage = aggregate([row, fine], None)
    assert usage.quantities == {("a", DAY, PROMPT): Decimal("1." + "0" * 29 + "1")}
