"""Prices as people read them."""

from decimal import Decimal

import pytest

from pricetrail.catalog.prices import Price
from pricetrail.catalog.times import utc
from pricetrail.views.prices import headline, rows_of, show

PROMPT = Price("/pricing/text/prompt", "USD/token", Decimal("0.0000025"))
IMAGE = Price("/pricing/generation/image/per_image", "USD/image", Decimal("0.05"))
ODD = Price("/pricing/text/completion", "USD/token", None, "free")
UNKNOWN = Price("/pricing/per_call", "USD", Decimal("1E-7"))


def test_each_price_has_its_name_a_readable_amount_and_the_exact_one() -> None:
    assert rows_of([PROMPT, IMAGE, UNKNOWN]) == [
        ("prompt", "$2.50 /1M", "0.0000025 USD/token"),
        ("image", "$0.05 per image", "0.05 USD/image"),
        ("per_call", "0.0000001 USD", "0.0000001 USD"),
    ]


def test_prices_on_a_condition_stand_below_its_name(capsys: pytest.CaptureFixture[str]) -> None:
    paths = ("tiers/over_272k/text/prompt", "tiers/batch/over_272k/text/prompt", "cache/read")
    tiers = [Price(f"/pricing/{path}", "USD/token", Decimal("0.000003")) for path in paths]
    tiers.append(
        Price("/pricing/tiers/from_20260901/batch/text/prompt", "USD/token", Decimal("0.000003"))
    )
    night = Price("/pricing/tiers/utc_1630_0030/native/web_search", "USD", Decimal("0.01"))
    show([*tiers, night, PROMPT])
    _, *lines = capsys.readouterr().out.splitlines()
    assert [line.partition("  0.0000")[0].rstrip() for line in lines] == [
        "prompt               $2.50 /1M",
        "cache read           $3.00 /1M",
        "prompt above 272k tokens:",
        "  prompt             $3.00 /1M",
        "16:30 to 00:30 UTC:",
        "  native.web_search  0.01 USD   0.01 USD",
        "batch, prompt above 272k tokens:",
        "  prompt             $3.00 /1M",
        "from 2026-09-01 on, batch:",
        "  prompt             $3.00 /1M",
    ]


def test_what_is_no_amount_is_said_to_be_none() -> None:
    assert rows_of([ODD]) == [("completion", "not an amount: free", "–")]


def test_a_headline_is_the_price_of_its_day() -> None:
    later = Price("/pricing/tiers/from_20260901/text/prompt", "USD/token", Decimal("0.000003"))
    every = (PROMPT, later)
    assert headline(every, PROMPT.path) == "$2.50"
    assert headline(every, PROMPT.path, utc("2026-08-31T23:59:59Z")) == "$2.50"
    assert headline(every, PROMPT.path, utc("2026-09-01")) == "$3.00"


def test_a_headline_is_a_token_price_in_dollars_a_million() -> None:
    every = (PROMPT, IMAGE, ODD, UNKNOWN)
    assert headline(every, PROMPT.path) == "$2.50"
    assert [headline(every, path) for path in (IMAGE.path, ODD.path, "/pricing/x")] == [None] * 3
