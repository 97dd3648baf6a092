"""What the writers of price files ask a model."""

from datetime import date
from decimal import Decimal

import pytest

from pricetrail.catalog import bills
from pricetrail.queries.formats.priced import NO_AMOUNT, NO_PLACE, LeftOut, times, told_apart
from tests.queries.formats.priced_models import DAY, TIERED, listed, priced
from tests.support.histories import tokens


def test_a_rate_is_what_a_bill_charges() -> None:
    model = priced("a", TIERED)
    assert model.thresholds == (200_000,)
    above = model.rate(bills.CACHE_READ, 200_000)
    assert above == ("/pricing/tiers/over_200k/cache/read", Decimal("0.0000006"))
    # What a tier does not name costs what it always does.
    assert model.rate(bills.CACHE_WRITE, 200_000) == model.rate(bills.CACHE_WRITE)
    assert model.rate(bills.INPUT_IMAGE) is None
    # Reasoning only follows: it has no price of its own.
    assert model.rate(bills.REASONING) == model.rate(bills.COMPLETION)
    assert model.own_rate(bills.REASONING) is None


def test_what_is_not_carried_is_left_out_with_its_reason() -> None:
    model = priced("a", tokens("free", "0.1", x={"y": "1"}))
    whys = {"/pricing/text/prompt": "because", "/pricing/x/y": "because"}
    assert model.left_out(["/pricing/text/completion"]) == [
        LeftOut("a", "/pricing/text/prompt", NO_AMOUNT),
        LeftOut("a", "/pricing/x/y", NO_PLACE),
    ]
    assert [item.why for item in model.left_out([], whys)] == [NO_PLACE, NO_AMOUNT, "because"]


@pytest.mark.parametrize(
    ("created", "released"),
    [("2025-08-07T23:00:00-05:00", date(2025, 8, 8)), ("soon", DAY), (None, DAY), (7, DAY)],
)
def test_the_day_of_release_is_that_of_created_at_if_it_is_one(
    created: object, released: date
) -> None:
    assert priced("a", created_at=created).released == released


def test_odd_documents_are_taken_as_they_are() -> None:
    odd = priced("a", display_name=["x"], context_length=True)
    assert (odd.name, odd.context_length) == ("a", None)
    without = priced("a", context_length=4096)
    without.document["pricing"] = None
    assert (without.kind, without.context_length) == (None, 4096)


def test_ids_that_differ_by_case_alone_are_one_to_some_readers() -> None:
    models = [priced(name) for name in ("A", "a", "b")]
    kept, left_out = told_apart(listed(*models))
    assert kept == [models[0], models[2]]
    assert [(item.model, item.path) for item in left_out] == [("a", None)]


def test_a_base_url_is_what_the_list_lies_below() -> None:
    assert listed().base_url == "https://a.example/v1"
    assert listed(url=None).base_url is None


def test_a_price_of_many_is_exact_however_long_it_is() -> None:
    long = Decimal("0.0000001234567890123456789012345678901")
    assert str(times(long, 1_000_000)) == "0.1234567890123456789012345678901"
    assert str(times(Decimal("0.000002"), 1_000_000)) == "2"
